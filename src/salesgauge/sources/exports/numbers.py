"""How a column of numbers is written: decided over the whole column, or asked where its cells allow several readings."""

from __future__ import annotations

import re
from dataclasses import replace

from salesgauge.sources.exports.cells import Cells
from salesgauge.sources.exports.dates import ASIDE, TOLERATED
from salesgauge.sources.exports.questions import LEAVE_OUT, Answers, Path_, Question
from salesgauge.sources.exports.vocabulary import Unit, Vocabulary
from salesgauge.sources.mapping.formats import number_of
from salesgauge.sources.mapping.language import NumberFormat

AS_THEY_STAND = "as they stand"
ROUNDED = r"regexp_full_match(v, '[+-]?\d([.,]\d+)?E\+\d+')"
MARKS = ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"))
_SIGNS = (r"regexp_extract(v, '^[+\-−\s(]*([^\d+\-−(),.\s\x{a0}\x{202f}]+[^\d+\-−(),\s\x{a0}\x{202f}]*)', 1)",
          r"regexp_extract(v, '[\d)]([^\d)]*[^\d)\-+,.\s\x{a0}\x{202f}][^\d)\-+]*)[\-)]?$', 1)")


def signs_of(cells: Cells) -> list[tuple[str, int]]:
    """What stands before and after the numbers, with how often."""
    query = " UNION ALL ".join(f"SELECT trim({sign}, ' \u00a0\u202f') AS s FROM {cells.relation}" for sign in _SIGNS)
    found = cells.con.execute(f"SELECT s, count(*) FROM ({query}) WHERE s <> '' GROUP BY s ORDER BY 2 DESC, s LIMIT 20").fetchall()
    return [(str(s), int(n)) for s, n in found]


def decide_numbers(cells: Cells, path: Path_, answers: Answers, words: Vocabulary, unit: Unit,
                   share_of_one: bool = False) -> tuple[NumberFormat, float, str] | Question | str:
    """The format, the share of cells that follow it, and the sign of their currency (empty: none is written); a question; or why the
    column holds no numbers. `share_of_one`: the column is a probability, so that per cent may stand in it."""
    asked = (*path, "number")
    if cells.counted([ROUNDED])[0]:
        question = Question((*path, "rounded"), "Excel has written numbers in scientific notation, which rounds them; are they right?",
                            ((AS_THEY_STAND, "the rounded numbers are used"), (LEAVE_OUT, "the column is not used")), cells.which(ROUNDED))
        end, _ = answers.settle(question)
        if end is not None:
            return end
    signs = signs_of(cells)
    percent = sum(n for s, n in signs if s in ("%", "％"))
    money = [(s, n) for s, n in signs if words.currencies_of(s)]
    if percent and not share_of_one:
        return "its values are per cents, which this column does not hold"
    if percent and percent < cells.count * (1 - TOLERATED):
        return f"{percent:,} of {cells.count:,} values have a per cent sign and the others none, so that nobody can say what they mean"
    codes = {words.currencies_of(s) for s, _ in money}
    sign = money[0][0] if money else unit.currency
    currencies = tuple(s for s, _ in money)
    if len(codes) > 1 or (money and unit.currency and words.currencies_of(unit.currency) not in codes):
        question = Question((*path, "currency"), "the amounts are of several currencies; of which are those that count?",
                            (*((s, f"{n:,} amounts; the others are set aside") for s, n in money), (LEAVE_OUT, "the column is not used")),
                            cells.which("true", 4))
        end, answer = answers.settle(question)
        if end is not None:
            return end
        sign, currencies = answer, (answer,)
    base = NumberFormat(".", "", currencies, bool(percent) or (share_of_one and _in_hundreds(cells, unit)), False, unit.times)
    base = replace(base, accounting=bool(cells.counted([r"regexp_matches(v, '^[^\d]*\(.*\)[^\d]*$|[\d.][^\d(]*[-−]$|−')"])[0]))
    return _marks(cells, base, asked, answers, sign)


def _in_hundreds(cells: Cells, unit: Unit) -> bool:
    """Whether bare numbers are per cents: the header says so, or some are above one."""
    return unit.percent or bool(cells.counted(["try_cast(replace(v, ',', '.') AS DOUBLE) > 1"])[0])


def _marks(cells: Cells, base: NumberFormat, asked: Path_, answers: Answers, sign: str) -> tuple[NumberFormat, float, str] | Question | str:
    forms = [replace(base, decimal=decimal, thousands=thousands) for decimal, thousands in MARKS]
    numbers = [number_of(f, "v") for f in forms]
    counts = cells.counted([f"({n}) IS NOT NULL" for n in numbers])
    most = max(counts)
    if not most:
        return f"none of its {cells.count:,} values is a number that can be read: {', '.join(cells.values(3))}"
    best = counts.index(most)
    rivals = []
    for place, count in enumerate(counts):
        if place == best or not count:
            continue
        only, differ = cells.counted([f"({numbers[place]}) IS NOT NULL AND ({numbers[best]}) IS NULL",
                                      f"try_cast({numbers[place]} AS DOUBLE) <> try_cast({numbers[best]} AS DOUBLE)"])
        if differ and (count == most or only):
            rivals.append(place)
    if rivals:
        example = cells.which(f"try_cast({numbers[rivals[0]]} AS DOUBLE) <> try_cast({numbers[best]} AS DOUBLE)")
        named = {_name(forms[p]): p for p in (best, *rivals)}
        choices = tuple((name, _reading(cells, numbers[p], example[0])) for name, p in named.items())
        question = Question(asked, f"{most:,} of {cells.count:,} numbers can be read in several ways; which mark is before the decimals?",
                            (*choices, (LEAVE_OUT, "the column is not used")), example)
        end, answer = answers.settle(question)
        if end is not None:
            return end
        best = named[answer]
        return forms[best], counts[best] / cells.count, sign
    share = most / cells.count
    if share < 1 - TOLERATED:
        question = Question(asked, f"only {most:,} of {cells.count:,} values are numbers of one form; what of the others?",
                            ((ASIDE, "they are set aside"), (LEAVE_OUT, "the column is not used")),
                            cells.which(f"({numbers[best]}) IS NULL"))
        end, _ = answers.settle(question)
        if end is not None:
            return end
    return forms[best], share, sign


def _name(form: NumberFormat) -> str:
    return {".": "point", ",": "comma"}[form.decimal]


def _reading(cells: Cells, number: str, value: str) -> str:
    row = cells.con.execute(f"SELECT {re.sub(r'(?<![a-z])v(?![a-z])', '$1', number)}", [value]).fetchone()
    return f"{value} → {row[0]}" if row else ""
