"""Which street a typed text names best, by the rule that the search is measured with - and by nothing of the program's.

Fit of a street, the less the better: each typed word 0 equal, 1 a beginning of the street's word, else its distance; +1 another kind (3
where the name is only a number), +1 each word of the street that was not typed, +1 surplus initials, +3 another settlement.
"""
import collections
import functools
import re

FAR = 9
KINDS = {
    "улица": "улица ул", "переулок": "переулок пер", "проезд": "проезд прд", "площадь": "площадь пл", "шоссе": "шоссе ш",
    "бульвар": "бульвар бул бр", "тупик": "тупик туп", "набережная": "набережная наб", "проспект": "проспект просп пркт прт пр",
    "линия": "линия", "аллея": "аллея ал", "тракт": "тракт", "дорога": "дорога дор", "спуск": "спуск", "квартал": "квартал квл",
    "микрорайон": "микрорайон мкр", "территория": "территория тер", "снт": "снт", "ст": "ст", "тсн": "тсн", "днп": "днп", "гк": "гк",
    "гск": "гск", "сдт": "сдт", "садоводство": "садоводство садво",
}
KIND_OF = {form: kind for kind, forms in KINDS.items() for form in forms.split()}
ORDINALS = ("перв втор трет четверт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат").split()
ORDINAL = re.compile("^(%s)(ая|ый|ой|ое|ий|ья|ье|ого|ьего|ей|ом|ем|ьем)$" % "|".join(ORDINALS))


def fold(text):
    return text.lower().replace("ё", "е").replace("ъ", "").replace("ь", "")


def words_of(text):
    """The words of a name, folded: numbers without an ending, first names' full stops kept as a mark."""
    text = fold(text)
    text = re.sub(r"(\d+)\s*-?\s*(?:летия|летие|лет)\b", r"\1 лет", text)
    text = re.sub(r"(\d+)\s*-\s*(?:я|й|е|ая|ый|ой|го|м|ти|ом)\b", r"\1", text)
    text = re.sub(r"\b(пр|б|кв|пер|сад|мкр|р)-(т|кт|д|р|л|к|во|н)\b", r"\1\2", text)
    found = []
    for word in re.findall(r"\d+|[^\W\d_]+\.?", text):
        bare = word.rstrip(".")
        ordinal = ORDINAL.match(bare)
        if ordinal:
            word = str(ORDINALS.index(ordinal.group(1)) + 1)
        if bare not in ("им", "имени"):
            found.append(word)
    return found


class Street:
    """A stored name as the judge reads it."""

    def __init__(self, settlement, text):
        self.settlement, self.text = settlement, text
        words = words_of(text)
        self.kind = ""
        for place in sorted(range(len(words)), key=lambda i: (i not in (0, len(words) - 1), -len(words[i]))):
            bare = words[place].rstrip(".")
            if bare in KIND_OF and len(words) > 1:
                self.kind = KIND_OF[bare]
                del words[place]
                break
        self.initials = [len(w.rstrip(".")) == 1 and not w.isdigit() or (w.endswith(".") and len(w) <= 5) for w in words]
        self.words = [w.rstrip(".") for w in words]
        self.number_only = all(w.isdigit() for w in self.words)


@functools.lru_cache(maxsize=1 << 20)
def distance(a, b):
    """Letters left out, added, changed, or two neighbours exchanged."""
    if abs(len(a) - len(b)) > 3:
        return FAR
    before, last = None, list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            cost = min(last[j - 1] + (left != right), last[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def word_fit(typed, known, initial=False):
    if typed == known:
        return 0
    if typed.isdigit() or known.isdigit():
        return FAR
    if known.startswith(typed) or (initial and typed.startswith(known)):
        return 1
    return min(distance(typed, known), FAR)


class Judge:
    """All streets, and what of them each word comes near."""

    def __init__(self, streets):
        self.streets = streets
        self.with_word = collections.defaultdict(set)
        self.with_joined = collections.defaultdict(set)
        for i, street in enumerate(streets):
            for word in street.words:
                self.with_word[word].add(i)
            self.with_joined["".join(street.words)].add(i)
        self.near = functools.lru_cache(maxsize=1 << 16)(self._near)
        self.shapes = [(word, collections.Counter(word)) for word in self.with_word]

    def _near(self, typed):
        """Words within distance 3, beginning so, or an initial of it, with their fits."""
        letters, found = collections.Counter(typed), {}
        for word, counter in self.shapes:
            if word == typed or word.startswith(typed) or typed.startswith(word):
                found[word] = word_fit(typed, word, typed.startswith(word))
            elif not typed.isdigit() and not word.isdigit() and abs(len(word) - len(typed)) <= 3:
                if sum((letters - counter).values()) <= 3 and distance(typed, word) <= 3:
                    found[word] = distance(typed, word)
        return {word: fit for word, fit in found.items() if fit < FAR}

    def fit(self, street, typed, kind, settlement):
        """`kind`: a set of kinds that were typed (empty: none); `settlement`: the one typed, or None."""
        total, left, initials = 0, list(range(len(street.words))), 0
        if "".join(typed) == "".join(street.words):
            left = []
        else:
            for word in typed:
                best, place = 3, None
                for i in left:
                    if street.initials[i] and len(word) > len(street.words[i]):
                        cost = 1 if word.startswith(street.words[i]) else FAR
                    else:
                        cost = self.near(word).get(street.words[i], FAR)
                    if cost < best:
                        best, place = cost, i
                if place is not None:
                    left.remove(place)
                total += best
            initials = any(street.initials[i] for i in left)
            total += sum(not street.initials[i] for i in left) + initials
        if kind and street.kind and street.kind not in kind:
            total += 3 if street.number_only else 1
        if settlement is not None and street.settlement != settlement:
            total += 3
        return total

    def best(self, typed, kind, settlement):
        """{fit: [streets]} of everything that a word comes near."""
        near = set()
        for word in typed:
            for known in self.near(word):
                near |= self.with_word[known]
        near |= self.with_joined["".join(typed)]
        fits = collections.defaultdict(list)
        for i in near:
            fits[self.fit(self.streets[i], typed, kind, settlement)].append(i)
        return fits
