"""Names of companies and people in one form, whatever the alphabet, the legal form and the punctuation. Pure."""

from __future__ import annotations

import re
import unicodedata

# Legal forms, and the words around them, as they stand once points and case are gone.
FORMS = frozenset({
    "ab", "ag", "and", "aps", "as", "asa", "bv", "bvba", "co", "company", "corp", "corporation", "cv", "dba", "doo", "ek", "et",
    "eurl", "ev", "gbr", "gmbh", "group", "holding", "inc", "incorporated", "kft", "kg", "kgaa", "kk", "limited", "llc", "llp", "lp",
    "ltd", "ltda", "mbh", "nv", "ohg", "oy", "oyj", "plc", "pte", "pty", "pvt", "sa", "sarl", "sas", "sasu", "se", "sl", "slu", "snc",
    "spa", "spzoo", "srl", "sro", "ug", "und",
    "ано", "ао", "группа", "гуп", "зао", "ип", "компания", "муп", "нао", "нко", "оао", "ооо", "пао", "тов", "тоо", "фгуп", "холдинг",
    "чп", "&"})
_CHINESE = re.compile("(股份有限责任公司|股份有限公司|有限责任公司|有限公司|股份公司|责任公司|股份有限責任公司|有限責任公司|責任公司|"
                      "集团公司|集團公司|集团|集團|公司|株式会社|株式會社|商行)")
_SPELLED = re.compile(r"общество с ограниченной ответственностью|публичное акционерное общество|закрытое акционерное общество|"
                      r"открытое акционерное общество|акционерное общество|индивидуальный предприниматель|sp z oo|\bgesellschaft mbh\b")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_LATIN = dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeeziiklmnoprstufye", strict=True)) | {
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya", "і": "i", "ї": "i",
    "є": "e", "ґ": "g", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d"}
_SCRIPT = str.maketrans(_LATIN)


def plain(name: str, *, company: bool) -> str:
    """A name as it is compared: words in small Latin letters and Chinese characters, without accents; of a company without its legal
    form. A name that is nothing but a legal form stays."""
    text = unicodedata.normalize("NFKC", name).casefold()
    text = re.sub(r"\.(?=\w(?:\.|\b))|(?<=\b\w)\.", "", text)  # the points of s.a.r.l.
    text = re.sub(r"[^\w&]+|_+", " ", re.sub(r"['\u2019`]", "", text)).strip()
    if company:
        text = _CHINESE.sub(" ", _SPELLED.sub(" ", text)).strip() or text
    words = text.split()
    if company:
        words = [word for word in words if word not in FORMS] or words
    marked = unicodedata.normalize("NFD", " ".join(words).translate(_SCRIPT))
    return "".join(c for c in marked if not unicodedata.combining(c))


def blocks(name: str) -> set[str]:
    """What two names are compared for at all: a word, two words, a beginning, an end, or two Chinese characters that both have."""
    words = sorted({word for word in name.split() if not _HAN.search(word)})
    found = {word for word in words if len(word) > 2}
    found |= {f"{first} {second}" for place, first in enumerate(words[:6]) for second in words[place + 1:6]}
    for run in _HAN.findall(name):
        found |= {run[place:place + 2] for place in range(max(1, len(run) - 1))}
    joined = "".join(words)
    return found | ({f"^{joined[:5]}", f"{joined[-5:]}$"} if len(joined) >= 5 else {f"^{joined}$"} if joined else set())
