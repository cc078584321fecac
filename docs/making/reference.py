"""The reference pages, made from the declarations: KPIs, commands, settings, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from docs.making import api, imports
from docs.making.pages import ROOT
from salesgauge.catalogue import built_in
from salesgauge.catalogue.figures import figures
from salesgauge.cli.program import program
from salesgauge.language import LANGUAGES, language
from salesgauge.schema import KEY_TABLES, LOADABLE, USABLE, Column, Kind
from salesgauge.semantics.kpi import Catalogue, Kpi
from salesgauge.semantics.measure import CUSTOMER, PURCHASE, Measure
from salesgauge.settings import ADJUSTABLE, ENGINE, FILE, Settings

FOLDER = ROOT / "docs" / "reference"
_MADE = "<!-- Made by `make docs` from the declarations; what is written here by hand is lost. -->\n"
_CHOICES_OF_TABLES = {
    PURCHASE: "orders and order_lines (in a workspace without orders: opportunities)", CUSTOMER: "any of orders, opportunities, contracts"}
_BETTER = {"up": "higher", "down": "lower", "band": "within a range: both too low and too high are bad", "": "neither"}
_INTERVALS = {"wilson": "Wilson, 95 %", "student": "Student's t, 95 %", None: "none"}


_FIGURES = figures()


class Undocumented(Exception):
    """Something public has no words of its own; the message names it."""


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(header)]
    lines += [["---"] * len(lines[0]), *(list(row) for row in rows)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _plainly(text: str) -> str:
    return " ".join(text.split())


# KPIs

def kpis_page() -> str:
    """Every built-in KPI: its definition, formula, dimensions and needs."""
    catalogue = built_in()
    return _sections(catalogue, [
        _MADE, "# The KPIs\n", f"There are {len(catalogue)}. `salesgauge explain KPI` says the same of each, with the SQL that your "
        "workspace runs. † marks a dimension that only one of the two measures carries: it groups and filters that one, and the other "
        "stays whole. Sources are the documents that the catalogue comes from, A to E, with the place in them.\n"])


def figures_page() -> str:
    """Every figure that the pages show beside the KPIs."""
    return _sections(figures(), [
        _MADE, "# The figures\n", "What the pages show beside the [KPIs](kpis.md): the bookings behind an attainment, the parts of a "
        "pipeline's movement, the deals to work on. A figure is filtered, restricted to a viewer, asked as of a day and opened into its "
        "records as a KPI is, but nobody is steered by it. In Python: `workspace.answer(queries, viewer, figures=True)` and "
        "`workspace.records(query, side, viewer, figures=True)`; the queries may name KPIs too.\n"])


def _sections(catalogue: Catalogue, text: list[str]) -> str:
    area = None
    for kpi in catalogue.values():
        if kpi.area != area:
            area = kpi.area
            text.append(f"## {language('en').area(area)}\n")
        text.append(_kpi(kpi))
    return "\n".join(text)


def _kpi(kpi: Kpi) -> str:
    if not kpi.meaning:
        raise Undocumented(f"KPI {kpi.id}")
    measures = [m for m in (kpi.formula.numerator, kpi.formula.denominator) if m is not None]
    dimensions = [f"`{d}`{' †' if d in kpi.one_sided else ''}" for d in kpi.dimensions]
    extras = {PURCHASE: "orders (without that table: opportunities)", None: ""}.get(kpi.extras_of, kpi.extras_of or "")
    names = [f"{language(code).kpi_name(kpi.id)} ({code})" for code in LANGUAGES if code != "en"]
    reasons = list(dict.fromkeys(reason for m in kpi.formula.measures() if m.set_aside for reason in m.reasons))
    rows = [("formula", " / ".join(m.name for m in measures) + (", by the formula above" if kpi.formula.value else "")),
            ("date that decides", "; ".join(dict.fromkeys(_anchor(m) for m in measures))),
            ("unit, kind", f"{kpi.unit}, {kpi.kind}{'; with median and 90th percentile' if kpi.median else ''}"),
            ("better", _BETTER[kpi.better]), ("interval", _INTERVALS[kpi.interval]),
            ("dimensions", ", ".join(dimensions) + (f"; further columns of {extras}" if extras else "")),
            *((("must be asked by", _named(kpi.required)),) if kpi.required else ()),
            *((("says of each record", _named(because)),) if (because := _because(kpi)) and kpi.id in _FIGURES else ()),
            ("needs", "; ".join(dict.fromkeys(_need(n) for m in kpi.formula.measures() for n in m.needs)))]
    if reasons:
        rows.append(("set aside", ", ".join(f"`{reason}` ({language('en').reason(reason)})" for reason in reasons)))
    if kpi.watch:
        rows.append(("watch beside it", f"[{kpi.watch}](#{kpi.watch})"))
    if kpi.source:
        rows.append(("source", "beyond these documents" if kpi.source == "+" else kpi.source))
    rows += [("names", ", ".join(names))]
    return f"### {kpi.id}\n\n**{language('en').kpi_name(kpi.id)}.** {_plainly(kpi.meaning)}\n\n" + _table(("", ""), rows)


def _because(kpi: Kpi) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column for m in kpi.formula.measures() for column in m.because))


def _anchor(measure: Measure) -> str:
    return f"{measure.name}: {measure.on}" if measure.on else f"{measure.name}: the period itself"


def _need(need: str) -> str:
    return _CHOICES_OF_TABLES.get(need, " or ".join(need.split("|")))


# Commands

def commands_page() -> str:
    """Every command with its arguments and options."""
    top = program.make_context("salesgauge", [], resilient_parsing=True)  # as it is run: --help has its short form in every command
    text = [_MADE, "# The commands\n", f"{_plainly(program.help or '')}\n", options_table(program, top)]
    for name in program.list_commands(top):
        command = program.get_command(top, name)
        assert command is not None
        if not command.help:
            raise Undocumented(f"command {name}")
        ctx = click.Context(command, info_name=name, parent=top)
        usage = command.get_usage(ctx).removeprefix("Usage: ").replace("\n", " ")
        paragraphs = "\n\n".join(_plainly(part) for part in command.help.replace("\b", "").split("\n\n"))
        text.append(f"## {name}\n\n```text\n{_plainly(usage)}\n```\n\n{paragraphs}\n")
        text.append(options_table(command, ctx))
        if isinstance(command, click.Group):
            text += [_part(command, part, ctx) for part in command.list_commands(ctx)]
    return "\n".join(text)


def _part(group: click.Group, name: str, parent: click.Context) -> str:
    command = group.get_command(parent, name)
    assert command is not None
    if not command.help:
        raise Undocumented(f"command {parent.info_name} {name}")
    ctx = click.Context(command, info_name=name, parent=parent)
    usage = _plainly(command.get_usage(ctx).removeprefix("Usage: "))
    return f"### {parent.info_name} {name}\n\n```text\n{usage}\n```\n\n{_plainly(command.help)}\n\n{options_table(command, ctx)}"


def options_table(command: click.Command, ctx: click.Context) -> str:
    """The options of a command with their words; Undocumented for one that has none."""
    rows = []
    for parameter in command.get_params(ctx):
        if isinstance(parameter, click.Option) and not parameter.hidden:
            record = parameter.get_help_record(ctx)
            if record is None or not parameter.help:
                raise Undocumented(f"option {parameter.opts[0]} of {ctx.command_path}")
            rows.append((f"`{record[0]}`", _plainly(record[1])))
    return _table(("option", "meaning"), rows)


# Settings

def settings_page() -> str:
    """Every setting of a workspace."""
    rows = []
    for name, known in ADJUSTABLE.items():
        if not known.metadata.get("meaning"):
            raise Undocumented(f"setting {name}")
        least, most = known.metadata.get("least"), known.metadata.get("most")
        values = known.metadata.get("values") or (f"{least} to {most}" if most else f"from {least}")
        rows.append((f"`{name}`", str(known.default), values, known.metadata["meaning"]))
    fixed = [("`timezone`", Settings.timezone, "a name as Europe/Berlin", "whose days count, and in which a time without offset is read"),
             ("`currency`", Settings.currency, "three capital letters", "in which money is told; others need `exchange_rates`")]
    engine = []
    for name, known in ENGINE.items():
        if not known.metadata.get("meaning"):
            raise Undocumented(f"setting {name} of [engine]")
        engine.append((f"`{name}`", str(known.default), known.metadata["meaning"]))
    header = ("name", "default", "values", "meaning")
    return "\n".join((
        _MADE, "# The settings\n",
        f"They stand in `{FILE}` in the workspace's folder. Time zone and currency are fixed when the workspace is made (`salesgauge init "
        "WORKSPACE --timezone Europe/Berlin --currency EUR`):\n", _table(header, fixed),
        "The others may be given to `init` as `--set NAME=VALUE`, or be written into the file later; they take effect at once:\n",
        _table(header, rows),
        '```toml\nformat = 1\ntimezone = "Europe/Berlin"\ncurrency = "EUR"\n\n[settings]\nfiscal_year_start = 4\n```\n',
        "`personal`, before `[settings]`, names columns of the company's own that hold names of persons, of any table: an analyst, who "
        "sees no names, sees nothing of them, and cannot ask by them:\n",
        '```toml\npersonal = ["sponsor", "champion"]\n```\n',
        "`prefer`, at the same place, names connected systems, the most trusted first: what is told of a company or rep that several of "
        "them have ([one in several systems](../how-to/merge-duplicates.md)). Systems that it does not name follow by name, files last:\n",
        '```toml\nprefer = ["crm", "billing"]\n```\n',
        "The table `[engine]` names where facts are built and questions answered ([how to use it](../how-to/use-your-warehouse.md)). A "
        "reference is `env:NAME` for an environment variable or `file:PATH` for a file:\n", _table(("name", "default", "meaning"), engine),
        "Tables `[targets.KPI]` say what you want of a KPI: `company` of all rows together, `rep` of each rep, `team.NAME` of a team. What "
        "adds up over time has its target `per` month, quarter or year; any other has one for every period: a number (at least, or at most "
        "where lower is better), or a range, which a KPI needs that can be too low and too high. Values are in the KPI's unit, a "
        "percentage as a fraction. Cards show the value beside its target where a page is about just these rows and whole periods of the "
        "target's; the KPI's page lists all of its targets:\n",
        "```toml\n[targets.new_opportunities]\nper = \"quarter\"\ncompany = 900\nrep = 20\nteam.North = 300\n\n"
        "[targets.win_rate]\ncompany = 0.25\n\n[targets.discount_rate]\ncompany = [0.05, 0.12]\n```\n"))


# Tables

_READ = {Kind.INSTANT: "instant", Kind.DATE: "date", Kind.NUMBER: "number", Kind.BOOLEAN: "true or false", Kind.TEXT: "text"}


def tables_page() -> str:
    """Every canonical table and column."""
    text = [_MADE, "# The tables\n",
            "`salesgauge load FOLDER` takes a folder with one file per table, `leads.csv` or `leads.parquet`. Each table may be absent, "
            f"but one of {', '.join(USABLE)} must be there; columns stand in any order, and those that are not required may be absent. A "
            "column beyond these is kept as a dimension.\n",
            "\\* required. ‡ decisive: a value that cannot be read sets the whole row aside (in other optional columns only the cell). An "
            "instant is `2025-03-14T09:30:00+01:00`, or a local time without the offset, or a date; a date is `2025-03-14`.\n"]
    for table in LOADABLE.values():
        key = _named(table.key) + (" and the order in the file" if table.ordered else "")
        if table is next(iter(KEY_TABLES.values())):
            text.append("# Keys of the same thing in several systems\n\nThese count in no KPI: by them an account, contact or rep is known "
                        "again in another system ([one in several systems](../how-to/merge-duplicates.md)).\n")
        text.append(f"## {table.name}\n\nOne row is {table.row}. Key: {key}.\n")
        text.append(_table(("column", "holds"), ((_column(c), ", ".join(c.choices) or _READ[c.kind]) for c in table.columns)))
    return "\n".join(text)


def _column(column: Column) -> str:
    return f"`{column.name}`" + (" \\*" if column.required else " ‡" if column.decisive else "")


def api_page() -> str:
    """Every operation of the interface for programs."""
    return _MADE + "\n" + api.page(_table, Undocumented)


def imports_page() -> str:
    """The systems that are recognised, and every nasty export of the tests."""
    return _MADE + "\n" + imports.page(_table)


PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page, "imports.md": imports_page,
    "kpis.md": kpis_page, "figures.md": figures_page, "commands.md": commands_page, "settings.md": settings_page, "tables.md": tables_page}


def write() -> list[Path]:
    """Writes every reference page; gives those that changed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, make in PAGES.items():
        path, text = FOLDER / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
