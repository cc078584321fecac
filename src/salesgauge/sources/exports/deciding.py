"""How one canonical cell is made of an export's column: as the mapping language has it, with what is sure of it, or a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from salesgauge.schema import Column, Kind
from salesgauge.sources.exports.cells import Cells
from salesgauge.sources.exports.dates import decide_dates
from salesgauge.sources.exports.numbers import decide_numbers
from salesgauge.sources.exports.questions import ANSWERED, LEAVE_OUT, Answers, Path_, Question
from salesgauge.sources.exports.vocabulary import Unit, Vocabulary, plain
from salesgauge.sources.mapping.language import DateFormat, NumberFormat

MOST_VALUES = 200  # of a column of choices
AS_THEY_STAND = "as they stand"
SCIENTIFIC = r"regexp_full_match(v, '\d([.,]\d+)?[eE]\+?\d+')"
CUT = r"regexp_full_match(v, '\d{15}0+') AND length(v) >= 17"  # what Excel leaves of a longer number
LONG = r"regexp_full_match(v, '\d{17,}')"


@dataclass(frozen=True)
class Decided:
    """A cell of a mapping (its TOML value), the share of the column's cells that it can read, how it reads them in words, the sign of the
    currency that is written in it."""

    cell: Any
    share: float
    how: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Refused:
    """A column that cannot serve, and why."""

    why: str

    @property
    def answered(self) -> bool:
        """Whether a person has said so."""
        return self.why == ANSWERED


Decision = Decided | Refused | tuple[Question, ...]


def decide(column: Column, table: str, header: str, cells: Cells, path: Path_, answers: Answers, words: Vocabulary, unit: Unit,
           values: dict[str, str] | None = None) -> Decision:
    """How `column` of `table` is made of the cells. `values` are further names of its choices, by their plain name."""
    if not cells.count:
        return Refused("the column is empty")
    match column.kind:
        case Kind.INSTANT | Kind.DATE:
            found = decide_dates(cells, path, answers)
            if isinstance(found, Question):
                return (found,)
            if isinstance(found, str):
                return Refused(found)
            return Decided(date_cell(header, found[0]), found[1], found[0].pattern if found[0] else "ISO 8601")
        case Kind.NUMBER:
            number = decide_numbers(cells, path, answers, words, unit, column.name == "probability")
            if isinstance(number, Question):
                return (number,)
            if isinstance(number, str):
                return Refused(number)
            return Decided(number_cell(header, number[0]), number[1], _said(number[0]), number[2])
        case Kind.CHOICE | Kind.BOOLEAN:
            return _choices(column, table, header, cells, path, answers, words, values or {})
    return _text(column, header, cells, path, answers)


def date_cell(header: str, form: DateFormat | None) -> Any:
    """A cell of dates as TOML has it."""
    if form is None:
        return header
    return {"column": header, "date": form.pattern, **({"language": form.language} if form.language else {})}


def number_cell(header: str, form: NumberFormat) -> Any:
    """A cell of numbers as TOML has it."""
    number: dict[str, Any] = {}
    if form.decimal != ".":
        number["decimal"] = form.decimal
    if form.thousands:
        number["thousands"] = form.thousands
    if form.currencies:
        number["currency"] = list(form.currencies)
    number |= {key: True for key, said in (("percent", form.percent), ("accounting", form.accounting)) if said}
    if form.times > 1:
        number["times"] = form.times
    return {"column": header, "number": number} if number else header


def _said(form: NumberFormat) -> str:
    parts = [f"1{form.thousands}234{form.decimal}5", *form.currencies]
    return " ".join([*parts, *(["%"] if form.percent else []), *([f"x {form.times:,}"] if form.times > 1 else [])])


def _text(column: Column, header: str, cells: Cells, path: Path_, answers: Answers) -> Decision:
    """Ids and names as they stand. What a program has made of long ids cannot be mended: it is asked, never taken for the id."""
    if not column.name.endswith("_id") and column.name != "line":
        return Decided(header, 1.0, "text")
    rounded, cut, long = cells.counted([SCIENTIFIC, CUT, LONG])
    if rounded or (cut and cut == long and cut > 1) or (cut == long == cells.count):
        kind = "in scientific notation" if rounded else "with zeros at the end"
        question = Question((*path, "id"), f"{rounded or cut:,} ids are numbers {kind}: Excel has kept 15 digits of them and lost the "
                            "others, so that different ids may be one; export again, and open the file as text", (
                                (LEAVE_OUT, "the column is not used"),), cells.which(SCIENTIFIC if rounded else CUT))
        return (question,) if answers.to(question) is None else Refused(ANSWERED)
    if cells.padded and cells.counted([r"NOT regexp_full_match(v, '\d{1,14}')"])[0] == 0:
        question = Question((*path, "id"), "the workbook shows numbers with zeros in front, which are not part of the number; are these "
                            "ids right without them?", ((AS_THEY_STAND, "they are used without zeros in front"),
                                                    (LEAVE_OUT, "the column is not used")), cells.which("true"))
        answer = answers.to(question)
        if answer != AS_THEY_STAND:
            return (question,) if answer is None else Refused(ANSWERED)
    return Decided(header, 1.0, "text")


def _choices(column: Column, table: str, header: str, cells: Cells, path: Path_, answers: Answers, words: Vocabulary,
             values: dict[str, str]) -> Decision:
    """A column of a closed list: each value must be known, or is asked where the column decides what a row is."""
    found = cells.values(MOST_VALUES + 1)
    if len(found) > MOST_VALUES:
        return Refused(f"it has more than {MOST_VALUES} different values")
    named: dict[str, str] = {}
    unknown: list[str] = []
    for value in found:
        known = values.get(plain(value))
        if known is None:
            known = words.value(table, column.name, value)
        if known is None and value.lower() in column.choices:
            known = value.lower()
        if known is None:
            unknown.append(value)
        else:
            named[value] = known
    if unknown and not named:
        return Refused(f"none of its values is a known {column.name}: {', '.join(unknown[:4])}")
    if unknown and not column.decisive and not column.required:
        share = sum(cells.counted([f"v = '{v.replace(chr(39), chr(39) * 2)}'" for v in named])) / cells.count
        return Decided({"column": header, "values": named, "otherwise": "empty"}, share, f"{len(named)} values known")
    questions: list[Question] = []
    for value in unknown:
        meanings = {"outcome": {"open": "", "won": "won", "lost": "lost"}}.get(column.name, {c: c for c in column.choices})
        question = Question((*path, column.name, value), f"what does {value!r} mean?", (
            *((m, f"{column.name}: {m}") for m in meanings), *(() if column.required or column.name == "outcome" else (
                ("none", "the cell stays empty"),))))
        answer = answers.to(question)
        if answer is None:
            questions.append(question)
        else:
            named[value] = meanings.get(answer, "")
    if questions:
        return tuple(questions)
    return Decided({"column": header, "values": named, "otherwise": "refuse"}, 1.0, f"{len(named)} values")
