"""What gives silently different answers on different engines stands in no fact and no measure."""

import ast
import re
from pathlib import Path

import pytest

import salesgauge

HOME = Path(salesgauge.__file__).parent
FILES = sorted(path for part in ("facts", "semantics", "catalogue") for path in (HOME / part).rglob("*.py"))
FORBIDDEN = {
    "delta": "subtract epoch_seconds(), or date().epoch_days()", "nunique": "distinct, then count", "hash": "it differs by engine",
    "first": "number the rows in an order without ties", "last": "number the rows in an order without ties",
    "asof_join": "join on a minimum", "memtable": "read a table", "now": "the instant is a parameter", "today": "the day is a parameter",
    "random": "the answer is a function of the data", "approx_nunique": "count", "approx_median": "quantile", "approx_quantile": "quantile"}


def calls(path: Path) -> list[tuple[int, str]]:
    """Line and name of everything that a file calls as a method or function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [(f.lineno, f.attr if isinstance(f, ast.Attribute) else f.id) for f in functions if isinstance(f, ast.Attribute | ast.Name)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_fact_or_measure_uses_what_engines_answer_differently(path: Path) -> None:
    found = [f"line {line}: {name}: {FORBIDDEN[name]}" for line, name in calls(path) if name in FORBIDDEN]
    assert not found


def test_no_instant_is_cast_to_a_zone() -> None:
    assert not [path.name for path in FILES if re.search(r"""timestamp\(['"]""", path.read_text(encoding="utf-8"))]
