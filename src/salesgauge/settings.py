"""The settings of a workspace: the file `salesgauge.toml` in its folder."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tomli_w

from salesgauge.errors import SettingError, WorkspaceError, did_you_mean

FILE = "salesgauge.toml"
FORMAT = 1
_NO_ZONES = ("localtime", "posix", "posixrules", "right")  # files beside the zones: copies, or with leap seconds


@dataclass(frozen=True)
class Settings:
    """Time zone and currency are fixed when the workspace is made; the others may change and take effect at once."""

    timezone: str = "UTC"
    currency: str = "EUR"
    activity_window_days: int = field(default=365, metadata={
        "least": 1, "meaning": "without contracts, an account is an active customer for this many days after a purchase"})
    forecast_cutoff_days: int = field(default=0, metadata={
        "least": 0, "meaning": "a forecast counts when submitted at most this many days after the period's start"})
    concentration_top: int = field(default=10, metadata={
        "least": 1, "meaning": "how many of the largest accounts revenue_concentration adds up"})
    nps_min_tenure_days: int = field(default=30, metadata={
        "least": 0, "meaning": "an answer counts in the net promoter score when the account has been a customer this long"})
    max_lifespan_years: float = field(default=10.0, metadata={
        "least": 0.01, "meaning": "the longest customer lifespan that customer_lifetime_value assumes"})
    rep_tenure_months: int = field(default=12, metadata={
        "least": 0, "meaning": "rep_retention_rate looks at reps hired at least this many months before the period"})
    fiscal_year_start: int = field(default=1, metadata={
        "least": 1, "most": 12, "meaning": "the month in which the fiscal year starts"})
    personal: tuple[str, ...] = ()  # columns of the company's own that hold names of persons: who sees no names sees nothing of them

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's time zone."""
        return ZoneInfo(self.timezone)


ADJUSTABLE = {f.name: f for f in fields(Settings) if f.metadata}


def _checked(name: str, value: Any) -> int | float:
    known = ADJUSTABLE.get(name)
    if known is None:
        raise SettingError(f"unknown setting {name!r}{did_you_mean(name, ADJUSTABLE)}; there are: {', '.join(ADJUSTABLE)}")
    whole = isinstance(known.default, int)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    least, most = known.metadata["least"], known.metadata.get("most", 1_000_000)
    if not least <= number <= most or (whole and number != int(number)) or isinstance(value, bool):
        kind = "a whole number" if whole else "a number"
        raise SettingError(f"setting {name} cannot be {value!r}: it is {kind} from {least} to {most}")
    return int(number) if whole else number


def make(timezone: str, currency: str, chosen: dict[str, Any]) -> Settings:
    """Settings from what a person gave; raises SettingError where a value cannot be."""
    try:
        if timezone.partition("/")[0] in _NO_ZONES:
            raise ValueError(timezone)
        ZoneInfo(timezone)
    except (ValueError, OSError, ZoneInfoNotFoundError):  # the list of all zones is slow to make: only for who needs it
        near = did_you_mean(timezone, available_timezones())
        raise SettingError(f"unknown time zone {timezone!r}{near}; write it as Europe/Berlin") from None
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise SettingError(f"cannot read currency {currency!r}: write three capital letters, as EUR")
    checked: dict[str, Any] = {k: _checked(k, v) for k, v in chosen.items()}
    return replace(Settings(timezone, currency), **checked)


def read(folder: Path) -> Settings:
    """The settings of the workspace in `folder`; WorkspaceError where there is none."""
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WorkspaceError(f"{folder} is no workspace (it has no {FILE}); make one with: salesgauge init {folder}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise WorkspaceError(f"cannot read {path}: {problem}") from None
    if table.get("format") != FORMAT:
        raise WorkspaceError(f"{path} has format {table.get('format')!r}; this program reads format {FORMAT}")
    made = make(str(table.get("timezone")), str(table.get("currency")), dict(table.get("settings", {})))
    return replace(made, personal=_names(table.get("personal", [])))


def _names(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise SettingError(f"setting personal cannot be {given!r}: it is a list of columns of your own, as personal = [\"sponsor\"]")
    return tuple(given)


def write(folder: Path, settings: Settings) -> None:
    """Writes the settings whole or not at all."""
    table: dict[str, Any] = {"format": FORMAT, "timezone": settings.timezone, "currency": settings.currency}
    chosen = {name: getattr(settings, name) for name, known in ADJUSTABLE.items() if getattr(settings, name) != known.default}
    if settings.personal:
        table["personal"] = list(settings.personal)
    if chosen:
        table["settings"] = chosen
    partial = folder / f".{FILE}.{os.getpid()}"
    partial.write_text(tomli_w.dumps(table), encoding="utf-8")
    partial.replace(folder / FILE)
