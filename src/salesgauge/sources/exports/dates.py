"""How a column of dates is written: decided over the whole column, or asked where its cells allow several readings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesgauge.sources.exports.cells import Cells
from salesgauge.sources.exports.questions import LEAVE_OUT, Answers, Path_, Question
from salesgauge.sources.mapping.formats import moment_of
from salesgauge.sources.mapping.language import DateFormat

ISO = r"\d\d\d\d-\d\d-\d\d([T ]([01]\d|2[0-3]):\d\d(:\d\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?)?)?"
PLAIN = f"(regexp_full_match(v, '{ISO}') AND try_cast(left(v, 10) AS DATE) IS NOT NULL)"
TOLERATED = 0.05  # of the cells may not follow; they are set aside and shown. More is another fault
ASIDE = "set aside"
_ENGLISH = re.compile(r"(?i)\b(january|february|march|april|may|june|july|august|september|october|november|december)\b")
_SHORT = re.compile(r"(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\b")
_RUSSIAN = re.compile(r"(?i)(?<![а-яё])(январ[ья]|феврал[ья]|марта?|апрел[ья]|ма[йя]|июн[ья]|июл[ья]|августа?|сентябр[ья]|октябр[ья]|"
                      r"ноябр[ья]|декабр[ья]|янв|февр?|мар|апр|июн|июл|авг|сент?|окт|нояб?|дек)\.?(?![а-яё])")
_TIME = re.compile(r"^(?P<date>.+?)(?P<gap>[ T,]+)(?P<am>(?:上午|下午)? ?)99?:99(?P<seconds>:99)?(?P<fraction>\.9+)?(?P<half> ?[AaPp][Mm])?"
                   r"(?P<zone> ?(?:[+-]99:?99|Z))?$")
_NEAR = re.compile(r"^(\d+)")
Readable = tuple[DateFormat | None, str]


def date_parts(shape: str, example: str) -> Iterator[tuple[str, str]]:
    """The patterns, with the language of the month, that a written day may have. Points are day first or year first."""
    language = ""
    for found, token, spoken in ((_ENGLISH.search(example), "%B", ""), (_SHORT.search(example), "%b", ""),
                                 (_RUSSIAN.search(example), "%B", "ru")):
        if found:
            place = found.start()
            before, after = shape[:place], shape[found.end():]
            language = spoken
            if spoken == "ru":
                after = re.sub(r"\s*(г\.?|года)$", "", after)
            text = f"{before}\0{after}"
            text = re.sub(r"9999", "%Y", text)
            text = re.sub(r"99?(?=[^9]*\0)", "%d", text, count=1) if re.match(r"[^\0]*9", text.replace("%Y", "")) else re.sub(
                r"(?<=\0)([^9%]*)99?", r"\1%d", text, count=1)
            text = re.sub(r"99", "%y", text, count=1)
            if "9" not in text and "%d" in text:
                yield text.replace("\0", token), language
            return
    chinese = re.fullmatch(r"9999( ?)年( ?)99?( ?)月( ?)99?( ?)日", shape)
    if chinese:
        a, b, c, d, e = chinese.groups()
        yield f"%Y{a}年{b}%m{c}月{d}%d{e}日", language
        return
    if shape == "99999999":
        yield from ((p, "") for p in ("%Y%m%d", "%d%m%Y", "%m%d%Y"))
        return
    parts = re.fullmatch(r"(9{1,4})([-/.]|\. )(9{1,2})\2(9{1,4})\.?", shape)
    if not parts:
        return
    first, mark, _, last = parts.groups()
    end = "." if shape.endswith(".") else ""
    if len(first) == 4 and len(last) <= 2:
        orders = ["%Y{0}%m{0}%d"]
    elif len(first) <= 2 and len(last) == 4:
        orders = ["%d{0}%m{0}%Y"] if "." in mark else ["%d{0}%m{0}%Y", "%m{0}%d{0}%Y"]
    elif len(first) <= 2 and len(last) == 2:
        orders = ["%d{0}%m{0}%y"] if "." in mark else ["%d{0}%m{0}%y", "%m{0}%d{0}%y", "%y{0}%m{0}%d"]
    else:
        orders = []
    for order in orders:
        yield order.format(mark) + end, ""


def formats_of(shape: str, example: str) -> Iterator[DateFormat]:
    """The formats that a value of that shape may have."""
    timed = _TIME.match(shape)
    if not timed:
        for pattern, language in date_parts(shape, example):
            yield DateFormat(pattern, language=language)
        return
    day, gap = timed["date"], timed["gap"]
    half, before = timed["half"] or "", timed["am"]
    clock = ("%I" if half or before.strip() else "%H") + ":%M" + (":%S" if timed["seconds"] else "") + (".%f" if timed["fraction"] else "")
    clock = (before.replace(before.strip(), "%p") if before.strip() else "") + clock + (half.replace(half.strip(), "%p") if half else "")
    zone = timed["zone"] or ""
    clock += (" " if zone.startswith(" ") else "") + "%z" if zone else ""
    for pattern, language in date_parts(day, example):
        yield DateFormat(f"{pattern}{gap}{clock}", language="zh" if before.strip() else language)


def _counted(cells: Cells) -> list[DateFormat]:
    """Dates that are written as numbers: days since Excel's first day, or seconds since 1970."""
    days, seconds, millis = cells.counted([r"regexp_full_match(v, '[234]\d{4}(\.\d+)?')", r"regexp_full_match(v, '1\d{9}')",
                                           r"regexp_full_match(v, '1\d{12}')"])
    if days == cells.count:
        return [DateFormat("excel"), DateFormat("excel1904")]
    return [DateFormat("unix")] if seconds == cells.count else [DateFormat("unix_ms")] if millis == cells.count else []


def decide_dates(cells: Cells, path: Path_, answers: Answers) -> tuple[DateFormat | None, float] | Question | str:
    """How the column is written (None: ISO 8601) and the share of its cells that can be read; a question; or why it cannot be read."""
    asked = (*path, "date")
    candidates = list(dict.fromkeys(f for shape, example in cells.shapes for f in formats_of(shape, example)))[:24] or _counted(cells)
    conditions = [f"({moment_of(f, 'v')}) IS NOT NULL" for f in candidates]
    iso, *counts = cells.counted([PLAIN, *conditions])
    found = [(n, f, c) for n, f, c in zip(counts, candidates, conditions, strict=True) if n and _said(f) != "%Y-%m-%d"]
    found.sort(key=lambda x: -x[0])
    if iso and iso >= max((n for n, _, _ in found), default=0):
        if found and cells.typed:
            return _mixed(cells, asked, answers, iso)
        return _enough(cells, None, iso, PLAIN, asked, answers)
    if not found:
        return f"none of its {cells.count:,} values is a date that can be read: {', '.join(cells.values(3))}"
    if iso and cells.typed:
        return _mixed(cells, asked, answers, iso)
    most, best, condition = found[0]
    rivals = []
    for _n, other, test in found[1:]:
        only, differ = cells.counted([f"({test}) AND NOT coalesce({condition}, false)",
                                      f"({moment_of(other, 'v')}) <> ({moment_of(best, 'v')})"])
        if differ and (only or not cells.counted([f"({condition}) AND NOT coalesce({test}, false)"])[0]):
            rivals.append(other)
    if rivals:
        example = cells.which(f"{condition} AND ({moment_of(rivals[0], 'v')}) <> ({moment_of(best, 'v')})", 3)
        choices = tuple((f.pattern, _reading(cells, f, example[0]) if example else "") for f in (best, *rivals))
        question = Question(asked, f"{most:,} of {cells.count:,} dates can be read in several ways; which is right?",
                            (*choices, (LEAVE_OUT, "the column is not used")), example)
        end, answer = answers.settle(question)
        if end is not None:
            return end
        chosen = next(f for f in (best, *rivals) if f.pattern == answer)
        count = next(n for n, f, _ in found if f == chosen)
        return chosen, count / cells.count
    return _enough(cells, best, most, condition, asked, answers)


def _said(form: DateFormat) -> str:
    return form.pattern[:8]


def _reading(cells: Cells, form: DateFormat, value: str) -> str:
    row = cells.con.execute(f"SELECT {moment_of(form, '$1')}", [value]).fetchone()
    return f"{value} → {row[0]}" if row else ""


def _mixed(cells: Cells, asked: Path_, answers: Answers, iso: int) -> tuple[DateFormat | None, float] | Question | str:
    """A workbook in which some cells are dates and some texts: its program has read what it could, day and month perhaps exchanged."""
    texts = cells.which(f"NOT {PLAIN}", 3)
    question = Question(asked, f"{iso:,} cells are dates to the workbook, {cells.count - iso:,} are texts: where a program opened a file "
                        "of another country, day and month of the former may be exchanged; is it sure that they are not?",
                        ((ASIDE, "the dates are right; the rows with texts are set aside"), (LEAVE_OUT, "the column is not used")), texts)
    end, _ = answers.settle(question)
    return (None, iso / cells.count) if end is None else end


def _enough(cells: Cells, form: DateFormat | None, count: int, condition: str, asked: Path_,
            answers: Answers) -> tuple[DateFormat | None, float] | Question | str:
    """The format, where nearly all cells follow it; a question where not."""
    share = count / max(cells.count, 1)
    if share >= 1 - TOLERATED:
        return form, share
    question = Question(asked, f"only {count:,} of {cells.count:,} values are dates of one form; what of the others?",
                        ((ASIDE, "they are set aside"), (LEAVE_OUT, "the column is not used")),
                        cells.which(f"NOT coalesce({condition}, false)", 3))
    end, _ = answers.settle(question)
    return (form, share) if end is None else end
