"""The stream of what advertising cost: the reports of a folder, each day of each campaign once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from salesgauge.errors import SourceError
from salesgauge.sources.ad_spend.report import Account, Spent, read_reports
from salesgauge.sources.ad_spend.reports import systems
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import Record, Right, Stream
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.exports.reading import SUFFIXES
from salesgauge.sources.sheet import is_workbook

COLUMNS = ("id", "day", "amount", "currency", "campaign_id", "campaign", "account", "channel", "record", "file")
OPTIONS = ("folder", "encoding", "dates", "decimal", "currency")


@dataclass(frozen=True)
class _Told:
    """What a file told of a day of an account: its campaigns by id (None where it does not give them all) and by name."""

    file: str
    account: Account
    ids: frozenset[str] | None
    names: frozenset[str]


class AdSpend:
    """A folder of reports. It is read whole each time, so that what a file brought goes when the file goes."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection, self._folder, self._system = connection, folder, systems()[connection.kind]

    def streams(self) -> Sequence[Stream]:
        """One stream: a record a day, account and campaign."""
        return [Stream("costs", COLUMNS, ("id",), self._read)]

    def rights(self) -> Iterable[Right]:
        """Whether each file can be read, and is a report by day."""
        try:
            files = self._files()
        except SourceError as problem:
            yield Right(f"read {self._folder}", False, problem.message)
            return
        if not files:
            yield Right(f"read {self._folder}", True, "there is no report in it yet")
        for path in files:
            try:
                read_reports(path, self._system, self._connection.options)
            except SourceError as problem:
                yield Right(f"read {path.name}", False, problem.message)
            else:
                yield Right(f"read {path.name}", True)

    def close(self) -> None:
        """Nothing is open."""

    def _files(self) -> list[Path]:
        """The reports of the folder, the newest first."""
        try:
            there = [path for path in self._folder.iterdir() if path.is_file() and not path.name.startswith((".", "~$"))
                     and (path.suffix.lower() in SUFFIXES or is_workbook(path.name))]
            return sorted(there, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
        except OSError as problem:
            why = problem.strerror or problem
            raise SourceError(f"{self._connection.path.name}: cannot read the folder {self._folder}: {why}") from None

    def _read(self, since: str | None) -> Iterator[Sequence[Record]]:
        told: dict[str, list[_Told]] = defaultdict(list)
        for path in self._files():
            try:
                found = read_reports(path, self._system, self._connection.options)
            except OSError as problem:
                raise SourceError(f"{self._connection.name}: cannot read {path.name}: {problem.strerror or problem}") from None
            for name, report in found.items():
                yield [self._record(spent, path.name) for spent in self._new(report, name, told)]

    def _new(self, found: Sequence[Spent], file: str, told: dict[str, list[_Told]]) -> Iterator[Spent]:
        """The costs that no newer file has told."""
        groups: dict[tuple[str, Account], list[Spent]] = defaultdict(list)
        for spent in found:
            groups[spent.day, spent.account].append(spent)
        mine: list[tuple[str, _Told]] = []
        for (day, account), group in groups.items():
            ids = frozenset(spent.campaign_id for spent in group)
            here = _Told(file, account, None if "" in ids else ids, frozenset(spent.campaign for spent in group))
            newer = [entry for entry in told[day] if entry.account.may_be(account)]
            gone = self._repeated(day, here, newer)
            yield from (spent for spent in group if (spent.campaign if here.ids is None else spent.campaign_id) not in gone)
            mine.append((day, here))
        for day, here in mine:
            told[day].append(here)

    def _repeated(self, day: str, here: _Told, newer: Sequence[_Told]) -> frozenset[str]:
        """The campaigns (by id where all have one, else by name) that newer files have told of that day. Without ids a campaign that they
        do not name may be one of theirs under its former name, or one of another account: nobody can say."""
        if here.ids is not None and all(entry.ids is not None for entry in newer):
            return frozenset().union(*(entry.ids for entry in newer if entry.ids is not None))
        names = frozenset[str]().union(*(entry.names for entry in newer))
        strange = sorted(here.names - names)
        if newer and strange:
            raise SourceError(f"{here.file} and {newer[0].file} both tell the costs of {day}, and the newer one has no campaign "
                              f"{strange[0]!r}: whether it was renamed nobody can say; add the column Campaign ID to both reports and "
                              "export them again, or take one of the files away")
        return (here.ids or here.names) if newer else frozenset()

    def _record(self, spent: Spent, file: str) -> Record:
        account = spent.account.id or spent.account.name
        key = "|".join((self._system.kind, spent.day, account, spent.campaign_id or spent.campaign, spent.currency))
        return {"id": key, "day": spent.day, "amount": f"{spent.amount:f}", "currency": spent.currency,
                "campaign_id": spent.campaign_id or None, "campaign": spent.campaign or None, "account": account or None,
                "channel": self._system.title, "file": file,
                "record": f"{self._system.kind}/{spent.account.id or '-'}/{spent.campaign_id or '-'}/{spent.day}"}


def connect(connection: Connection, secrets: Secrets, network: Network) -> AdSpend:
    """The folder `options.folder` (beside the connection's file, where it is no absolute path)."""
    options: Mapping[str, object] = connection.options
    for name in options:
        if name not in OPTIONS:
            raise SourceError(f"{connection.path.name}: there is no options.{name}; there are: {', '.join(OPTIONS)}")
    return AdSpend(connection, connection.folder / str(connection.option("folder")))
