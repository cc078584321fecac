"""Every kind of system is followed through its life: each record once, as it stands now, with the way that it went."""

from __future__ import annotations

import logging
from decimal import Decimal
from pathlib import Path

import pytest

from salesgauge.sources.kinds import KINDS
from sources.conformance.connected import Connected

SKEW = 240.0  # seconds by which a clock may be wrong, or a change may come late


@pytest.mark.parametrize("kind", KINDS)
def test_a_system_is_followed_through_its_life(kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = Connected(kind, tmp_path)
    case = made.case
    sound(made)

    keys = case.add(case.page)  # all of a page, and no more
    made.tick()
    for stage in (*case.stages[1:2], "won"):
        case.move(keys[0], stage)
        made.tick()
    case.move(keys[1], "lost")
    made.tick()
    assert made.sync()[case.table]["new"] == case.page
    made.agrees()
    before, cursors = made.generation, made.cursors()

    made.sync()
    assert made.generation == before, "what was read once more changes nothing"
    forward(made, cursors)

    made.tick(3600)
    keys += case.add(case.page + 1)  # now two pages and a record
    made.tick()
    case.change(keys[2], Decimal("7.5"))
    case.hand_over(keys[3])
    case.move(keys[1], case.stages[0] if case.stages else "")  # opened again
    case.remove(keys[4])
    case.remove(keys[5])
    made.tick()
    meanwhile(made, keys)
    made.sync()
    made.line.after = lambda count: None
    forward(made, cursors)

    made.tick()
    between = made.cursors()
    case.late(keys[7], Decimal("8.75"), SKEW)
    made.tick(-SKEW)  # a clock is put back
    case.change(keys[8], Decimal("9.5"))
    case.change(keys[2], Decimal("11.25"))
    case.hand_over(keys[9])
    case.remove(keys[10])
    made.tick(1)
    if case.stages:
        case.move(keys[11], "won")
    late = case.add(1)
    made.sync()
    made.agrees()
    forward(made, between)
    assert late[0] in made.found()
    assert made.leaks(caplog.text) == []


def sound(made: Connected) -> None:
    """The connection may read what it needs, and its streams promise what a stream must."""
    refused = [right for right in made.rights() if not right.granted]
    assert not refused
    streams = made.streams()
    for name, (columns, key, cursor) in streams.items():
        assert key and set(key) <= set(columns) and len(set(columns)) == len(columns), name
        assert cursor is None or cursor in columns, name


def forward(made: Connected, before: dict[str, str]) -> None:
    """No cursor is behind where it was."""
    now = made.cursors()
    assert {name: cursor for name, cursor in before.items() if now[name] < cursor} == {}


def meanwhile(made: Connected, keys: list[str]) -> None:
    """While pages are read, records change owner and amount, come and go."""
    case = made.case

    def after(count: int) -> None:
        if count in (2, 4, 7, 11):
            made.tick(1)
            case.change(keys[20 + count], Decimal(count) + Decimal("0.5"))
            case.hand_over(keys[-count])
            case.remove(keys[40 + count])
            case.add(1)
    made.line.after = after
