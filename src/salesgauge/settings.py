"""The settings of a workspace: the file `salesgauge.toml` in its folder."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tomli_w

from salesgauge.errors import SettingError, WorkspaceError, did_you_mean

FILE = "salesgauge.toml"
FORMAT = 1
LEAST_MEMORY = 256_000_000  # bytes; with less the database cannot even hold what its threads work on
_UNITS = {"MB": 10**6, "GB": 10**9}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(MB|GB)", re.IGNORECASE)
_NO_ZONES = ("localtime", "posix", "posixrules", "right")  # files beside the zones: copies, or with leap seconds


@dataclass(frozen=True)
class EngineSettings:
    """Where facts are built and questions answered: the table [engine]. Every value is text."""

    name: str = field(default="duckdb", metadata={
        "meaning": "`duckdb` (in the program itself), `postgresql`, `clickhouse` or `spark`"})
    address: str = field(default="", metadata={
        "meaning": "the engine's address without a password, or a reference to it"})
    password: str = field(default="", metadata={
        "meaning": "a reference to the password, never the password itself"})
    schema: str = field(default="salesgauge", metadata={
        "meaning": "how every schema (ClickHouse: database) begins that is made there; one for each workspace"})


ENGINES = ("duckdb", "postgresql", "clickhouse", "spark")
_REFERENCES = "env:NAME for an environment variable or file:PATH for a file"
ENGINE = {f.name: f for f in fields(EngineSettings)}


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
    memory: str = field(default="auto", metadata={
        "values": "auto, or a size from 256 MB, as 2 GB",
        "meaning": "the memory that the database may use in a load, and in all questions of a process together; what needs more goes to "
                   "the disk. auto: half of the machine's, at most 2.5 GB"})
    personal: tuple[str, ...] = ()  # columns of the company's own that hold names of persons: who sees no names sees nothing of them
    prefer: tuple[str, ...] = ()  # connected systems, the most trusted first: what is told of a thing that several of them have
    engine: EngineSettings = EngineSettings()
    targets: Mapping[str, Any] = field(default_factory=dict, hash=False)  # as they stand in the file; goals/target.py reads them

    @property
    def memory_bytes(self) -> int | None:
        """The setting `memory` in bytes; None: auto."""
        return None if self.memory == "auto" else _bytes(self.memory)

    @property
    def zone(self) -> ZoneInfo:
        """The workspace's time zone."""
        return ZoneInfo(self.timezone)


ADJUSTABLE = {f.name: f for f in fields(Settings) if f.metadata}


def _bytes(text: str) -> int | None:
    """A size as 512 MB or 2.5 GB (of a thousand each) in bytes; None where it cannot be read."""
    found = _SIZE.fullmatch(text.strip())
    return round(float(found[1]) * _UNITS[found[2].upper()]) if found else None


def _checked_memory(value: Any) -> str:
    size = _bytes(value) if isinstance(value, str) else None
    if value != "auto" and (size is None or size < LEAST_MEMORY):
        raise SettingError(f"setting memory cannot be {value!r}: it is {ADJUSTABLE['memory'].metadata['values']}")
    return str(value)


def _checked(name: str, value: Any) -> int | float | str:
    known = ADJUSTABLE.get(name)
    if known is None:
        raise SettingError(f"unknown setting {name!r}{did_you_mean(name, ADJUSTABLE)}; there are: {', '.join(ADJUSTABLE)}")
    if name == "memory":
        return _checked_memory(value)
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


def engine_settings(table: Any) -> EngineSettings:
    """The table [engine], found sound; SettingError where a value cannot be."""
    if not isinstance(table, dict):
        raise SettingError("[engine] in salesgauge.toml is a table: name = \"postgresql\", address = ...")
    for name, value in table.items():
        if name not in ENGINE:
            raise SettingError(f"[engine] has no {name!r}{did_you_mean(name, ENGINE)}; it has: {', '.join(ENGINE)}")
        if not isinstance(value, str):
            raise SettingError(f"[engine] {name} cannot be {value!r}: it is text, in quotes")
    made = EngineSettings(**table)
    if made.name not in ENGINES:
        raise SettingError(f"there is no engine {made.name!r}{did_you_mean(made.name, ENGINES)}; there are: {', '.join(ENGINES)}")
    if made.name != "duckdb" and not made.address:
        raise SettingError(f"the engine {made.name} needs an address in [engine]")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,29}", made.schema):
        raise SettingError(f"[engine] schema cannot be {made.schema!r}: a letter, then up to 29 small letters, digits or underscores")
    if made.password and not _is_reference(made.password):
        raise SettingError(f"[engine] password is no password but says where it is: {_REFERENCES}")
    without_password(made.address)
    return made


def _is_reference(text: str) -> bool:
    return text.startswith(("env:", "file:"))


def without_password(address: str) -> str:
    """An address that may stand in a file; SettingError, which does not repeat it, where it holds a password."""
    try:
        bare = urlsplit(address).password is None and "password=" not in address
    except ValueError:
        raise SettingError("[engine] address cannot be read as one") from None
    if not bare:
        raise SettingError(f"[engine] address holds a password; leave it out and say where it is: password = \"env:NAME\" ({_REFERENCES})")
    return address


def referred(text: str) -> str:
    """What a reference (env:NAME, file:PATH) stands for, any other text as it is; SettingError where there is nothing."""
    kind, _colon, name = text.partition(":")
    if kind == "env":
        if name not in os.environ:
            raise SettingError(f"[engine] refers to the environment variable {name}, which is not set")
        return os.environ[name]
    if kind == "file":
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise SettingError(f"[engine] refers to the file {name}, which cannot be read: {problem}") from None
    return text


def read(folder: Path) -> Settings:
    """The settings of the workspace in `folder`; WorkspaceError where there is none."""
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WorkspaceError(f"{folder} is no workspace (it has no {FILE}); make one with: salesgauge init {folder}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise WorkspaceError(f"cannot read {path}: {problem}") from None
    found = table.get("format")
    if type(found) is int and found > FORMAT:
        raise WorkspaceError(f"a newer salesgauge wrote {path} (format {found}; this one reads format {FORMAT}): update this one")
    if type(found) is not int or found != FORMAT:
        raise WorkspaceError(f"{path} has format {found!r}; this program reads format {FORMAT}")
    made = make(str(table.get("timezone")), str(table.get("currency")), dict(table.get("settings", {})))
    personal, prefer = (_names(name, example, table.get(name, [])) for name, example in (
        ("personal", 'a list of columns of your own, as personal = ["sponsor"]'),
        ("prefer", 'a list of connected systems, the most trusted first, as prefer = ["crm", "billing"]')))
    return replace(made, personal=personal, prefer=prefer, engine=engine_settings(table.get("engine", {})),
                   targets=table.get("targets", {}))


def _names(setting: str, right: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise SettingError(f"setting {setting} cannot be {given!r}: it is {right}")
    return tuple(given)


def write(folder: Path, settings: Settings) -> None:
    """Writes the settings whole or not at all, durably."""
    table: dict[str, Any] = {"format": FORMAT, "timezone": settings.timezone, "currency": settings.currency}
    chosen = {name: getattr(settings, name) for name, known in ADJUSTABLE.items() if getattr(settings, name) != known.default}
    table |= {name: list(names) for name in ("personal", "prefer") if (names := getattr(settings, name))}
    if chosen:
        table["settings"] = chosen
    engine = {name: getattr(settings.engine, name) for name, known in ENGINE.items() if getattr(settings.engine, name) != known.default}
    if engine:
        table["engine"] = engine
    if settings.targets:
        table["targets"] = settings.targets
    partial = folder / f".{FILE}.{os.getpid()}"
    with partial.open("w", encoding="utf-8") as file:
        file.write(tomli_w.dumps(table))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(folder / FILE)
