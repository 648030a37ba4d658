"""A third company, of names and ways of writing that neither of the others has, for queries that a stranger would type after reading the
rules: full addresses with region and index, other romanisations, other spellings of houses, slips in the settlement's name."""
import re

from address_city import GENDER, Place, Settlement, give_houses, give_plots
from address_cases import KEYS, Typed, kind_text, mistake, street_text, typo

CITY = """Лескова|Бунина|Куприна|Циолковского|Менделеева|Ломоносова|Тимирязева|Вернадского|Жуковского|Туполева|Ильюшина|Сикорского|Яблочкова|Попова|Кулибина
Ползунова|Черепановых|Демидовых|Строгановых|Ермака|Дежнёва|Лаптевых|Беринга|Седова|Папанина|Амундсена|Нансена|Миклухо-Маклая|Салтыкова-Щедрина|Мамина-Сибиряка
Новикова-Прибоя|Сакко и Ванцетти|Минина и Пожарского|Кузьмы Минина|Дмитрия Пожарского|Александра Невского|Андрея Рублёва|Ивана Сусанина|Василия Тёркина
Льва Ландау|Сергея Королёва|Юрия Гагарина|Германа Титова|Генерала Лизюкова|Маршала Баграмяна|Адмирала Нахимова|Академика Павлова|Профессора Баумана
Капитана Воронина|Лейтенанта Кижеватова|Космонавта Волкова|Г. Жукова|П. Лумумбы|С. Перовской|Н. К. Крупской|А. Матросова|В. И. Чапаева|О. Дундича
Цветочная|Сиреневая|Ореховая|Каштановая|Рябиновая|Ольховая|Ясеневая|Жасминовая|Ежевичная|Черёмуховая|Смородиновая|Земляничная|Крыжовенная
Кузнечная|Гончарная|Литейная|Плотничная|Кожевенная|Ткацкая|Прядильная|Мукомольная|Элеваторная|Паровозная|Депоcкая|Станционная|Вагоноремонтная
Астраханская|Саратовская|Самарская|Пензенская|Тамбовская|Рязанская|Калужская|Брянская|Смоленская|Псковская|Вологодская|Архангельская|Мурманская
Большая Кузнечная|Малая Кузнечная|Верхняя Слободская|Нижняя Слободская|Старая Дубровка|Новая Дубровка|Дальняя Роща|Красный Бор|Светлая Поляна|Зелёный Луг
1-я Лагерная|2-я Лагерная|3-я Лагерная|Вторая Советская|5-я Парковая|11-я Парковая|16-я Парковая|1-й Мая|23 Февраля|12 Декабря|3 Июля|1917 Года|9 Пятилетки
55 лет Победы|30-летия Октября|80 лет ВЛКСМ|100-летия Города|35 лет Комсомола|Ново-Прудская|Старопрудская|Верхне-Волжская|Нижневолжская|Красноказарменная
Северо-Восточная|Юго-Западная|Железнодорожников|Машинистов|Энтузиастов|Первостроителей|Авиаторов|Металлистов|Речников|Объединения|Съездовская|Въездная
Подъячева|Шелковичная|Ключевая|Родниковая|Кольцевая|Окружная|Поперечная|Продольная|Угловая|Крайняя|Средняя|Тополёвая|Берёзовая Роща""".replace("\n", "|").replace("Депоcкая", "Деповская").split("|")
VILLAGES = [("с", "Дубровное"), ("с", "Большой Ключ"), ("д", "Малиновка"), ("д", "Верхние Пруды"), ("д", "Нижние Пруды"), ("п", "Первомайский"),
            ("рп", "Заозёрный"), ("пгт", "Светлый Яр"), ("х", "Каменный Брод"), ("х", "Большой Суходол"), ("ст-ца", "Нижнечирская"), ("аул", "Кошехабль"),
            ("с", "Усть-Лужица"), ("с", "Петро-Павловка"), ("п", "совхоза Победа"), ("д", "Ёлкино"), ("с", "Объячево"), ("д", "Подъельники")]
VILLAGE = """Луговая|Садовая|Центральная|Молодёжная|Школьная|Речная|Лесная|Мира|Новая|Полевая|Родниковая|Кооперативная|Механизаторов|Дачная|Заовражная
Студёная|Животноводов|Славы|Просторная|Радужная""".replace("\n", "|").split("|")
GARDENS = """Вишенка|Малинка|Пчёлка|Светлячок|Незабудка|Подснежник|Геолог-2|Геолог-3|Металлург|Шинник-1|Шинник-4|Авиатор|Рябинушка|Солнечный|Кедр|Лукоморье
Тополёк|Журавушка|Связист|Факел|Полёт-3|Нефтяник|Буровик|Ивушка|Золотой Колос|Лесные Дали|Берёзовая Роща|50 лет Октября|Заречный Сад|Южный Берег""".replace("\n", "|").split("|")
FULL = {"с": "село", "д": "деревня", "п": "посёлок", "рп": "рабочий посёлок", "пгт": "посёлок", "х": "хутор", "ст-ца": "станица", "аул": "аул", "г": "город"}
REGION, DISTRICT = "Приозёрская", "Дубровинский"


def make_strange_company(random):
    city = Settlement("г Приозёрск-Камский", "Приозёрск-Камский", "г")
    for name in CITY:
        for way in random.sample(["улица"] * 5 + ["переулок", "проспект", "проезд", "бульвар", "тупик"], random.choice((1, 1, 1, 2))):
            if re.search("(ая|яя)$", name.split()[-1]) or re.search(r"\d-я", name):
                way = random.choice(("улица", "улица", "набережная", "аллея"))
            if all(p.name != name or p.kind != way for p in city.places):
                form = {"улица": "ул", "переулок": "пер", "проспект": "пр-кт", "бульвар": "б-р", "тупик": "туп", "набережная": "наб", "аллея": "ал"}.get(way, way)
                city.places.append(Place(city, "%s %s" % (form, name) if random.random() < 0.8 else "%s %s" % (name, form), name, way))
    settlements = [city]
    for kind, name in VILLAGES:
        village = Settlement("%s %s" % (kind, name), name, kind)
        for street in random.sample(VILLAGE, random.randint(4, 9)):
            way = random.choice(("улица", "улица", "улица", "переулок"))
            village.places.append(Place(village, "%s %s" % ({"улица": "ул", "переулок": "пер"}[way], street), street, way))
        settlements.append(village)
    for name in GARDENS:
        for kind in random.sample(["СНТ", "СТ", "ТСН", "ДНП", "ГК", "ГСК"], 2):
            home = random.choice(settlements)
            text = random.choice(("%s «%s»", '%s "%s"', "%s %s")) % (kind, name)
            place = Place(home, text, name, kind)
            give_plots(random, place)
            if all(p.text != text for p in home.places):
                home.places.append(place)
    for settlement in settlements:
        for place in settlement.places:
            if not place.houses:
                give_houses(random, place, 14)
    return settlements


def full_address(random, place, house):
    """As in a contract: index, region, district, settlement with its kind, street with its kind, house."""
    town = place.settlement
    head = []
    if random.random() < 0.7:
        head.append("%d" % random.randint(610000, 612999))
    head.append(random.choice(("%s обл.", "%s область", "%s обл")) % REGION)
    if town.kind != "г":
        head.append(random.choice(("%s район", "%s р-н", "%s р-он")) % DISTRICT)
    head.append(random.choice(("%s. %s", "%s %s")) % (random.choice((town.kind, FULL[town.kind])), town.name))
    street = "%s %s" % (place.kind if place.kind not in GENDER else kind_text(random, place.kind), place.name)
    number = re.sub(r"^(вл\. |участок |уч\.? ?|№ )", "", house)
    flat = random.choice(("", "", ", кв. %d" % random.randint(1, 90))) if place.kind in GENDER else ""
    text = random.choice((", ", " ", ",")).join(head + [street, random.choice(("%s", "д. %s", "дом %s")) % number if number else ""]) + flat
    return Typed(text.rstrip(", "), place.name, place.kind, town, house=bool(number))


def slipped_settlement(random, place, house):
    name = place.settlement.name.lower()
    words = name.split()
    at = random.randrange(len(words))
    if len(words[at]) < 6 or len(place.name) < 5 or place.settlement.kind == "г":
        return None
    words[at] = mistake(random, words[at])
    text, kind = street_text(random, place)
    said = " ".join(words)
    return Typed(random.choice(("%s, %s %s", "%s %s %s")) % (said, text, house) if random.random() < 0.6 else "%s %s, %s" % (text, house, said),
                 place.name, kind, place.settlement)


LATIN = [dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", row.split(" "))) for row in (
    "a b v g d e yo zh z i j k l m n o p r s t u f x c ch sh shh  y ' e yu ya",
    "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y  e iu ia",
    "a b v g d ye yë zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya",
    "a b v g d e jo zh z i j k l m n o p r s t u f h c ch sh sch  y  e ju ja",
    "a b w g d e yo zh z i y k l m n o p r s t u f h ts ch sh sch  i  e u ya")]


def romanised(random, place, house):
    text, kind = street_text(random, place)
    if not re.search("[а-яё]{4}", text.lower()):
        return None
    table = random.choice(LATIN)
    typed = "".join(table.get(c, c) for c in ("%s %s" % (text, house)).lower())
    return Typed(re.sub("[«»ë]", lambda m: "e" if m.group(0) == "ë" else "", typed), place.name, kind)


def any_layout(random, place, house):
    typed = random.choice((full_address, other_slips, house_spelt))(random, place, house)
    if not typed or not re.search("[а-яё]{4}", typed.text.lower()):
        return None
    text = typed.text.lower().replace("«", "").replace("»", "").replace('"', "")
    typed.text = "".join({",": "?", ".": "/"}.get(c) or KEYS.get(c, c) for c in text)
    return typed


def other_slips(random, place, house):
    return typo(random, place, house)


def house_spelt(random, place, house):
    parts = re.match(r"(\d+)(?:/(\d+)| ?(?:корп\.|к) ?(\d+))?( ?[А-Яа-я])?$", house)
    if not parts or place.kind not in GENDER:
        return None
    number, slash, block, letter = parts.groups()
    said = random.choice(("%s", "д%s", "дом № %s", "двлд %s", "дом номер %s", "Д.%s", "домовладение %s")) % number
    if slash:
        said += random.choice(("/%s", "\\%s", " дробь %s", "-%s", " %s")) % slash
    if block:
        said += random.choice(("корп%s", " корпус №%s", "к.%s", " кор. %s", "-%s", "/%s")) % block
    if letter:
        said += random.choice((" литер %s", " лит.%s", "%s", " буква %s")) % letter.strip()
    said += random.choice(("", "", ", кв.%d" % random.randint(1, 99), " квартира %d" % random.randint(1, 99), " под. 2 эт. 3 кв. 41"))
    text, kind = street_text(random, place)
    return Typed("%s %s" % (text, said), place.name, kind)


def spoken_place(random, place, house):
    """In the order in which it is said on the telephone."""
    town = place.settlement
    if place.kind not in GENDER or town.kind == "г" and random.random() < 0.5:
        return None
    text, kind = street_text(random, place)
    start = random.choice(("%s", "у нас %s", "это %s", "адрес %s", "улица %s" if kind == "улица" or not kind and place.kind == "улица" else "%s"))
    text = start % text
    if random.random() < 0.5:
        return Typed("%s %s" % (text, house), place.name, kind or ("улица" if "улица" in text else ""))
    return Typed("%s %s, дом %s" % (town.name, text, house), place.name, kind or ("улица" if "улица" in text else ""), town)


STRANGE = {"also: full address": full_address, "also: slip in settlement": slipped_settlement, "romanised": romanised, "other layout": any_layout,
           "house spelt": house_spelt, "said": spoken_place}
