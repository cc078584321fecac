"""The four languages of the interface: KPI names and meanings, terms, messages, and how each writes numbers, money and dates.

Words come from one TOML file per language; Babel (CLDR) is imported only when a number or a date is first written.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cache
from typing import Literal

from salesgauge import units
from salesgauge.language import dates, numbers
from salesgauge.language.codes import ENGLISH, LANGUAGES, known
from salesgauge.language.wording import COUNT, PLACEHOLDER, Wording, placeholders, wording
from salesgauge.units import Unit

__all__ = ["ENGLISH", "LANGUAGES", "Language", "language"]

Number = float | Decimal
Empty = Literal["dash", "words"]  # how a missing value is shown: an en dash, or "no data" in the language's words

DASH = "\u2013"
SIGNIFICANT = 3  # digits of a compact number

_SAME_VALUES = {"outreach": "activity_kind"}  # a dimension whose values are those of another
_DURATIONS = ((3600, "minutes", 60, 0), (2 * 86400, "hours", 3600, 1), (float("inf"), "days", 86400, 1))  # below, unit, seconds, decimals


class Language:
    """One language. Names of ours that it lacks raise LookupError; what a company added itself (KPIs, columns) comes back as given."""

    def __init__(self, code: str) -> None:
        self.code = known(code)
        self._words: Wording = wording(self.code)

    def __repr__(self) -> str:
        return f"Language({self.code!r})"

    @property
    def own_name(self) -> str:
        """The language's name in itself: English, 简体中文, 繁體中文, Русский."""
        return self._words.own_name

    # Words

    def kpi_name(self, kpi: str, fallback: str | None = None) -> str:
        """The display name of a KPI or figure. `fallback`: the English name of a company's own KPI, which no catalogue has."""
        return self._words.find("kpi", kpi) or self._words.find("figure", kpi) or fallback or self._words.get("kpi", kpi)

    def kpi_meaning(self, kpi: str, fallback: str | None = None) -> str:
        """The definition of a KPI or figure in a sentence or two. `fallback`: that of a company's own KPI."""
        return self._words.find("meaning", kpi) or self._words.find("figure_meaning", kpi) or fallback or self._words.get("meaning", kpi)

    def dimension(self, name: str) -> str:
        """The name of a dimension; a company's own column comes back as given."""
        return self._words.find("dimension", name) or name

    def column(self, name: str) -> str:
        """The heading of a column that says how a record came to count (`because`); a company's own comes back as given."""
        return self._words.find("column", name) or name

    def measure(self, name: str) -> str:
        """What a measure is called, by its name in the catalogue; that of a company's own comes back as given."""
        return self._words.find("measure", name) or name

    def choice(self, column: str, value: str) -> str:
        """The name of one of a dimension's or column's closed list of values (kind: upsell); any other comes back as given."""
        return self._words.choices.get(_SAME_VALUES.get(column, column), {}).get(value, value)

    def term(self, key: str) -> str:
        """A term as it stands within a sentence: deal, 商机."""
        return self._words.get("term", key)

    def heading(self, key: str) -> str:
        """A term as it stands by itself, over a column or a card: Deal."""
        words = self.term(key)
        return words[:1].upper() + words[1:]

    def area(self, key: str) -> str:
        """The heading of a group of KPIs: lead_generation, pipeline, revenue, customers, people, own."""
        return self._words.get("area", key)

    def fault(self, code: str) -> str:
        """Why a load set a row or cell aside, in words; the code of a source that has reasons of its own comes back as given."""
        return self._words.find("fault", code) or code

    def unit(self, unit: Unit | str) -> str:
        """The name of a unit: percent, money, days."""
        return self._words.get("unit", Unit(unit).value)

    def grain(self, name: str) -> str:
        """The name of a period grain: total, year, quarter, month, week, day, fiscal_year, fiscal_quarter."""
        return self._words.get("grain", name)

    def table(self, name: str) -> str:
        """What the rows of a canonical table are called."""
        return self._words.get("table", name)

    def reason(self, code: str) -> str:
        """Why rows were set aside, in words (no_exchange_rate: no exchange rate)."""
        return self._words.get("reason", code)

    def finding(self, key: str) -> str:
        """What the doctor found, in words (no_amount: deals without an amount)."""
        return self._words.get("finding", key)

    def advice(self, key: str) -> str:
        """What to do about a finding."""
        return self._words.get("advice", key)

    def message(self, key: str, /, **values: Number | str | datetime.date) -> str:
        """The sentence `key` with its values: numbers and dates are written as the language does, `count` chooses the plural form.

        Text goes in as it is (a page escapes the whole). Raises LookupError for an unknown key, TypeError where the values
        are not those that the message names.
        """
        forms = self._words.forms(key)
        wanted = placeholders(forms)
        if wanted != values.keys():
            raise TypeError(f"message {key!r} takes {', '.join(sorted(wanted)) or 'no values'}, not {', '.join(sorted(values)) or 'none'}")
        form = forms["other"]
        if len(forms) > 1:
            count = values[COUNT]
            if isinstance(count, str | datetime.date):
                raise TypeError(f"message {key!r} wants a number as count, not {count!r}")
            form = forms[numbers.plural_category(numbers.rounded_as_text(count), self._words.numbers)]
        parts = PLACEHOLDER.split(form)  # text, name, text, name, ..., text
        for i in range(1, len(parts), 2):
            value = values[parts[i]]
            parts[i] = self._written(value)
            if not isinstance(value, str | datetime.date) and parts[i + 1].startswith(" "):  # the space after a number does not break
                parts[i + 1] = numbers.NO_BREAK + parts[i + 1][1:]
        return "".join(parts)

    def has_message(self, key: str) -> bool:
        """Whether there is a sentence `key`."""
        try:
            self._words.forms(key)
        except LookupError:
            return False
        return True

    def _written(self, value: Number | str | datetime.date) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, datetime.datetime):
            return self.instant(value)
        return self.date(value) if isinstance(value, datetime.date) else self.number(value)

    # Numbers

    def value(self, value: Number | None, unit: Unit | str, currency: str | None = None, *,
              digits: int | None = None, signed: bool = False, empty: Empty = "dash") -> str:
        """A KPI's value in its unit: 25.4%, €1,234.50, 46.2 days. `digits` overrules the decimals of units.decimals.

        `signed` puts a plus before what is above 0; None is shown as `empty` says. Money needs its currency (ValueError).
        """
        if value is None:
            return self.empty(empty)
        unit = Unit(unit)
        shown = units.rounded(value, unit, currency, digits)
        locale = self._words.numbers
        if unit is Unit.PERCENT:
            text = numbers.percentage(shown, locale)
        elif unit is Unit.MONEY:
            if currency is None:
                raise ValueError("money cannot be shown without its currency")
            text = numbers.amount(shown, currency, locale)
        elif unit in (Unit.DAYS, Unit.HOURS):
            text = self._counted(unit.value, shown)
        else:
            text = numbers.plain(shown, locale)
        return numbers.with_sign(text, shown, signed)

    def number(self, value: Number | None, digits: int | None = None, *, signed: bool = False, empty: Empty = "dash") -> str:
        """A number without unit: whole where it is whole, else with two decimals, or with `digits` of them."""
        if value is None:
            return self.empty(empty)
        shown = numbers.rounded_as_text(value) if digits is None else units.rounded_to(value, digits)
        return numbers.with_sign(numbers.plain(shown, self._words.numbers), shown, signed)

    def percent(self, fraction: Number | None, digits: int | None = None, *, signed: bool = False, empty: Empty = "dash") -> str:
        """A fraction as a percentage: 0.254 -> 25.4%."""
        return self.value(fraction, Unit.PERCENT, digits=digits, signed=signed, empty=empty)

    def money(self, value: Number | None, currency: str, digits: int | None = None, *, signed: bool = False, empty: Empty = "dash") -> str:
        """An amount with its currency: €1,234.50, 1 234,50 €."""
        return self.value(value, Unit.MONEY, currency, digits=digits, signed=signed, empty=empty)

    def compact(self, value: Number | None, currency: str | None = None, *, signed: bool = False, empty: Empty = "dash") -> str:
        """A large number or amount in short, to three digits: 1.2M, 1.2亿, 1,2 млн €; a small one as it is."""
        if value is None:
            return self.empty(empty)
        short = abs(units.significant(value, SIGNIFICANT))
        if short < self._words.compact_from:
            unit = Unit.COUNT if currency is None else Unit.MONEY
            digits = 0 if short >= 100 else None
            return self.value(value, unit, currency, digits=digits, signed=signed)
        return numbers.with_sign(numbers.compact(value, currency, self._words.numbers, SIGNIFICANT), value, signed)

    def change(self, difference: Number | None, unit: Unit | str, currency: str | None = None, *,
               digits: int | None = None, empty: Empty = "dash") -> str:
        """How far a value moved, always with its sign; of a percentage in points: +2.1 pp."""
        if difference is None or Unit(unit) is not Unit.PERCENT:
            return self.value(difference, unit, currency, digits=digits, signed=True, empty=empty)
        shown = units.rounded(difference, Unit.PERCENT, digits=digits).scaleb(2)
        return numbers.with_sign(self._counted("points", shown), shown, True)

    def interval(self, low: Number | None, high: Number | None, unit: Unit | str, currency: str | None = None, *,
                 digits: int | None = None, empty: Empty = "dash") -> str:
        """An interval of confidence, both ends with the same decimals: 11.2% – 46.9%. Empty where either end is."""
        if low is None or high is None:
            return self.empty(empty)
        if digits is None:
            digits = units.decimals(max(low, high, key=lambda end: abs(float(end))), unit, currency)
        ends = (self.value(end, unit, currency, digits=digits) for end in (low, high))
        return f"{numbers.NO_BREAK}{DASH} ".join(ends)

    def duration(self, seconds: Number | None, *, empty: Empty = "dash") -> str:
        """A stretch of time in the unit that suits its length: 12 min, 5.5 h, 46.2 days (days from two days on)."""
        if seconds is None:
            return self.empty(empty)
        exact = Decimal(str(seconds))
        key, each, digits = next(scale for scale in _DURATIONS if abs(exact) < scale[0])[1:]
        shown = units.rounded_to(exact / each, digits)
        return numbers.with_sign(self._counted(key, shown), shown, False)

    def empty(self, empty: Empty = "dash") -> str:
        """What stands where there is no value: an en dash, or the words for no data."""
        return self.term("no_data") if empty == "words" else DASH

    def _counted(self, key: str, shown: Decimal) -> str:
        """A rounded number, unsigned, with the right form of its unit; a no-break space between them."""
        forms = self._words.forms(key)
        form = forms[numbers.plural_category(shown, self._words.numbers) if len(forms) > 1 else "other"]
        return form.replace("{count} ", f"{{count}}{numbers.NO_BREAK}").replace("{count}", numbers.plain(shown, self._words.numbers))

    # Dates

    def date(self, day: datetime.date | None, *, year: bool = True, empty: Empty = "dash") -> str:
        """A day: 14 Feb 2025, 2025年2月14日; without its `year` where that is in sight anyway."""
        return self.empty(empty) if day is None else dates.day(day, self._words.dates, year)

    def instant(self, at: datetime.datetime | None, *, empty: Empty = "dash") -> str:
        """A local time to the minute, as it stands (the caller has brought it into the workspace's zone): 14 Feb 2025, 08:05."""
        return self.empty(empty) if at is None else dates.day_and_clock(at, self._words.dates)

    def period(self, start: datetime.date, end: datetime.date, *, fiscal_year_start: int | None = None, long: bool = False) -> str:
        """The period `[start, end)`: Q1 2025, Week 7, 2025, Feb 2025 (`long`: February 2025), else a range with its last day shown.

        `fiscal_year_start`: the month a fiscal year starts in, where quarters and years are fiscal ones (FY2026, FY2026 Q1).
        Raises ValueError for an empty period.
        """
        if end <= start:
            raise ValueError(f"the period from {start} to {end} is empty")
        locale = self._words.dates
        span = dates.span_of(start, end, fiscal_year_start)
        if span is dates.Span.WEEK:
            iso = start.isocalendar()
            return self.message("week_of_year", week=str(iso.week), year=str(iso.year))
        if span in (dates.Span.FISCAL_YEAR, dates.Span.FISCAL_QUARTER):
            fiscal_year, quarter = dates.fiscal(start, fiscal_year_start or 1)
            if span is dates.Span.FISCAL_YEAR:
                return self.message("fiscal_year", year=str(fiscal_year))
            return self.message("fiscal_quarter", year=str(fiscal_year), quarter=str(quarter))
        if span is dates.Span.MONTH:
            return dates.month(start, locale, long)
        if span is dates.Span.QUARTER:
            return dates.quarter(start, locale, long)
        if span is dates.Span.YEAR:
            return dates.year(start, locale)
        return dates.day(start, locale) if span is dates.Span.DAY else dates.between(start, end, locale)


@cache
def language(code: str) -> Language:
    """The language that `code` means (see codes.known), made once. SettingError, which names the four, where it is none."""
    return Language(code)
