"""The section of a mapping that an export gives: each of its cells decided, or what must be asked first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from salesgauge.schema import TABLES, Column, Kind, extra_name
from salesgauge.sources.exports.cells import Cells
from salesgauge.sources.exports.deciding import Decided, Refused, decide
from salesgauge.sources.exports.questions import LEAVE_OUT, Answers, Question
from salesgauge.sources.exports.tables import MADE, Match, Target
from salesgauge.sources.exports.vocabulary import Vocabulary, plain

REPEATED = 0.9    # the share of ids that should be different
DIMENSION = 200   # values that a further column may have to be kept as a dimension
KEPT = 0.5        # and their share of the rows


@dataclass(frozen=True)
class Line:
    """One line of the preview: a canonical column (empty: none), what it is made of, how that is read, how sure it is, some values."""

    file: str
    table: str
    column: str
    header: str
    how: str
    confidence: float
    seen: tuple[str, ...]


@dataclass
class Made:
    """A section in the making. `section` is its TOML value; `lines` the preview; `notes` what a person should know."""

    target: Target
    section: dict[str, Any]
    lines: list[Line] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    @property
    def columns(self) -> dict[str, Any]:
        """The canonical cells so far."""
        found: dict[str, Any] = self.section["columns"]
        return found

    def header_of(self, column: str) -> str:
        """The header of the file that a canonical column is made of; empty where it is made of none."""
        cell = self.columns.get(column, "")
        return cell if isinstance(cell, str) else str(cell.get("column", ""))


class Making:
    """Makes the section of one target."""

    def __init__(self, target: Target, answers: Answers, words: Vocabulary, currency: str) -> None:
        self.target, self.answers, self.words, self.currency = target, answers, words, currency
        self.export, self.table = target.export, TABLES[target.table]
        self.made = Made(target, {"file": self.export.name, "columns": {}})

    def make(self) -> Made:
        """The section; what must be asked stands in its `questions`."""
        for column in self.table.columns:
            if column.name in ("outcome", "currency") or (column.name == "closed_at" and self.table.name == "opportunities"):
                continue
            self._column(column)
        self._combined()
        if self.table.name == "opportunities":
            self._outcome()
        self._constants()
        self._key()
        self._required()
        self._extras()
        return self.made

    def _take(self, column: Column, match: Match, values: dict[str, str] | None = None) -> Decided | None:
        """Decides a cell and takes it up; None where it cannot serve or must be asked first."""
        cells = self.export.cells(match.header)
        preset = self.target.preset
        known = values or dict(preset.values.get(column.name, {}) if preset else {})
        found = decide(column, self.table.name, match.header, cells, (self.export.name, match.header), self.answers, self.words,
                       self.words.unit(match.header)[1], known)
        if isinstance(found, tuple):
            self.made.questions += found
            return None
        if isinstance(found, Refused):
            question = Question((self.export.name, match.header, "unusable"),
                                f"by its name the column is {column.name} of {self.table.name}, but {found.why}",
                                ((LEAVE_OUT, "the column is not used"),), tuple(cells.values(3)))
            if column.kind in (Kind.NUMBER, Kind.INSTANT, Kind.DATE) and not found.answered and self.answers.to(question) is None:
                self.made.questions.append(question)
            elif cells.count:
                self.made.notes.append(f"{self.export.name}, {match.header} is not used as {column.name}: {found.why}")
            return None
        cell = found.cell
        empty = self.target.preset.empty.get(column.name, ()) if self.target.preset else ()
        if empty:
            cell = {**({"column": cell} if isinstance(cell, str) else cell), "fix": dict.fromkeys(empty, "")}
        self.made.columns[column.name] = cell
        self.made.used.add(match.header)
        self._line(column.name, match.header, found.how, match.confidence * found.share, cells)
        if found.share < 1:
            self.made.notes.append(f"{self.export.name}, {match.header}: {round((1 - found.share) * cells.count):,} of {cells.count:,} "
                                   "values cannot be read as the others and will be set aside")
        if column.kind is Kind.NUMBER and self.table.column("currency") and "currency" not in self.made.columns:
            self._currency(found.sign, match.header)
        return found

    def _line(self, column: str, header: str, how: str, confidence: float, cells: Cells | None = None) -> None:
        seen = tuple(cells.values(3)) if cells else ()
        self.made.lines.append(Line(self.export.name, self.table.name, column, header, how, round(confidence, 2), seen))

    def _column(self, column: Column) -> None:
        candidates = [m for m in self.target.matches.get(column.name, ()) if self.export.cells(m.header).count]
        if self.target.preset is None or column.name not in self.target.preset.columns:
            candidates = [m for m in candidates if m.header not in self.made.used]
        if not candidates:
            return
        rivals = candidates if column.kind is Kind.NUMBER else [
            m for m in candidates if m.confidence == candidates[0].confidence and (
                column.kind is not Kind.TEXT or m.rank == candidates[0].rank) and m.confidence < 0.98]
        if len(rivals) > 1:
            question = Question((self.export.name, f"{self.table.name}.{column.name}", "column"),
                                f"several columns may be {column.name} of {self.table.name}; which is it?",
                                (*((m.header, ", ".join(self.export.cells(m.header).values(3))) for m in rivals),
                                 (LEAVE_OUT, "none of them")))
            answer = self.answers.to(question)
            if answer is None:
                self.made.questions.append(question)
                return
            candidates = [m for m in rivals if m.header == answer]
        if candidates:
            self._take(column, candidates[0])

    def _combined(self) -> None:
        """Names that stand in two columns."""
        there = {plain(h): h for h in self.export.headers}
        for column, several in self.words.combined.get(self.table.name, {}).items():
            for names in several:
                if column not in self.made.columns and all(n in there for n in names):
                    headers = [there[n] for n in names]
                    self.made.columns[column] = {"combine": headers}
                    self.made.used.update(headers)
                    self._line(column, " + ".join(headers), "text", 0.9)

    def _currency(self, sign: str, header: str) -> None:
        """The currency of the amounts: a column of its own, else what is written in them or in the header."""
        own = [m for m in self.target.matches.get("currency", ()) if self.export.cells(m.header).count]
        column = self.table.column("currency")
        assert column is not None
        if own:
            cells = self.export.cells(own[0].header)
            fix, unknown = {}, []
            for value in cells.values(DIMENSION):
                codes = self.words.currencies_of(value)
                if len(codes) == 1:
                    fix[value] = codes[0]
                elif self.currency in codes:
                    fix[value] = self.currency
                elif len(value) != 3 or not value.isascii() or not value.isalpha():
                    unknown.append(value)
            for value in unknown:
                self._ask_currency((self.export.name, own[0].header, "currency", value), value, (), fix)
            cell = {"column": own[0].header, "fix": {k: v for k, v in fix.items() if k != v}}
            self.made.columns["currency"] = cell if cell["fix"] else own[0].header
            self.made.used.add(own[0].header)
            self._line("currency", own[0].header, "text", own[0].confidence, cells)
            return
        codes = self.words.currencies_of(sign) if sign else ()
        if not codes or self.currency in codes:
            return
        fix = {}
        if len(codes) == 1:
            fix[sign] = codes[0]
        else:
            self._ask_currency((self.export.name, header, "currency"), sign, codes, fix)
        if sign in fix:
            self.made.columns["currency"] = {"constant": fix[sign]}
            self._line("currency", "", f"{sign} in {header}: {fix[sign]}", 0.9)

    def _ask_currency(self, path: tuple[str, ...], sign: str, codes: tuple[str, ...], fix: dict[str, str]) -> None:
        question = Question(path, f"which currency is {sign}? The workspace's own is {self.currency}; write a code of three letters",
                            tuple((c, "") for c in codes))
        answer = self.answers.to(question)
        if answer is None:
            self.made.questions.append(question)
        else:
            fix[sign] = answer.upper()

    def _outcome(self) -> None:
        """Won, lost or open: by a column that says so, else by the stage; then when it was closed."""
        column = self.table.column("outcome")
        assert column is not None
        values = dict(self.target.preset.values.get("outcome", {})) if self.target.preset else {}
        sure: Match | None = None
        before = len(self.made.questions)
        for match in (*self.target.matches.get("outcome", ()), *self.target.matches.get("stage", ())):
            cells = self.export.cells(match.header)
            named = [v for v in cells.values(DIMENSION)
                     if values.get(plain(v), self.words.value("opportunities", "outcome", v)) is not None]
            if not cells.count or (match.header != self.made.header_of("stage") and len(named) < cells.distinct):
                continue
            sure = match
            break
        if sure is None:
            self.made.notes.append(f"{self.export.name} has no column that says whether a deal is won or lost: all count as open")
            return
        if self._take(column, sure, values) is None:
            return
        closing = self.made.columns["outcome"]["values"]
        decided = [raw for raw, value in closing.items() if value]
        if decided and len(self.made.questions) == before:
            self._closed_at(sure.header, decided)

    def _closed_at(self, outcome: str, decided: list[str]) -> None:
        """When a deal was closed: a column of its own, or the one that says both; a question where neither is there."""
        column = self.table.column("closed_at")
        assert column is not None
        own = [m for m in self.target.matches.get("closed_at", ()) if self.export.cells(m.header).count]
        if not own:
            shared = self.words.shared["opportunities"]["closed_at"]
            own = [m for m in self.target.matches.get("closes_on", ()) if m.name in shared and self.export.cells(m.header).count]
        if not own:
            dates = [h for h in self.export.headers if (h and "date" in plain(h)) or "日期" in h or "дата" in h.casefold()]
            question = Question((self.export.name, "opportunities.closed_at", "column"),
                                "some deals are won or lost, but no column says when; a deal without that day counts as open. Which is it?",
                                (*((h, ", ".join(self.export.cells(h).values(3))) for h in dates), (LEAVE_OUT, "all deals count as open")))
            answer = self.answers.to(question)
            if answer is None:
                self.made.questions.append(question)
            if answer in (None, LEAVE_OUT):
                return
            own = [Match(str(answer), 0.9, 0)]
        if self._take(column, own[0]) is None:
            return
        cell = self.made.columns["closed_at"]
        self.made.columns["closed_at"] = {**({"column": cell} if isinstance(cell, str) else cell),
                                          "when": {"column": outcome, "is": decided}}

    def _constants(self) -> None:
        for column, text in (self.target.preset.constants if self.target.preset else {}).items():
            self.made.columns[column] = {"constant": text}
            self._line(column, "", f"always {text}", 1.0)

    def _key(self) -> None:
        """The id of a row: its column, where its values differ; else made of columns that tell the rows apart, else of the row's number."""
        key = next((c for c in self.table.key if c.endswith("_id") or c == "line"), "")
        header = self.made.header_of(key) if key else ""
        if key and header and self.table.key == (key,):
            cells = self.export.cells(header)
            if cells.distinct < REPEATED * cells.count:
                question = Question((self.export.name, header, "repeats"), f"there are {cells.distinct:,} ids in {cells.count:,} rows: one "
                                    f"row of {self.table.name} is {self.table.row}; what of ids that stand again?",
                                    (("set aside", "equal rows count once, rows that differ are set aside"),
                                     (LEAVE_OUT, "the file is not used")), tuple(cells.values(3)))
                answer = self.answers.to(question)
                if answer is None:
                    self.made.questions.append(question)
                elif answer == LEAVE_OUT:
                    self.made.columns.pop(key)
            return
        pending = any(q.path[0] == self.export.name and q.path[1] in [m.header for m in self.target.matches.get(key, ())]
                      for q in self.made.questions)
        if not key or key in self.made.columns or key not in MADE.get(self.table.name, ()) or pending or self.target.matches.get(key):
            return
        rows = self.export.text.rows
        for name in ("lead_id", "name"):
            own = self.made.header_of(name)
            if own and self.export.cells(own).count == self.export.cells(own).distinct == rows:
                self.made.columns[key] = {"key_of": [own]}
                self._line(key, own, "made of this column, which tells all rows apart", 0.7)
                self.made.notes.append(f"{self.export.name} has no id: {key} is made of {own}; a row in which that changes is another row")
                return
        self.made.columns[key] = {"row_number": True}
        self._line(key, "", "the number of the row", 0.5)
        if self.table.name != "order_lines":
            self.made.notes.append(f"{self.export.name} has no id: {key} is the number of the row; a file whose rows move doubles them")

    def _required(self) -> None:
        """A table whose required column is not there cannot be filled: said, or answered by leaving the file out."""
        asked = {q.path[0] for q in self.made.questions}
        missing = [c.name for c in self.table.columns if c.required and c.name not in self.made.columns]
        if missing and not asked:
            question = Question((self.export.name, "missing"), f"no column can serve as {', '.join(missing)}, which {self.table.name} needs"
                                + "".join(f"; {n.removeprefix(self.export.name + ', ')}" for n in self.made.notes[:3]),
                                ((LEAVE_OUT, "the file is not used"),), tuple(h for h in self.export.headers if h)[:12])
            if self.answers.to(question) is None:
                self.made.questions.append(question)

    def _extras(self) -> None:
        """Further columns of few values are kept as dimensions; the others are named."""
        taken = {c.name for c in self.table.columns}
        extra: dict[str, Any] = {}
        for header in self.export.headers:
            if not header or header in self.made.used or self.export.headers.count(header) > 1:
                continue
            cells, name = self.export.cells(header), extra_name(header)
            if not name or not cells.count:
                continue
            if cells.distinct <= DIMENSION and cells.distinct <= max(KEPT * cells.count, 2) and not name.isdigit():
                while name in taken:
                    name = f"{name}_own"
                taken.add(name)
                extra[name] = header
                self._line(name, header, "a dimension of your own", 1.0, cells)
            else:
                self._line("", header, "not used", 0.0, cells)
        if extra:
            self.made.section["extra"] = extra
