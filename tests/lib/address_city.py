"""Companies to search in, made of lists of real names: settlements, streets, associations, houses. The same seed makes the same one.

A street is written in the ways that companies write them, and so is a house: each premises row is what an import would hold.
"""
import csv
import os
import re

SHARED = os.environ.get("PULT_SHARED") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared")
DATA = os.path.join(SHARED, "data", "cyrillic")

# How one kind is written: full first.
FORMS = {
    "улица": ["улица", "ул.", "ул"], "переулок": ["переулок", "пер.", "пер", "пер-к"], "проезд": ["проезд", "пр-д", "пр-зд"],
    "площадь": ["площадь", "пл.", "пл"], "шоссе": ["шоссе", "ш.", "ш"], "бульвар": ["бульвар", "б-р", "бул.", "бул"],
    "набережная": ["набережная", "наб.", "наб"], "проспект": ["проспект", "пр-т", "пр-кт", "просп.", "просп"],
    "тупик": ["тупик", "туп.", "туп"], "аллея": ["аллея", "ал."], "квартал": ["квартал", "кв-л"], "линия": ["линия"],
    "дорога": ["дорога", "дор."], "микрорайон": ["микрорайон", "мкр.", "мкр", "мкр-н", "м-н"], "тракт": ["тракт"],
}
SPB = {"ул.": "улица", "ул": "улица", "ул/": "улица", "пер.": "переулок", "ш.": "шоссе", "шоссе": "шоссе", "пр.": "проспект",
       "просп.": "проспект", "проезд": "проезд", "Проезд": "проезд", "пр-д": "проезд", "кв-л": "квартал", "пл.": "площадь",
       "бул.": "бульвар", "наб.": "набережная", "Линия": "линия", "дор.": "дорога", "дорога": "дорога", "аллея": "аллея",
       "ал.": "аллея", "тупик": "тупик"}
GENDER = {"улица": "f", "переулок": "m", "проезд": "m", "площадь": "f", "шоссе": "n", "бульвар": "m", "набережная": "f",
          "проспект": "m", "тупик": "m", "аллея": "f", "квартал": "m", "линия": "f", "дорога": "f", "микрорайон": "m", "тракт": "m"}

# People, titles, years, compounds: what the lists of suburbs lack. (As stored, kind apart.)
TOWN = """А. С. Пушкина|Л. Н. Толстого|М. Горького|К. Маркса|Н. Островского|А.П. Чехова|Ф. Энгельса|В. Терешковой|З. Космодемьянской|Б. Хмельницкого
И. Франко|С. Лазо|Р. Люксембург|Д. Бедного|Ю. Гагарина|О. Кошевого|Карла Либкнехта|Розы Землячки|Степана Разина|Емельяна Пугачёва|Сергея Есенина
Михаила Лермонтова|Николая Гоголя|Александра Блока|Ивана Бабушкина|Петра Великого|Генерала Доватора|Маршала Рокоссовского|Академика Королёва
Адмирала Ушакова|Лейтенанта Шмидта|Профессора Попова|Капитана Гастелло|Космонавта Комарова|ген. Панфилова|ак. Курчатова|Большая Морская|Малая Морская
Большая Подгорная|М. Подгорная|Б. Казачья|Верхняя Заречная|Нижняя Заречная|Старая Слободка|Новая Слободка|40 лет Октября|50-летия Победы|60 лет СССР
30 лет ВЛКСМ|70-летия Октября|10 лет Независимости|8 Марта|1 Мая|9 Января|7 Ноября|22 Партсъезда|26 Бакинских Комиссаров|9 Пятилетки|Первая Западная
2-я Западная|3-я Краснодонская|1-я Краснодонская|Ново-Ямская|Старо-Почтовая|Северо-Западная|Нижне-Гниловская|Верхнебульварная|Новомосковская
Красных Партизан|Героев Сталинграда|Памяти Павших Борцов|Парижской Коммуны|Трудовых Резервов|Юных Пионеров|Дружбы Народов|Мира и Труда
Объездная|Подъездная|Съезжинская|Вязьменская|Пильщиков|Королёва|Журавлёва|Зелёная Роща|Тёплый Стан|Звёздная|Берёзовая|Клёновая|Щорса|Чкалова
Кутузова|Суворова|Нахимова|Чапаева|Фрунзе|Котовского|Дзержинского|Кирова|Калинина|Свердлова|Ворошилова|Будённого|Луначарского|Крупской|Бабушкина""".replace("\n", "|").split("|")
STOCK = """Садовая|Ленина|Мира|Центральная|Молодёжная|Школьная|Советская|Новая|Набережная|Лесная|Заречная|Победы|Октябрьская|Степная|Луговая|Зелёная
Первомайская|Комсомольская|Гагарина|Пушкина|Кирова|Полевая|Южная|Северная|Рабочая|Колхозная|Почтовая|Виноградная|Казачья|Донская|Вишнёвая|Кооперативная""".replace("\n", "|").split("|")
GARDENS = """Ромашка|Энергетик|Родник|Берёзка|Дружба|Строитель-2|Железнодорожник|Виктория|Мичуринец|Весна-1|Заря|Рассвет|Авангард|Электрон|Надежда|Мотор-3
Волна|Медик|Нива|Урожай|Садовод|Колос|Автомобилист|Сигнал|Химик-5|Учитель|Прогресс|Текстильщик|Тихий Дон|Красный Сад|40 лет Победы|Лесная Поляна""".replace("\n", "|").split("|")
GARDEN_KINDS = ["СНТ", "СТ", "ТСН", "ДНП", "ГК", "ГСК"]


class Place:
    """A street of a settlement, and the houses on it."""

    def __init__(self, settlement, text, name, kind):
        self.settlement, self.text, self.name, self.kind = settlement, text, name, kind
        self.houses = []  # as stored
        self.nested = False

    def key(self):
        return self.settlement.text, self.text


class Settlement:
    def __init__(self, text, name, kind):
        self.text, self.name, self.kind = text, name, kind
        self.places = []


def house_key(text):
    return "".join(c for c in text.lower() if c.isalnum() or c == "/").replace("корп", "к").replace("литера", "").replace("вл", "").replace("стр", "с")


def give_houses(random, place, most):
    seen, number = set(), 0
    for _ in range(random.randint(3, most)):
        number += random.choice((1, 1, 2, 2, 3))
        forms = ["%d"] * 12 + ["%dА", "%dб", "%d Б", "%d/2", "%d корп. 2", "%dк1", "%d-А", "%dВ", "вл. %d", "%d стр. 1", "%dБ2",
                               "%d корп. 2 стр. 1", "%d/1", "%d литера А", "%d/2Б"]
        for text in (random.choice(forms) % number, random.choice(forms) % number):
            key = house_key(text)
            if key not in seen:
                seen.add(key)
                place.houses.append(text)


def give_plots(random, place):
    style = random.choice(("%d", "уч. %d", "уч.%d", "№ %d", "участок %d"))
    numbers = random.sample(range(1, 400), 14) + random.sample(range(401, 1200), 5)
    place.houses = [style % n for n in numbers]
    if random.random() < 0.25:
        place.houses.append("б/н")
    if random.random() < 0.7:
        place.houses += ["61:44:00%05d:%d" % (random.randint(10000, 99999), random.randint(1, 999)) for _ in range(6)]


def stored_street(random, name, kind):
    form = random.choice(FORMS[kind])
    return random.choice(("%s %s" % (form, name), "%s %s" % (name, form))) if kind else name


def read_suburbs(random):
    towns = {}
    with open(os.path.join(DATA, "spb_streets.csv"), encoding="utf-8") as file:
        for row in csv.DictReader(file):
            words = row["locality"].split()
            if len(words) < 2 or words[-1] not in ("г.", "пос."):
                continue
            town = towns.setdefault(row["locality"], Settlement(row["locality"], " ".join(words[:-1]), words[-1]))
            parts = row["street"].split()
            street = row["street"]
            if any(c in street for c in "[]()"):
                continue
            nested = ", " in street
            kind = SPB.get(parts[-1], "") if len(parts) > 1 else ""
            name = " ".join(parts[:-1]) if kind else street
            if parts[0] == "Линия":
                kind, name = "линия", " ".join(parts[1:])
            place = Place(town, street, name, kind)
            place.nested = nested
            if all(p.text != street for p in town.places):
                town.places.append(place)
    return list(towns.values())


def make_town(random, text, name, kind):
    town = Settlement(text, name, kind)
    for street in TOWN:
        for way in random.sample(["улица", "улица", "улица", "переулок", "проспект", "проезд", "бульвар", "шоссе"], 1):
            town.places.append(Place(town, stored_street(random, street, way), street, way))
    for number in range(1, 9):
        town.places.append(Place(town, random.choice(("%d-я линия", "%d-я Линия", "Линия %d-я")) % number, "%d-я" % number, "линия"))
        town.places.append(Place(town, "%d-й мкр." % number, "%d-й" % number, "микрорайон"))
    return town


def make_villages(random, count):
    with open(os.path.join(DATA, "rostov_localities_fias.csv"), encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";")]
    villages, taken = [], set()
    short = {"хутор": "х.", "посёлок": "пос.", "поселок": "п.", "село": "с.", "станица": "ст-ца", "слобода": "сл.", "деревня": "д."}
    for row in random.sample(rows, len(rows)):
        if len(villages) == count:
            break
        if row["name"] in taken or row["type"] not in short:
            continue
        taken.add(row["name"])
        word = random.choice((row["type"], short[row["type"]], short[row["type"]]))
        village = Settlement(random.choice(("%s %s" % (word, row["name"]), "%s %s" % (row["name"], word))), row["name"], word)
        for street in random.sample(STOCK, random.randint(2, 9)):
            kind = random.choice(("улица", "улица", "улица", "переулок"))
            village.places.append(Place(village, stored_street(random, street, kind), street, kind))
        villages.append(village)
    return villages


def add_gardens(random, settlements):
    for name in GARDENS:
        for kind in random.sample(GARDEN_KINDS, 2):
            home = random.choice(settlements)
            text = random.choice(("%s «%s»", '%s "%s"', "%s %s")) % (kind, name)
            place = Place(home, text, name, kind)
            give_plots(random, place)
            if kind in ("ГК", "ГСК") and random.random() < 0.4:
                place.houses = [""]
            if all(p.text != text for p in home.places):
                home.places.append(place)


def make_company(random, villages=140):
    suburbs = read_suburbs(random)
    town = make_town(random, "г. Новодольск", "Новодольск", "г.")
    small = make_villages(random, villages)
    add_gardens(random, suburbs + small + [town])
    settlements = suburbs + [town] + small
    for settlement in settlements:
        for place in settlement.places:
            if not place.houses:
                give_houses(random, place, 14)
    return settlements


def make_fias_town(random, text, name, kind, names):
    """Streets in the form of the state register: the kind without a stop before the name, the number of an ordinal in front or behind."""
    town = Settlement(text, name, kind)
    for street in names:
        way = random.choice(("улица", "улица", "улица", "улица", "переулок", "проспект", "проезд", "бульвар", "шоссе", "площадь", "тупик", "набережная"))
        if re.search("(ая|яя)$", street):
            way = random.choice(("улица", "улица", "площадь", "набережная"))
        if re.search("(ий|ый|ой)$", street):
            way = random.choice(("переулок", "проезд", "проспект", "тупик"))
        number = random.random() < 0.12 and not re.search(r"\d", street) and random.randint(1, 12)
        ending = {"f": "я", "m": "й", "n": "е"}[GENDER[way]]
        full = random.choice(("%d-%s %s" % (number, ending, street), "%s %d-%s" % (street, number, ending))) if number else street
        form = {"улица": "ул", "переулок": "пер", "проспект": "пр-кт", "проезд": "проезд", "бульвар": "б-р", "шоссе": "ш",
                "площадь": "пл", "тупик": "туп", "набережная": "наб"}[way]
        place = Place(town, "%s %s" % (form, full), full, way)
        if all(p.name != full or p.kind != way for p in town.places):
            town.places.append(place)
    return town


def make_other_company(random):
    """Towns of the whole country with a common stock of names, gardens that are settlements, lanes within gardens, a city of initials."""
    with open(os.path.join(DATA, "ru_cities.csv"), encoding="utf-8") as file:
        cities = [row["city"] for row in csv.DictReader(file) if row["city_type"] == "г" and row["city"]]
    with open(os.path.join(DATA, "spb_streets.csv"), encoding="utf-8") as file:
        stock = sorted({" ".join(row["street"].split()[:-1]) for row in csv.DictReader(file) if row["street"].endswith(("ул.", "пер.")) and row["street"].count(" ") < 3})
    stock = [name for name in stock if re.match(r"[А-ЯЁа-яё -]+$", name)] + TOWN + STOCK
    settlements = []
    for name in random.sample(sorted(set(cities)), 12):
        text = random.choice(("г %s", "г. %s", "город %s", "%s г")) % name
        settlements.append(make_fias_town(random, text, name, "г.", random.sample(stock, random.randint(60, 330))))
    with open(os.path.join(DATA, "lviv_streets.csv"), encoding="utf-8") as file:
        names = sorted({row["name"] for row in csv.DictReader(file) if re.match(r"[А-ЯІЇЄҐа-яіїєґ'’-]+( [А-ЯІЇЄҐ]\.)?$", row["name"])})
    lviv = Settlement("м. Львів", "Львів", "м.")
    lviv.places = [Place(lviv, "вул. " + name, name, "улица") for name in random.sample(names, 150)]
    settlements.append(lviv)
    for name in random.sample([g for g in GARDENS if " " not in g and "-" not in g], 8):
        garden = Settlement(random.choice(("СНТ «%s»", "СНТ %s", "ДНП %s")) % name, name, "СНТ")
        for street in random.sample(STOCK, 5):
            garden.places.append(Place(garden, "ул. " + street, street, "улица"))
        settlements.append(garden)
    add_gardens(random, settlements[:12])
    for settlement in settlements:
        for place in settlement.places:
            if not place.houses:
                give_houses(random, place, 14)
    return settlements


def write_premises(settlements, path):
    """The file that an import takes; returns the number of rows."""
    rows = 0
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow("account node settlement street house flat applicant reliability critical name phone".split())
        for settlement in settlements:
            for place in settlement.places:
                for house in place.houses:
                    rows += 1
                    out.writerow(["A%07d" % rows, "", settlement.text, place.text, house, "", "person", "3", "", "", ""])
    return rows
