"""The reference is what the declarations say, and everything public is in it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from docs.making import reference
from docs.making.pages import ROOT, pages
from salesgauge.catalogue import built_in
from salesgauge.catalogue.figures import figures
from salesgauge.cli.program import program
from salesgauge.schema import LOADABLE
from salesgauge.settings import ADJUSTABLE, ENGINE

TOP = click.Context(program, info_name="salesgauge")


def written(page: str) -> str:
    return (reference.FOLDER / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", list(reference.PAGES))
def test_the_reference_is_what_the_declarations_say(page: str) -> None:
    assert written(page) == reference.PAGES[page](), f"docs/reference/{page} is not up to date: make docs"


def test_every_kpi_is_documented() -> None:
    assert re.findall(r"^### (\w+)$", written("kpis.md"), flags=re.MULTILINE) == list(built_in())


def test_every_figure_is_documented() -> None:
    assert re.findall(r"^### (\w+)$", written("figures.md"), flags=re.MULTILINE) == list(figures())


def test_every_command_and_option_is_documented() -> None:
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", written("commands.md"), flags=re.MULTILINE | re.DOTALL))
    assert list(sections) == program.list_commands(TOP)
    for name, section in sections.items():
        command = program.get_command(TOP, name)
        assert command is not None
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in section, f"{name} {parameter.opts[0]}"


def test_every_setting_is_documented() -> None:
    known = set(ADJUSTABLE) | set(ENGINE) | {"timezone", "currency"}
    assert known == set(re.findall(r"^\| `(\w+)` ", written("settings.md"), flags=re.MULTILINE))


def test_every_table_and_column_is_documented() -> None:
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", written("tables.md"), flags=re.MULTILINE | re.DOTALL))
    assert {name: re.findall(r"^\| `(\w+)`", text, flags=re.MULTILINE) for name, text in sections.items()} == {
        name: [column.name for column in table.columns] for name, table in LOADABLE.items()}


def test_an_option_without_words_is_an_error() -> None:
    bare = click.Command("bare", params=[click.Option(["--bare"])])
    with pytest.raises(reference.Undocumented, match="option --bare of bare"):
        reference.options_table(bare, click.Context(bare, info_name="bare"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_documentation_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{page.name} links to {target}"
        if anchor:
            assert f"# {anchor}\n" in found.read_text(encoding="utf-8"), f"{page.name} links to {target}"


def test_no_committed_page_names_a_place_on_a_machine() -> None:
    for page in pages():
        assert not re.search(r"/(?:work|root|home)/", page.read_text(encoding="utf-8")), page.name


def test_every_part_of_a_command_is_documented_with_its_options() -> None:
    sections = dict(re.findall(r"^### (\w+ \w+)\n(.*?)(?=^##|\Z)", written("commands.md"), flags=re.MULTILINE | re.DOTALL))
    parts = {f"{name} {part}": command.commands[part] for name in program.list_commands(TOP)
             for command in [program.get_command(TOP, name)] if isinstance(command, click.Group) for part in command.commands}
    assert set(sections) == set(parts) != set()
    for name, command in parts.items():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in sections[name], f"{name} {parameter.opts[0]}"
