"""`salesgauge compute`: the values of KPIs, singly or as a batch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from salesgauge.cli import options
from salesgauge.errors import BadQuery
from salesgauge.periods import FORMS

if TYPE_CHECKING:
    from salesgauge.workspace import Workspace

NUMBERS = ("value", "numerator", "denominator", "n", "low", "high", "median", "p90")
ERRORS = ("median_error", "p90_error")  # of answers that may be approximate
_SHAPE = 'it holds a list of questions, as [{"kpi": "win_rate", "period": "2025-Q1", "by": ["rep"]}]'


@click.command("compute")
@click.argument("kpis", nargs=-1, metavar="[KPI ...]")
@click.option("--queries", type=click.Path(path_type=Path), metavar="FILE", help="A batch: a JSON file with a list of questions.")
@options.workspace
@options.question
@options.approximation
@options.cutting
@options.form
@options.lang
def command(kpis: tuple[str, ...], queries: Path | None, folder: Path, period: str | None, grain: str | None, by: tuple[str, ...],
            where: tuple[str, ...], as_of: str | None, approximate: bool, first: int | None, form: str, lang: str) -> int:
    """Computes KPIs: value, numerator, denominator, cases, 95 % interval, and what was set aside.

    In JSON and CSV numbers have all their digits; in CSV a text that begins with =, +, - or @ has an apostrophe in front.
    """
    from salesgauge.workspace import Workspace
    if queries is not None and (kpis or period or grain or by or where or as_of or approximate or first):
        raise click.UsageError("--queries brings its own KPIs, periods and options: give it alone, with --format and --lang")
    if queries is None and not kpis:
        raise click.UsageError("name a KPI (salesgauge kpis lists them), or give a batch with --queries FILE")
    workspace = Workspace(folder)
    if queries is not None:
        answers = _batch(workspace, read_queries(queries))
        return _show(answers, form, lang, forgiving=form == "json")
    for kpi in kpis:
        workspace.catalogue.find(kpi)
    if period is None:
        raise BadQuery(f"say for which period: --period {FORMS}")
    asked = [options.query_of(kpi, period=period, grain=grain, by=by, where=where, as_of=as_of, approximate=approximate, first=first)
             for kpi in kpis]
    fiscal = period.startswith("FY") or (grain or "").startswith("fiscal")
    start = workspace.settings.fiscal_year_start if fiscal else None
    return _show(workspace.answer(asked), form, lang, forgiving=False, fiscal_year_start=start)


def read_queries(path: Path) -> list[Any]:
    """The questions of a batch file; BadQuery, with the file's name and what is right, where it cannot be read or holds no list."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise BadQuery(f"cannot read {path}: {problem.strerror or problem}") from None
    except UnicodeDecodeError:
        raise BadQuery(f"cannot read {path}: it is no UTF-8 text; {_SHAPE}") from None
    except (ValueError, RecursionError) as problem:
        raise BadQuery(f"cannot read {path}: it is no JSON ({problem}); {_SHAPE}") from None
    if not isinstance(found, list):
        raise BadQuery(f"{path} holds no list of questions; {_SHAPE}")
    return found


def _batch(workspace: Workspace, queries: list[Any]) -> list[dict[str, Any]]:
    from salesgauge.cli.progress import watched
    with watched("computing") as tell:
        return workspace.answer(queries, progress=lambda done, total: tell(done, total, "computing"))


def _show(answers: Sequence[Mapping[str, Any]], form: str, lang: str, *, forgiving: bool, fiscal_year_start: int | None = None) -> int:
    """Writes the answers, and the faults to standard error; `forgiving`: the answers tell of the faults, the command succeeds."""
    from salesgauge.cli import printing
    from salesgauge.cli.program import DONE, FAULT, complain
    sound = [answer for answer in answers if "error" not in answer]
    if form == "json":
        printing.write_json({"results": answers})
    elif form == "csv":
        _write_csv(sound)
    elif sound:
        from salesgauge.cli.answers import print_answers
        print_answers(sound, lang, fiscal_year_start)
    if forgiving or len(sound) == len(answers):
        return DONE
    for message in dict.fromkeys(answer["error"]["message"] for answer in answers if "error" in answer):
        complain(message)
    return FAULT


def _write_csv(answers: Sequence[Mapping[str, Any]]) -> None:
    from salesgauge.cli.printing import write_csv
    keys = list(dict.fromkeys(key for answer in answers for row in answer["rows"] for key in row["by"]))
    numbers = (*NUMBERS, *(name for name in ERRORS if any(name in row for answer in answers for row in answer["rows"])))
    rows = ([answer["kpi"], row["start"], row["end"], *(row["by"].get(key) for key in keys), *(row.get(name) for name in numbers),
             ";".join(f"{reason}={count}" for reason, count in row["excluded"].items())] for answer in answers for row in answer["rows"])
    write_csv(("kpi", "start", "end", *keys, *numbers, "excluded"), rows)
