"""Queries as operators type them: an address of a company, spoilt in one way. What the ways do is taken from how people write, not from
how the program reads. A way gives a Typed, or None where it does not apply to the address."""
import re

from address_city import FORMS, GARDEN_KINDS, GENDER

KEYS = dict(zip("ёйцукенгшщзхъфывапролджэячсмитьбю.", "`qwertyuiop[]asdfghjkl;'zxcvbnm,./"))
NEAR = {}
for row in ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"):
    for left, right in zip(row, row[1:]):
        NEAR.setdefault(left, []).append(right)
        NEAR.setdefault(right, []).append(left)
LATIN = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya".split(" ")))
ALIKE = dict(zip("асеорхуАВЕКМНОРСТХ", "aceopxyABEKMHOPCTX"))
FIRST = {"А": "Александра", "Л": "Льва", "М": "Максима", "К": "Карла", "Н": "Николая", "Ф": "Фридриха", "В": "Валентины", "З": "Зои",
         "Б": "Богдана", "И": "Ивана", "С": "Сергея", "Р": "Розы", "Д": "Демьяна", "Ю": "Юрия", "О": "Олега", "П": "Петра"}
TITLES = {"Генерала": "ген.", "Маршала": "марш.", "Академика": "ак.", "Адмирала": "адм.", "Лейтенанта": "лейт.", "Профессора": "проф.",
          "Капитана": "кап.", "Космонавта": "косм.", "Большая": "б.", "Малая": "м.", "Верхняя": "верх.", "Нижняя": "ниж.",
          "ген.": "генерала", "ак.": "академика", "Б.": "большая", "М.": "малая"}
ORDINALS = ["", "перв", "втор", "трет", "четверт", "пят", "шест", "седьм", "восьм", "девят", "десят", "одиннадцат", "двенадцат",
            "тринадцат", "четырнадцат", "пятнадцат"]


class Typed:
    """The text, and what the judge is told of it: the words of the name in Cyrillic, kinds, settlement, house typed or not."""

    def __init__(self, text, name, kind="", settlement=None, house=True, kinds=None):
        self.text, self.name, self.settlement, self.house = text, name, settlement, house
        self.kinds = kinds if kinds is not None else ({kind} if kind else set())


def bare(name):
    return re.sub(r"[«»\".,]", " ", name).strip()


def kind_text(random, kind):
    return random.choice(FORMS[kind]) if kind in FORMS else kind


def join(random, *parts):
    return random.choice((" ", " ", ", ")).join(p for p in parts if p)


def street_text(random, place, name=None, chance=0.6):
    """The name with its kind before or after, or without; returns text and kind."""
    name = name or place.name
    if not place.kind or random.random() > chance:
        needs = not place.kind or bare(name).split()[0][0].isdigit() and len(name.split()) == 1
        if not needs or not place.kind:
            return name, ""
    form = kind_text(random, place.kind)
    return (("%s %s" % (form, name)) if random.random() < 0.6 else ("%s %s" % (name, form))), place.kind


def plain(random, place, house):
    text, kind = street_text(random, place)
    return Typed(random.choice((str, str.lower, str.upper))(("%s %s" % (text, house)).strip()), place.name, kind)


def kinds(random, place, house):
    if place.kind not in FORMS:
        return None
    form = kind_text(random, place.kind)
    text = random.choice(("%s %s", "%s. %s")) % (form.rstrip("."), place.name) if random.random() < 0.5 else "%s %s" % (place.name, form)
    return Typed(join(random, text, house), place.name, place.kind)


def order(random, place, house):
    words = place.name.split()
    if re.search(r"\d", place.name) or len(words) > 3:
        return None
    name = " ".join(reversed(words))
    form = kind_text(random, place.kind) if place.kind else ""
    ways = [join(random, form, name, house)]
    if len(words) == 1:
        ways = ["%s %s %s" % (name, form, house), "%s %s, %s" % (house, form, name) if house.isdigit() and form else "%s %s %s" % (name, form, house)]
    return Typed(random.choice(ways).strip(), place.name, place.kind)


def yo(random, place, house):
    if not re.search("[ёъьЁЪЬе]", place.name):
        return None
    changed = place.name.replace("ё", "е").replace("Ё", "Е")
    if re.search("[ъь]", place.name) and random.random() < 0.6:
        changed = random.choice((changed.replace("ъ", "ь"), changed.replace("ъ", ""), changed.replace("ь", ""), changed.replace("ь", "ъ")))
    if changed == place.name:
        spots = [i for i, c in enumerate(changed) if c == "е"]
        if not spots:
            return None
        at = random.choice(spots)
        changed = changed[:at] + "ё" + changed[at + 1:]
    text, kind = street_text(random, place, changed)
    return Typed("%s %s" % (text, house), place.name, kind)


def ordinal_word(number, gender):
    if number >= len(ORDINALS):
        return None
    stem = ORDINALS[number]
    endings = {"f": "ая", "m": "ый", "n": "ое"}
    if number == 3:
        endings = {"f": "ья", "m": "ий", "n": "ье"}
    elif number in (2, 6, 7, 8):
        endings["m"] = "ой"
    return stem + endings[gender]


def ordinals(random, place, house):
    found = re.search(r"\b(\d+)-?(я|й|е|ая|ый|ой)\b", place.name)
    if not found or place.kind not in FORMS:
        return None
    number, gender = int(found.group(1)), GENDER[place.kind]
    full = {"f": "%d-ая", "m": "%d-ый", "n": "%d-ое"}[gender] % number
    word = ordinal_word(number, gender)
    said = random.choice([str(number), found.group(0), full, found.group(0).replace("-", "")] + ([word, word] if word else []))
    rest = (place.name[:found.start()] + place.name[found.end():]).split()
    form = kind_text(random, place.kind)
    ways = [[said] + rest + [form], [said, form] + rest, [form, said] + rest]
    if rest:
        ways += [[form] + rest + [said if not said.isdigit() else found.group(0)]]
    elif said.isdigit() and place.kind != "линия":
        ways = ways[:2]
    return Typed("%s, %s" % (" ".join(random.choice(ways)), house), place.name, place.kind)


def house_forms(random, place, house):
    typed = other_house(random, house)
    if typed is None:
        return None
    text, kind = street_text(random, place)
    return Typed("%s %s" % (text, typed), place.name, kind)


def other_house(random, house):
    """The same house, written in another way."""
    parts = re.match(r"(вл\. )?(\d+)(?:[ -]?([А-Яа-я])(?![а-яА-Я])(\d*)|/(\d+)([А-Я]?)| ?(?:корп\.|к) ?(\d+)| литера ([А-Я]))?(?: стр\. (\d+))?$", house)
    if not parts:
        return None
    owner, number, letter, more, slash, slash_letter, block, lit, building = parts.groups()
    pick = random.choice
    text = pick(("%s", "д. %s", "дом %s", "д %s", "д.%s", ", %s", "№ %s", "№%s")) % number
    if owner:
        text = pick(("%s", "вл. %s", "вл %s", "владение %s", "д. %s")) % number
    if letter:
        text += pick((letter.upper(), letter.lower(), " " + letter.upper(), " " + letter.lower(), "-" + letter.upper())) + (more or "")
    if lit:
        text += pick((" лит. " + lit, " литера " + lit, " лит " + lit.lower(), lit.lower(), lit))
    if slash:
        text += pick(("/%s", "/%s", " / %s")) % slash + (pick((slash_letter, slash_letter.lower())) if slash_letter else "")
    if block:
        text += pick(("к%s", " к %s", " к. %s", " корп %s", " корп. %s", " корпус %s", "к.%s", "/%s" if not building else "к%s")) % block
    if building:
        text += pick((" стр. %s", " стр %s", "с%s", " строение %s", " с%s")) % building
    if random.random() < 0.25:
        text += pick((" кв. %d", ", кв %d", " кв.%d", " квартира %d")) % random.randint(1, 90)
    return text


def with_settlement(random, place, house, name=None, after=None):
    town = place.settlement
    said = random.choice((town.name, town.text, town.name.lower(), "%s %s" % (town.kind.rstrip("."), town.name)))
    text, kind = street_text(random, place, name)
    address = "%s %s" % (text, house)
    after = random.random() < 0.5 if after is None else after
    whole = join(random, address, said) if after else join(random, said, address)
    return Typed(whole, name or place.name, kind, town)


def settlement(random, place, house):
    return with_settlement(random, place, house)


def mistake(random, word):
    at = random.randrange(len(word))
    way = random.randrange(5)
    if way == 0 and len(word) > 4:
        return word[:at] + word[at + 1:]
    if way == 1:
        return word[:at] + word[at] + word[at:]
    if way == 2 and at + 1 < len(word) and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2:]
    if way == 3:
        return word[:at] + random.choice("абвгдежзиклмнопрстуя") + word[at:]
    letter = random.choice(NEAR.get(word[at], ["о"]) if random.random() < 0.5 else list("аоиеяую"))
    return word[:at] + letter + word[at + 1:]


def typo(random, place, house, errors=None):
    words = place.name.lower().replace("ё", "е").split()
    long = [i for i, w in enumerate(words) if w.isalpha() and len(w) >= 4]
    if not long:
        return None
    at = random.choice(long)
    changed = mistake(random, words[at])
    if len(words[at]) >= 8 and (errors == 2 or random.random() < 0.35):
        changed = mistake(random, changed)
    if changed == words[at] or len(changed) < 4:
        return None
    words[at] = changed
    name = " ".join(words)
    text, kind = street_text(random, place, name)
    return Typed("%s %s" % (text, house), name, kind)


def layout(random, place, house):
    typed = random.choice((plain, kinds, plain))(random, place, house)
    if not typed or not re.search("[а-яё]{4}", typed.text.lower()):
        return None
    text = re.sub(r"[«»\"]", "", typed.text.lower())
    typed.text = "".join(KEYS.get(c, c) for c in text)
    return typed


def translit(random, place, house):
    typed = random.choice((plain, kinds, plain))(random, place, house)
    if not typed or not re.search("[а-яё]{4}", typed.text.lower()):
        return None
    table = dict(LATIN)
    if random.random() < 0.4:
        table.update({"й": "j", "х": "h", "ц": "c", "я": "ja", "ю": "ju"})
    if random.random() < 0.3:
        table.update({"щ": "sch", "ы": "y", "ё": "yo", "ь": "'"})
    typed.text = re.sub(r"[«»]", "", "".join(table.get(c, c) for c in typed.text.lower()))
    return typed


def beginnings(random, place, house):
    words = place.name.split()
    long = [i for i, w in enumerate(words) if w.isalpha() and len(w) >= 6]
    if not long:
        return None
    at = random.choice(long)
    words[at] = words[at][:random.randint(4, len(words[at]) - 1)]
    name = " ".join(words)
    return Typed("%s %s" % (name, house), name)


def initials(random, place, house):
    """A stored initial typed in full, left out, or behind; a stored first name typed as an initial."""
    name = place.name
    found = re.match(r"((?:[А-Я]\. ?)+)([А-Я]\w+)$", name)
    full = re.match(r"([А-Я])[а-яё]+ ([А-Я][а-яё]+)$", name)
    if found:
        letters = re.findall("[А-Я]", found.group(1))
        surname = found.group(2)
        said = random.choice((surname, "%s %s" % (FIRST.get(letters[0], letters[0]), surname), "%s %s." % (surname, ".".join(letters)),
                              "%s. %s" % (letters[0], surname), "%s %s" % (surname, FIRST.get(letters[0], letters[0]))))
    elif full and full.group(1) + full.group(2)[0] and place.name in PEOPLE:
        said = random.choice(("%s. %s" % full.groups(), "%s %s" % full.groups(), "%s %s." % (full.group(2), full.group(1)), full.group(2),
                              "%s %s" % (full.group(2), place.name.split()[0])))
    else:
        return None
    text, kind = street_text(random, place, said)
    return Typed("%s %s" % (text, house), re.sub(r"\b([А-Я])\.", r"\1", said), kind)


PEOPLE = {"Карла Либкнехта", "Розы Землячки", "Степана Разина", "Емельяна Пугачёва", "Сергея Есенина", "Михаила Лермонтова", "Николая Гоголя",
          "Александра Блока", "Ивана Бабушкина"}


def street_alone(random, place, house):
    typed = random.choice((plain, kinds, ordinals, yo))(random, place, "")
    if typed:
        typed.house = False
        typed.text = typed.text.rstrip(", ")
    return typed


def two_together(random, place, house):
    """Two of: typing error, kind in another form, settlement, another form of the house, small letters."""
    first = typo(random, place, house, 1)
    other = other_house(random, house) or house
    if not first:
        return None
    if random.random() < 0.5:
        typed = with_settlement(random, place, house, first.name)
    else:
        text, kind = street_text(random, place, first.name)
        typed = Typed("%s %s" % (text, other), first.name, kind)
    typed.text = typed.text.lower()
    return typed


# --- also typed -----------------------------------------------------------------------------------

def is_garden(place):
    return place.kind in GARDEN_KINDS


def garden(random, place, house):
    if not is_garden(place) or "/" in house or ":" in house:
        return None
    name = random.choice((place.name, '"%s"' % place.name, "«%s»" % place.name, place.name.lower(), place.name.replace("-", " "), place.name.replace("-", "")))
    kind = random.choice((place.kind, place.kind.lower(), ".".join(place.kind) + ".", "/".join(place.kind.lower()) if len(place.kind) == 2 else place.kind))
    number = "".join(c for c in house if c.isdigit())
    said = random.choice((number, "уч. " + number, "участок " + number, "уч " + number, "№ " + number, "№" + number, "дом " + number)) if number else ""
    text = ("%s %s" % (kind, name) if random.random() < 0.75 else "%s %s" % (name, kind))
    typed = Typed(join(random, text, said), place.name, place.kind, house=bool(number))
    if random.random() < 0.3:
        typed.text, typed.settlement = join(random, place.settlement.name, typed.text), place.settlement
    return typed


def nested(random, place, house):
    """An association inside a village or town, both said."""
    if not (is_garden(place) or place.nested) or ":" in house:
        return None
    town = random.choice((place.settlement.name, place.settlement.text))
    text = "%s %s" % (place.kind, place.name) if is_garden(place) else place.text
    return Typed(random.choice(("%s, %s, %s" % (town, text, house), "%s %s %s" % (text, house, town), "%s %s, %s" % (text, town, house))).replace(" ,", ","),
                 place.name, place.kind, place.settlement)


def cadastre(random, place, house):
    if not is_garden(place) or not (":" in house or "б/н" in house):
        return None
    said = random.choice(("кад. № ", "кадастровый номер ", "", "уч. ")) + house if ":" in house else random.choice(("б/н", "Б/Н", "бн", "без номера"))
    return Typed("%s %s, %s" % (place.kind, place.name, said), place.name, place.kind)


def two_kinds(random, place, house):
    if place.kind not in ("переулок", "проспект", "проезд", "бульвар", "шоссе", "набережная", "площадь"):
        return None
    form = kind_text(random, place.kind)
    text = random.choice(("ул. %s %s", "улица %s %s", "ул %s %s")) % random.choice(((place.name, form), (form, place.name)))
    return Typed("%s %s" % (text, house), place.name, kinds={"улица", place.kind})


def wrong_kind(random, place, house):
    if place.kind not in ("переулок", "проспект", "улица", "проезд", "бульвар", "шоссе", "площадь", "набережная"):
        return None
    other = random.choice([k for k in ("улица", "переулок", "проезд", "проспект") if k != place.kind])
    return Typed("%s %s %s" % (kind_text(random, other), place.name, house), place.name, other)


def short_kind(random, place, house):
    if place.kind not in ("проспект", "проезд"):
        return None
    return Typed(random.choice(("пр. %s %s", "пр %s %s", "%s пр., %s", "%s пр %s")) % (place.name, house), place.name, kinds={"проспект", "проезд"})


def letter_behind(random, place, house):
    if not house.isdigit():
        return None
    letter = {"х": "х", "с": "с", "п": "п", "г": "г", "д": "д"}.get(place.settlement.kind[0].lower())
    if not letter or place.settlement.kind.startswith(("ст", "сл")):
        return None
    text, kind = street_text(random, place)
    return Typed("%s %s %s%s %s" % (text, house, letter, random.choice((".", "")), place.settlement.name), place.name, kind, place.settlement)


def blanks(random, place, house):
    form = kind_text(random, place.kind) if place.kind else ""
    ways = []
    words = place.name.split()
    if form.endswith("."):
        ways.append("%s%s %s" % (form, place.name, house))
        ways.append("%s%s%s" % (form, place.name, house))
    if len(words) == 2 and all(w.isalpha() for w in words):
        ways += ["%s %s" % ("".join(words), house), "%s-%s %s" % (words[0], words[1], house)]
    if "-" in place.name and re.match(r"\w{3,}-\w{3,}$", place.name):
        ways += ["%s %s" % (place.name.replace("-", ""), house), "%s %s" % (place.name.replace("-", " "), house)] * 2
    if re.match(r"(Ново|Старо|Верхне|Нижне|Красно)(?=[а-я]{4})", place.name):
        start = re.match(r"Ново|Старо|Верхне|Нижне|Красно", place.name).group(0)
        ways += ["%s-%s %s" % (start, place.name[len(start):], house), "%s %s %s" % (start, place.name[len(start):], house)]
    if house.isdigit() and place.name.replace(" ", "").isalpha():
        ways.append("%s%s" % (place.name, house))
    if not ways:
        return None
    text = random.choice(ways)
    return Typed(random.choice((text, text.lower())), place.name, place.kind if form and text.startswith(form) else "")


def titles(random, place, house):
    words = place.name.split()
    if words[0] not in TITLES or len(words) < 2:
        return None
    said = [TITLES[words[0]]] + words[1:]
    name = " ".join(said)
    text, kind = street_text(random, place, random.choice((name, name.replace(".", ". ").replace("  ", " "), name.replace(". ", "."))))
    return Typed("%s %s" % (text, house), name.replace(".", ""), kind)


def years(random, place, house):
    found = re.match(r"(\d+)(?:-летия| лет) (.+)$", place.name)
    if not found:
        return None
    said = random.choice(("%s лет %s", "%s-летия %s", "%s летия %s", "%sлет %s", "%s-летие %s")) % found.groups()
    text, kind = street_text(random, place, said)
    return Typed("%s %s" % (text, house), place.name, kind)


def alike(random, place, house):
    text, kind = street_text(random, place)
    spots = [i for i, c in enumerate(text) if c in ALIKE]
    if len(spots) < 2 or len(text) < 6:
        return None
    for at in random.sample(spots, random.randint(1, min(3, len(spots)))):
        text = text[:at] + ALIKE[text[at]] + text[at + 1:]
    if not all(re.search("[а-яА-Я]", w) for w in re.findall(r"[^\W\d]+", text)):
        return None
    if house[-1:] in ALIKE and random.random() < 0.5:
        house = house[:-1] + ALIKE[house[-1]]
    return Typed("%s %s" % (text, house), place.name, kind)


CASES = [("ая", "ой"), ("яя", "ей"), ("ий", "ем"), ("ый", "ом"), ("ой", "ом"), ("ое", "ом"), ("ее", "ем")]
KIND_CASES = {"улица": "улице", "переулок": "переулке", "проезд": "проезде", "площадь": "площади", "шоссе": "шоссе", "бульвар": "бульваре",
              "набережная": "набережной", "проспект": "проспекте", "тупик": "тупике", "аллея": "аллее", "линия": "линии", "дорога": "дороге"}


def spoken(random, place, house):
    words = place.name.split()
    if not all(w.isalpha() for w in words) or place.kind not in KIND_CASES:
        return None
    changed, said = False, []
    for word in words:
        for ending, other in CASES:
            if word.endswith(ending) and len(word) > 4:
                soft = word[-3] in "гкхжчшщ" and ending == "ий"
                word, changed = word[:-2] + ("ом" if soft and word[-3] in "гкх" else other), True
                break
        said.append(word)
    name = " ".join(said)
    if not changed and random.random() < 0.6:
        return None
    kind = KIND_CASES[place.kind]
    start = random.choice(("на ", "на ", "")) if place.kind not in ("переулок", "проезд", "тупик") else random.choice(("в ", "на ", ""))
    text = random.choice(("%s%s" % (start, name), "%s%s %s" % (start, kind, name), "%s%s %s" % (start, name, kind)))
    typed = Typed("%s %s" % (text.lower(), random.choice((house, "дом " + house, "в доме " + house))), place.name,
                  place.kind if kind in text else "")
    if random.random() < 0.2:
        typed.text, typed.settlement = "в %s %s" % (place.settlement.name, typed.text), place.settlement
    return typed


WAYS = {
    "plain": plain, "kinds": kinds, "order": order, "ё ъ ь": yo, "ordinals": ordinals, "house forms": house_forms, "settlement": settlement,
    "typing errors": typo, "layout": layout, "transliteration": translit, "beginnings": beginnings, "initials": initials,
    "street alone": street_alone, "two together": two_together,
    "also: associations": garden, "also: nested": nested, "also: cadastre": cadastre, "also: two kinds": two_kinds, "also: wrong kind": wrong_kind,
    "also: пр.": short_kind, "also: settlement's letter": letter_behind, "also: blanks, hyphens": blanks, "also: titles": titles,
    "also: years": years, "also: look-alikes": alike, "also: spoken case": spoken,
}
