"""Typed errors. Their messages are part of the interface: safe to show, and they say what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SalesgaugeError(Exception):
    """Something the person can mend. `code` is stable; the message is one line.

    `key` and `values` tell it in other languages: it is the message `error_<key>` of their catalogues (empty: in English alone).
    """

    code = "error"

    def __init__(self, message: str, key: str = "", /, **values: str | int) -> None:
        super().__init__(" ".join(message.split()))
        self.key, self.values = key, values

    @property
    def message(self) -> str:
        """What is wrong and what would be right, in one line."""
        return str(self.args[0])


class QuestionError(SalesgaugeError):
    """A question that cannot be answered as it was asked (the codes of spec/compute.md)."""


class UnknownKpi(QuestionError):
    """A KPI that the catalogue does not have."""

    code = "unknown_kpi"


class BadQuery(QuestionError):
    """A query whose parts are missing or unreadable."""

    code = "bad_query"


class BadPeriod(QuestionError):
    """A period that cannot be read or is empty."""

    code = "bad_period"


class BadDimension(QuestionError):
    """A dimension that the KPI does not have."""

    code = "bad_dimension"


class MissingTable(QuestionError):
    """A table that the KPI or a dimension needs and the workspace lacks."""

    code = "missing_table"


class Confidential(QuestionError):
    """Something that would tell what a single person answered in confidence."""

    code = "confidential"


class WorkspaceError(SalesgaugeError):
    """The workspace folder is missing, unreadable, of another version or in use."""

    code = "workspace"


class Busy(WorkspaceError):
    """Another process or thread is at it: a load, or the reading of the same system. It goes when that is done."""


class StoreDamaged(WorkspaceError):
    """A generation of the store, or the file that names the one in force, is not what was written. `why` is what is wrong alone."""

    def __init__(self, why: str, remedy: str) -> None:
        self.why = " ".join(why.split())
        super().__init__(f"the store is damaged: {why}; {remedy}")


class BackupError(SalesgaugeError):
    """A backup that cannot be made where it should be, or that is damaged, incomplete or not one."""

    code = "backup"


class SettingError(SalesgaugeError):
    """A setting of salesgauge.toml that is unknown or has a value it cannot have."""

    code = "setting"


class EngineError(SalesgaugeError):
    """An engine that cannot be reached, lacks what it needs, or cannot hold what it is sent."""

    code = "engine"

    @classmethod
    def said(cls, engine: str, problem: BaseException | str) -> EngineError:
        """What an engine itself said, word for word, after its name."""
        said = " ".join(str(problem).split()) or type(problem).__name__
        return cls(f"{engine}: {said}", "engine_said", engine=engine, said=said)

    @classmethod
    def lacks(cls, engine: str, package: str) -> EngineError:
        """The Python package of an engine is not installed."""
        command = f"pip install 'salesgauge[{engine}]'"
        return cls(f"the engine {engine} needs the Python package {package}; install it: {command}",
                   "engine_package", engine=engine, package=package, command=command)


class LoadRefused(SalesgaugeError):
    """A load that was refused whole; the workspace stays as it was."""

    code = "load_refused"


class MappingError(SalesgaugeError):
    """A mapping file that cannot be used; names the file and the key."""

    code = "mapping"


class SourceError(SalesgaugeError):
    """A connected system that cannot be read: not reached, not allowed, not as it says it is; or a connection that is not set up."""

    code = "source"


class CatalogueError(SalesgaugeError):
    """A declaration of a fact, measure or KPI that is not sound; names file and line."""

    code = "catalogue"


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known words that look most like `word`, best first; empty where none is near."""
    by_folded = {k.casefold(): k for k in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=count, cutoff=0.6)
    return [by_folded[f] for f in found]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean a, b?`, or nothing where no known word is near."""
    close = nearest(word, known)
    return f"; did you mean {', '.join(close)}?" if close else ""
