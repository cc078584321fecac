"""The options that commands share, and what they read from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from salesgauge.errors import BadQuery
from salesgauge.settings import FILE

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
FORMATS = ("table", "json", "csv")
HERE = Path()


def _language(ctx: click.Context, param: click.Parameter, value: str) -> str:
    from salesgauge.language.codes import known
    return known(value)


def _readable(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Refuses an argument whose bytes are no text in the terminal's encoding."""
    for text in value if isinstance(value, tuple) else (value,):
        if isinstance(text, str) and any("\ud800" <= character <= "\udfff" for character in text):
            raise click.BadParameter("this is no UTF-8 text", ctx, param)
    return value


def workspace(command: Decorated) -> Decorated:
    """`--workspace`, by default the environment's SALESGAUGE_WORKSPACE, else the current folder."""
    return click.option("--workspace", "-w", "folder", type=click.Path(path_type=Path), envvar="SALESGAUGE_WORKSPACE", default=HERE,
                        metavar="WORKSPACE", help="Its folder (default: $SALESGAUGE_WORKSPACE, else the current folder).")(command)


def form(command: Decorated) -> Decorated:
    """`--format`: a table for people, JSON or CSV for programs."""
    return click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True,
                        help="A table for people, JSON or CSV for programs.")(command)


def lang(command: Decorated) -> Decorated:
    """`--lang`: the language of tables and names."""
    return click.option("--lang", default="en", envvar="SALESGAUGE_LANG", callback=_language, metavar="en|zh-Hans|zh-Hant|ru",
                        help="The language of tables and names (default: $SALESGAUGE_LANG, else en).")(command)


def filters(command: Decorated) -> Decorated:
    """`--where` and `--as-of`."""
    command = click.option("--as-of", metavar="INSTANT", callback=_readable,
                           help="What was known then: 2025-03-31 (the start of that day) or 2025-03-31T18:00:00+02:00.")(command)
    return click.option("--where", multiple=True, metavar="DIM=VALUE", callback=_readable,
                        help="Only rows of that value (of one of them, where repeated). DIM= is the empty value.")(command)


def grouping(command: Decorated) -> Decorated:
    """`--by`: the dimensions to group by."""
    return click.option("--by", multiple=True, metavar="DIM[,DIM ...]", callback=_readable,
                        help="One row for each value of these dimensions.")(command)


def question(command: Decorated) -> Decorated:
    """`--period`, `--grain`, `--by`, `--where` and `--as-of`: what of a question is not its KPI."""
    command = grouping(filters(command))
    command = click.option("--grain", metavar="GRAIN", callback=_readable,
                           help="total (default), year, quarter, month, week, day, fiscal_year or fiscal_quarter.")(command)
    return click.option("--period", metavar="PERIOD", callback=_readable,
                        help="2025, 2025-Q1, 2025-03, 2025-W07, 2025-03-14, 2025-01-01..2025-04-01 (end exclusive) or FY2026.")(command)


def approximation(command: Decorated) -> Decorated:
    """`--approximate`."""
    return click.option("--approximate", is_flag=True, help="The median and the 90th percentile may be approximate (by 0.5% at most) where "
                        "that is sooner answered; how far they may be from the exact ones stands beside them.")(command)


def cutting(command: Decorated) -> Decorated:
    """`--first`."""
    return click.option("--first", type=click.IntRange(min=1), metavar="N", help="Of each period only the N groups of the largest values, "
                        "the largest first.")(command)


def read_where(given: Sequence[str]) -> dict[str, list[str | None]]:
    """The filters as a batch has them; BadQuery for one without an equals sign. A value may contain further ones."""
    found: dict[str, list[str | None]] = {}
    for text in given:
        dimension, equals, value = text.partition("=")
        if not equals or not dimension:
            raise BadQuery(f"cannot read --where {text!r}: write DIM=VALUE, as channel=web; DIM= is the empty value")
        values = found.setdefault(dimension, [])
        if (value or None) not in values:
            values.append(value or None)
    return found


def read_by(given: Sequence[str]) -> list[str]:
    """The dimensions to group by, from `a,b` or a repeated option."""
    return [name.strip() for text in given for name in text.split(",")] if given else []


def query_of(kpi: str, *, period: str | None, grain: str | None = None, by: Sequence[str] = (), where: Sequence[str] = (),
             as_of: str | None = None, approximate: bool = False, first: int | None = None) -> dict[str, Any]:
    """The entry of a batch that these options ask for."""
    query: dict[str, Any] = {"kpi": kpi, "period": period, "grain": grain, "by": read_by(by), "where": read_where(where), "as_of": as_of,
                             "approximate": approximate, "first": first}
    return {key: value for key, value in query.items() if value not in (None, [], {}, False)}


def is_workspace(folder: Path) -> bool:
    """Whether a folder was named, or the current one is a workspace: commands that can do without one then do."""
    return folder != HERE or (folder / FILE).exists()
