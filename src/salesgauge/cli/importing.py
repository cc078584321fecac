"""`salesgauge import`: files as people have them, read, proposed, asked about, loaded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from salesgauge.cli import options
from salesgauge.cli.program import UNDECIDED, Surroundings

if TYPE_CHECKING:
    from salesgauge.sources.exports import Answers, Proposal, Question

_LEAST_SURE = 0.7  # below it a line of the preview is coloured


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.workspace
@click.option("--answers", "answered", type=click.Path(path_type=Path), metavar="FILE", help="A file of answers (TOML) to the questions.")
@click.option("--mapping", type=click.Path(path_type=Path), metavar="FILE",
              help="Where the mapping file is written (default: mappings/ in the workspace).")
@click.option("--dry-run", is_flag=True, help="Only the preview and the mapping: nothing is written or loaded.")
@click.option("--complete", is_flag=True, help="The files are all there is: rows that they lack are gone.")
@options.form
@options.lang
@click.pass_obj
def command(surroundings: Surroundings, files: tuple[Path, ...], folder: Path, answered: Path | None, mapping: Path | None, dry_run: bool,
            complete: bool, form: str, lang: str) -> int | None:
    """Imports exports and sheets as they are: CSV files and workbooks (.xlsx, .xls, .ods) of any encoding, delimiter and layout.

    Each column is decided as a whole, by all of its values. What cannot be decided is asked: at a terminal at once, else the questions are
    written as TOML (exit code 3), to be answered and given with --answers. The mapping that comes of it is saved: `salesgauge load FOLDER
    --mapping` repeats the import.
    """
    from salesgauge.cli.load import show
    from salesgauge.cli.progress import watched
    from salesgauge.sources.exports import NONE, as_toml, bring, read_answers, save
    from salesgauge.workspace import Workspace
    workspace = Workspace(folder)
    answers = read_answers(answered) if answered else NONE
    proposal = _decided(files, answers, workspace.settings.currency)
    if proposal.questions:
        click.echo(as_toml(proposal.questions), nl=False)
        count = len(proposal.questions)
        click.echo(f"salesgauge: {count} question{'s' if count > 1 else ''} to answer first: write the answers into these lines and give "
                   "the file with --answers", err=True)
        return UNDECIDED
    if form == "table":
        _preview(proposal)
    if dry_run:
        _only_look(proposal, form)
        return None
    path = save(proposal, workspace.folder, mapping)
    with watched(str(proposal.folder)) as tell:
        report = workspace.load(proposal.folder, now=surroundings.now(), stage=bring(path), complete=complete, progress=tell)
    show(report, form, lang)
    if form == "table":
        click.echo(f"The mapping is saved: salesgauge load {proposal.folder} --mapping {path}")
    return None


def _decided(files: tuple[Path, ...], answers: Answers, currency: str) -> Proposal:
    """The proposal; at a terminal with the questions asked, round by round."""
    from salesgauge.sources.exports import look
    while True:
        proposal = look(files, answers, currency)
        if not proposal.questions or not (sys.stdin.isatty() and sys.stdout.isatty()):
            return proposal
        answers = answers.with_more({question.path: _ask(question) for question in proposal.questions})


def _ask(question: Question) -> str:
    """Asks one question at the terminal."""
    from salesgauge.cli.printing import plain
    click.echo(plain(f"\n{question.where}: {question.text}"))
    if question.seen:
        click.echo(plain(f"  seen: {', '.join(question.seen)}"))
    for number, (value, meaning) in enumerate(question.choices, start=1):
        click.echo(plain(f"  {number}  {value}" + (f": {meaning}" if meaning else "")))
    if not question.choices:
        return str(click.prompt("answer"))
    chosen: int = click.prompt("number", type=click.IntRange(1, len(question.choices)))
    return question.choices[chosen - 1][0]


def _only_look(proposal: Proposal, form: str) -> None:
    """What a dry run writes besides the preview: the mapping."""
    from salesgauge.cli.printing import write_csv, write_json
    lines = [{"file": line.file, "table": line.table, "column": line.column, "header": line.header, "how": line.how,
              "confidence": line.confidence, "seen": list(line.seen)} for line in proposal.lines]
    if form == "json":
        write_json({"mapping": proposal.mapping, "columns": lines, "notes": list(proposal.notes), "systems": list(proposal.systems),
                    "left_out": dict(proposal.left_out), "read": dict(proposal.read)})
    elif form == "csv":
        write_csv(("file", "table", "column", "header", "how", "confidence"), [list(line.values())[:-1] for line in lines])
    else:
        click.echo(proposal.mapping, nl=False)


def _preview(proposal: Proposal) -> None:
    """The proposal as tables: how each file is read, what each column becomes."""
    from salesgauge.cli.tables import Cell, Column, Page
    page = Page()
    for name, how in proposal.read:
        mine = [line for line in proposal.lines if line.file == name]
        if not mine:
            continue
        rows: list[list[str | Cell]] = [
            [line.column, line.header, line.how, Cell(f"{line.confidence:.2f}" if line.column else "",
                                                      "yellow" if line.confidence < _LEAST_SURE else ""), ", ".join(line.seen)[:60]]
            for line in mine]
        columns = [Column("column"), Column("from"), Column("read as"), Column("sure", number=True), Column("values")]
        page.table(columns, rows, f"{name} -> {mine[0].table} ({how})")
    for name, why in proposal.left_out:
        page.paragraph(f"{name} is not used: {why}")
    for note in proposal.notes:
        page.paragraph(note)
