"""One report of what advertising cost, read from a file: by day and campaign, with nothing guessed and nothing left out unsaid."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import duckdb

from salesgauge.errors import LoadRefused, SourceError
from salesgauge.sources.ad_spend.reports import System
from salesgauge.sources.exports.cells import Cells
from salesgauge.sources.exports.dates import ASIDE, decide_dates
from salesgauge.sources.exports.numbers import decide_numbers
from salesgauge.sources.exports.questions import LEAVE_OUT, Answers, Question
from salesgauge.sources.exports.reading import Export, names_in, read_export
from salesgauge.sources.exports.vocabulary import Unit, Vocabulary, vocabulary
from salesgauge.sources.laid_out import beginning
from salesgauge.sources.mapping.formats import moment_of, number_of
from salesgauge.sources.mapping.inputs import trimmed
from salesgauge.sources.mapping.language import DateFormat, NumberFormat
from salesgauge.staging import literal

MICROS = 6  # decimals of an amount in micros
NOTHING = frozenset(("", "-", "--", "—"))  # how a cell says that it has no value


@dataclass(frozen=True)
class Account:
    """An advertising account as a report names it; empty texts where it does not."""

    id: str = ""
    name: str = ""

    def may_be(self, other: Account) -> bool:
        """Whether the two may be one account: what both say of themselves is equal."""
        if self.id and other.id:
            return self.id == other.id
        return self.name == other.name if self.name and other.name else True


@dataclass(frozen=True)
class Spent:
    """What a campaign cost on a day: `campaign` is empty where the report does not break costs down by campaign."""

    day: str
    account: Account
    campaign_id: str
    campaign: str
    currency: str
    amount: Decimal


def read_reports(path: Path, system: System, options: Mapping[str, object]) -> dict[str, list[Spent]]:
    """The costs that a file (of a workbook: each sheet, by its name) tells, one entry a day, account, campaign and currency. Sheets without
    costs are passed over, where another has some. SourceError where it is no report by day, or something in it can be read in several
    ways; `options` (encoding, dates, decimal, currency) then say how."""
    words, told, lacking = vocabulary(), dict[str, list[Spent]](), list[str]()
    with tempfile.TemporaryDirectory(prefix="report-") as scratch, duckdb.connect(":memory:") as con:
        con.execute(f"SET temp_directory = {literal(scratch)}")
        con.execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET threads = 1")
        try:
            for number, name in enumerate(names_in(path)):
                answers = Answers({(name, "encoding"): str(options.get("encoding", "")), (name, "totals"): "records"})
                export = read_export(path, name, answers, words, con, Path(scratch), f"report_{number}")
                if isinstance(export, Question):
                    lacking.append(f"{name}: {export.text}{_said(export)}{_hint(export)}")
                elif (report := _Report(export, system, options, words)).cost is None:
                    lacking.append(f"{name}: it has no column with the cost; add it to the report and export it again")
                else:
                    told[name] = _summed(report.spent())
        except LoadRefused as problem:
            raise SourceError(problem.message) from None
    if not told:
        raise SourceError(lacking[0])
    return told


def _summed(found: Iterable[Spent]) -> list[Spent]:
    """A report may have several rows of a day of a campaign: by ad group, device, age."""
    summed: dict[tuple[str, Account, str, str, str], Decimal] = {}
    for spent in found:
        key = (spent.day, spent.account, spent.campaign_id, spent.campaign, spent.currency)
        summed[key] = summed.get(key, Decimal()) + spent.amount
    return [Spent(*key, amount) for key, amount in summed.items()]


class _Report:
    """A file as read, with what its columns are."""

    def __init__(self, export: Export, system: System, options: Mapping[str, object], words: Vocabulary) -> None:
        self._export, self._system, self._options, self._words = export, system, options, words
        self._at = {name: place for name in system.columns if (place := system.place(name, export.headers, words)) is not None}
        self._day = self._at.get("day", self._at.get("starts"))
        self.cost = self._at.get("cost", self._at.get("micros"))

    def spent(self) -> list[Spent]:
        """The costs, row by row."""
        cost = self.cost
        assert cost is not None
        if self._day is None:
            self._refuse(f"it has no column with the day; in {self._system.title} {self._system.by_day}")
        self._check_left_out()
        where = self._records()
        if not self._count(where):
            return []  # nothing was spent: scheduled reports of quiet days look like this
        dates = self._dates(self._day, where)
        if "day" not in self._at:
            self._check_days(where)
        filled = f"{where} AND NOT {self._nothing(cost)}"
        if not self._system.blank and self._count(f"{where} AND {self._nothing(cost)}"):
            self._refuse(f"rows of days have no {self._header(cost)}; export the report again")
        if not self._count(filled):
            return []
        form, sign = self._numbers(cost, filled)
        day = f"strftime({moment_of(dates, trimmed(f'c{self._day}'))}, '%Y-%m-%d')" if dates else f"left({trimmed(f'c{self._day}')}, 10)"
        columns = [self._cell(name) for name in ("account_id", "account", "campaign_id", "campaign", "currency")]
        rows = self._export.con.execute(f"SELECT {day}, {number_of(form, trimmed(f'c{cost}'))}, {', '.join(columns)} "
                                        f"FROM {self._export.source} WHERE {filled}").fetchall()
        scale = 0 if "cost" in self._at else -MICROS
        return [Spent(day, Account(account, name), campaign_id, campaign, self._currency(code, sign), Decimal(amount).scaleb(scale))
                for day, amount, account, name, campaign_id, campaign, code in rows]

    def _records(self) -> str:
        """SQL: whether a row is one of a day. What is none must be a total."""
        day, campaign = f"coalesce(c{self._day}, '')", self._at.get("campaign")
        where = f"regexp_matches({day}, '\\d')"
        if self._system.blank and campaign is not None:
            where += f" AND NOT {self._nothing(campaign)}"  # the summary has no campaign
        for row in self._export.con.execute(f"SELECT * FROM {self._export.source} WHERE NOT ({where})").fetchall():
            cells = [str(cell or "").strip() for cell in row]
            first = next((cell for cell in cells if cell not in NOTHING), "")
            summary = self._system.blank and campaign is not None and cells[campaign] in NOTHING
            if first and not summary and beginning(first) not in self._words.totals:
                self._refuse(f"the row {' | '.join(cells)[:80]!r} has no day and is no total")
        if not self._count(where) and self._count(f"regexp_matches(coalesce(c{self.cost}, ''), '[1-9]')"):
            self._refuse(f"it has no row of a day, and costs in its total; in {self._system.title} {self._system.by_day}")
        return where

    def _check_left_out(self) -> None:
        """What was set aside when the file was read must be totals, and none of a day."""
        for unread in self._export.text.unread:
            if unread.reason != "no_record":
                self._refuse(f"line {unread.line} cannot be read: {unread.message}")
            cells = unread.text.split(self._export.options.delimiter)
            if self._day is not None and self._day < len(cells) and any(c.isdigit() for c in cells[self._day]) and (
                    [c.strip() for c in cells] != list(self._export.headers)):
                self._refuse(f"line {unread.line} begins as a total does, and has a day: {unread.text[:80]!r}")

    def _check_days(self, where: str) -> None:
        """A report without the column of the day has rows of one day each."""
        ends = self._at.get("ends")
        if ends is None or self._count(f"{where} AND {trimmed(f'c{self._day}')} IS DISTINCT FROM {trimmed(f'c{ends}')}"):
            self._refuse(f"its rows are of more than a day, so that nobody can say what a day cost; in {self._system.title} "
                         f"{self._system.by_day}")

    def _dates(self, place: int, where: str) -> DateFormat | None:
        header = self._header(place)
        path = (self._export.name, header)
        cells = self._cells(place, where)
        found = decide_dates(cells, path, Answers({(*path, "date"): str(self._options.get("dates", ""))}))
        if isinstance(found, Question):
            self._refuse(f"{header}: {found.text}{_said(found)}{_hint(found)}")
        if isinstance(found, str):
            self._refuse(f"{header}: {found}")
        form, share = found
        if share < 1:
            self._refuse(f"{header}: some of its {cells.count:,} days cannot be read")
        return form

    def _numbers(self, place: int, where: str) -> tuple[NumberFormat, str]:
        header = self._header(place)
        path = (self._export.name, header)
        unit = self._words.unit(header)[1] if "cost" in self._at else Unit()
        cells = self._cells(place, where)
        found = decide_numbers(cells, path, Answers({(*path, "number"): str(self._options.get("decimal", ""))}), self._words, unit)
        if isinstance(found, Question):
            self._refuse(f"{header}: {found.text}{_said(found)}{_hint(found)}")
        if isinstance(found, str):
            self._refuse(f"{header}: {found}")
        form, share, sign = found
        if share < 1:
            self._refuse(f"{header}: some of its {cells.count:,} amounts cannot be read")
        return form, sign

    def _currency(self, code: str, sign: str) -> str:
        """The code of a row's currency: its own, that of the header or the amounts, that of the option."""
        for said in (code, sign):
            codes = self._words.currencies_of(said) if said else ()
            if len(codes) == 1:
                return codes[0]
            if code and said == code:
                if len(code) == 3 and code.isalpha():
                    return code.upper()
                self._refuse(f"nobody knows the currency {code!r}")
        option = str(self._options.get("currency", "")).upper()
        if not option:
            self._refuse("nothing says of which currency its amounts are; add the column with the currency to the report, or say it: "
                         "options.currency = \"EUR\"")
        return option

    def _cells(self, place: int, where: str) -> Cells:
        return Cells(self._export.con, f"(SELECT * FROM {self._export.source} WHERE {where})", place, place in self._export.dates)

    def _cell(self, name: str) -> str:
        """SQL: a text, empty where the report has no such column or the cell says that it has no value."""
        if name not in self._at:
            return "''"
        place = self._at[name]
        return f"CASE WHEN {self._nothing(place)} THEN '' ELSE {trimmed(f'c{place}')} END"

    def _nothing(self, place: int) -> str:
        listed = ", ".join(f"'{text}'" for text in sorted(NOTHING))
        return f"(coalesce({trimmed(f'c{place}')}, '') IN ({listed}))"

    def _count(self, where: str) -> int:
        row = self._export.con.execute(f"SELECT count(*) FROM {self._export.source} WHERE {where}").fetchone()
        return int(row[0]) if row else 0

    def _header(self, place: int) -> str:
        return self._export.headers[place]

    def _refuse(self, why: str) -> NoReturn:
        raise SourceError(f"{self._export.name}: {why}")


def _said(question: Question) -> str:
    return f" ({', '.join(question.seen)})" if question.seen else ""


def _hint(question: Question) -> str:
    """The option by which a question is answered for all reports of the folder, where one may."""
    option = {"encoding": "encoding", "date": "dates", "number": "decimal"}.get(question.path[-1])
    choices = [value for value, _ in question.choices if value != LEAVE_OUT]
    return f"; say it: options.{option} = {' or '.join(map(repr, choices))}" if option and ASIDE not in choices else ""
