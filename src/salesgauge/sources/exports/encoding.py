"""In which encoding a text file is written: its byte order mark, else UTF-8 where that fits strictly, else what reads as sound text.

Of the older encodings any bytes are some text in several. One is taken only where its text is sound and that of every other is not;
otherwise the person is asked, with the first line in each.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

HEAD = 256 << 10
OLD = ("gb18030", "big5", "windows-1251", "windows-1252")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SOUND, DOUBTFUL = 0.93, 0.7  # shares of letters beyond ASCII that are as a language has them
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MIXED = re.compile(r"[a-z][^\x00-\x7f][a-z]|[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]")


@dataclass(frozen=True)
class Encoding:
    """The encoding of a file, empty where it must be asked; then `candidates` are those that fit, with the first line beyond ASCII in each,
    the likelier first."""

    name: str
    candidates: tuple[tuple[str, str], ...] = ()


def encoding_of(path: Path, known: Collection[str] = ()) -> Encoding:
    """The encoding of a file. `known` are words (casefolded) that a header may hold: an encoding in which several stand is right."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return Encoding(name)
        if found := _without_mark(head):
            return Encoding(found)
        if _is_utf8(path):
            return Encoding("utf-8")
        file.seek(0)
        beyond = _lines_beyond_ascii(file.read(4 * HEAD))
    texts = {name: text for name in OLD if (text := _decoded(beyond, name)) is not None}
    shares = {name: _soundness(name, text) for name, text in texts.items()}
    named = {name: sum(word in text.casefold() for word in known if not word.isascii() and len(word) > 1) for name, text in texts.items()}
    for name, share in shares.items():
        others = [s for n, s in shares.items() if n != name]
        if named[name] >= 2 and not any(named[n] for n in named if n != name) and share >= DOUBTFUL:
            return Encoding(name)
        if share >= SOUND and max(others, default=0.0) < DOUBTFUL and _agrees(beyond, name):
            return Encoding(name)
    likely = sorted(texts, key=lambda n: (-named[n], -shares[n]))
    return Encoding("", tuple((name, _preview(texts[name])) for name in likely))


def _without_mark(head: bytes) -> str:
    """UTF-16 without its mark: every other byte of ASCII characters is zero."""
    if len(head) < 8 or b"\0" not in head:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    return "utf-16-le" if odd > 0.2 * half and even < 0.02 * half else "utf-16-be" if even > 0.2 * half and odd < 0.02 * half else ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines_beyond_ascii(head: bytes) -> bytes:
    lines = head.splitlines()
    return b"\n".join(line for line in lines[:-1] or lines if not line.isascii())[:64 << 10].rpartition(b"\n")[0] or b"\n".join(
        line for line in lines if not line.isascii())[:64 << 10]


def _decoded(raw: bytes, name: str) -> str | None:
    try:
        text = raw.decode(name)
    except UnicodeDecodeError:
        return None
    return None if any(unicodedata.category(c) in ("Cc", "Co", "Cn") and c not in "\t\r\n" for c in text) else text


def _soundness(name: str, text: str) -> float:
    """The share of characters beyond ASCII that are as a text of that encoding's language has them; 0 where words mix alphabets."""
    beyond = [c for c in text if not c.isascii() and c not in "\u00a0\u202f"]
    if not beyond:
        return 0.0
    if name in ("gb18030", "big5"):
        return sum(_usual(c, name) for c in beyond) / len(beyond) * (0.5 if re.search(r"[a-z][\u3400-\u9fff][a-z]", text) else 1.0)
    if name == "windows-1251":
        words = re.findall(r"[\u0400-\u04ff]+", text)
        if not words or _MIXED.search(text):
            return 0.0
        proper = sum(len(w) for w in words if (w.islower() or w.isupper() or w.istitle()) and not re.search(r"[^аеёиоуыэюя]{7}", w.lower()))
        marks = sum(c in "«»№—–“”„…₽€ё" for c in beyond if not "\u0400" <= c <= "\u04ff")
        vowels = sum(c in "аеёиоуыэюя" for c in text.lower()) / max(sum(map(len, words)), 1)
        return (proper + marks) / len(beyond) * (1.0 if 0.2 < vowels < 0.7 else 0.5)
    words = re.findall(r"[A-Za-z\u00c0-\u024f]+", text)
    letters = sum(sum(not c.isascii() for c in w) for w in words if sum(c.isascii() for c in w) >= sum(not c.isascii() for c in w) * 2
                  and not re.search(r"[a-z][\u00c0-\u00de]", w))
    marks = sum(c in "€£«»–—‘’“”„…°§©®™" for c in beyond if not c.isalpha())
    return (letters + marks) / len(beyond)


def _usual(character: str, name: str) -> bool:
    """Whether a character is among the some four thousand usual ones of an encoding, or its punctuation."""
    try:
        raw = character.encode("gb2312" if name == "gb18030" else name)
    except UnicodeEncodeError:
        return False
    if not _HAN.match(character):
        return len(raw) == 2 and raw[0] in (0xA1, 0xA3)
    return 0xB0 <= raw[0] <= 0xD7 if name == "gb18030" else 0xA4 <= raw[0] <= 0xC6


def _agrees(raw: bytes, name: str) -> bool:
    """Whether the general detector, which knows more encodings, does not see another kind of letters in it."""
    from charset_normalizer import from_bytes
    best = from_bytes(raw).best()
    if best is None:
        return True
    kinds = {_kind(str(best)), _kind(raw.decode(name))}
    return len(kinds) == 1 and (name != "windows-1252" or best.encoding in ("cp1252", "latin_1") or str(best) == raw.decode(name)
                                or _western(raw, name))


def _western(raw: bytes, name: str) -> bool:
    """Whether the letters beyond ASCII are those that Western languages share with their neighbours' encodings."""
    text = raw.decode(name)
    return all(c in "äöüÄÖÜßéèêëàâçîïôùûñóíáúÉÀÇ€£–—’“”„«»°" for c in text if not c.isascii())


def _kind(text: str) -> str:
    letters = [c for c in text if c.isalpha() and not c.isascii()]
    return "".join(sorted({unicodedata.name(c, "?").split()[0] for c in letters})) if letters else ""


def _preview(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")[:100]
