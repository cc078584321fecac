"""Targets of KPIs, as the tables [targets.KPI] of salesgauge.toml give them."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from salesgauge import settings
from salesgauge.catalogue import built_in
from salesgauge.errors import SettingError
from salesgauge.goals import Target, targets
from salesgauge.goals.target import Wanted
from salesgauge.periods import Span
from salesgauge.workspace import Workspace

KPIS = built_in()


def read(text: str) -> dict[str, Target]:
    return targets(tomllib.loads(text)["targets"], KPIS)


def test_a_target_is_a_least_or_a_most_as_the_kpi_says_or_a_range() -> None:
    found = read("""
        [targets.new_opportunities]
        per = "quarter"
        company = 900
        rep = 20
        team.North = 300
        [targets.win_rate]
        company = 0.25
        [targets.lead_response_time]
        rep = 4
        [targets.discount_rate]
        company = [0.05, 0.12]""")
    assert found == {
        "new_opportunities": Target("new_opportunities", "quarter", Wanted(900, None), Wanted(20, None), {"North": Wanted(300, None)}),
        "win_rate": Target("win_rate", None, Wanted(0.25, None)),
        "lead_response_time": Target("lead_response_time", None, None, Wanted(None, 4)),
        "discount_rate": Target("discount_rate", None, Wanted(0.05, 0.12))}


@pytest.mark.parametrize(("table", "said"), [
    ({"win_rat": {"company": 0.2}}, "there is no KPI 'win_rat'; did you mean win_rate"),
    ({"win_rate": 0.2}, r"\[targets.win_rate\] says for whom"),
    ({"win_rate": {"per": "month"}}, "says for whom"),
    ({"win_rate": {"company": 0.2, "per": "month"}}, "does not add up over time: leave per out"),
    ({"win_rate": {"compny": 0.2, "rep": 0.2}}, "has no 'compny'; did you mean company"),
    ({"win_rate": {"company": "25 %"}}, "company cannot be '25 %': it is a number, or a range"),
    ({"win_rate": {"company": True}}, "cannot be True"),
    ({"win_rate": {"company": [0.3, 0.2]}}, "cannot be"),
    ({"win_rate": {"company": float("nan")}}, "cannot be nan"),
    ({"win_rate": {"team": 0.2}}, "team is a table of teams"),
    ({"discount_rate": {"company": 0.1}}, r"it is a range, as \[0.05, 0.12\]"),
    ({"new_opportunities": {"company": 10}}, "needs per = one of month, quarter, year"),
    ({"new_opportunities": {"company": 0, "per": "month"}}, "it is a number above 0"),
    ({"new_opportunities": {"company": [1, 2], "per": "month"}}, "it is a number above 0"),
    ({"sales_volume": {"rep": 5, "per": "month"}}, "cannot have a target for a rep: sales_volume has no dimension rep"),
    ([1], "holds tables, one for each KPI")])
def test_a_target_that_cannot_be_is_refused(table: Any, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        targets(table, KPIS)


@pytest.mark.parametrize(("per", "start", "end", "fiscal", "wanted"), [
    ("month", date(2026, 4, 1), date(2026, 5, 1), 1, 10), ("month", date(2026, 4, 1), date(2026, 7, 1), 1, 30),
    ("quarter", date(2026, 4, 1), date(2026, 7, 1), 1, 10), ("quarter", date(2026, 1, 1), date(2027, 1, 1), 1, 40),
    ("quarter", date(2026, 4, 1), date(2026, 5, 1), 1, None), ("quarter", date(2026, 5, 1), date(2026, 8, 1), 1, None),
    ("quarter", date(2026, 5, 1), date(2026, 8, 1), 2, 10), ("year", date(2026, 1, 1), date(2027, 1, 1), 4, None),
    ("year", date(2026, 4, 1), date(2027, 4, 1), 4, 10), ("month", date(2026, 4, 6), date(2026, 4, 13), 1, None),
    ("month", date(2026, 4, 1), date(2026, 5, 2), 1, None)])
def test_a_sum_is_wanted_as_often_as_its_period_fits(per: str, start: date, end: date, fiscal: int, wanted: float | None) -> None:
    over = Target("new_opportunities", per).over(Wanted(10, None), Span(start, end), fiscal)
    assert over == (None if wanted is None else Wanted(wanted, None))


def test_a_level_is_wanted_in_any_period() -> None:
    assert Target("win_rate").over(Wanted(0.2, None), Span(date(2026, 4, 6), date(2026, 4, 13))) == Wanted(0.2, None)


@pytest.mark.parametrize(("wanted", "on", "off"), [
    (Wanted(2, None), (2, 3), (1,)), (Wanted(None, 2), (1, 2), (3,)), (Wanted(1, 2), (1, 2), (0.9, 2.1))])
def test_the_ends_are_on_target(wanted: Wanted, on: tuple[float, ...], off: tuple[float, ...]) -> None:
    assert all(map(wanted.holds, on)) and not any(map(wanted.holds, off))


def test_the_settings_keep_them_and_a_workspace_has_them(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "w", "UTC", "EUR", {})
    assert made.targets == {}
    path = made.folder / settings.FILE
    path.write_text(path.read_text(encoding="utf-8") + "\n[targets.win_rate]\ncompany = 0.25\n", encoding="utf-8")
    assert Workspace(made.folder).targets == {"win_rate": Target("win_rate", None, Wanted(0.25, None))}
    settings.write(made.folder, settings.read(made.folder))
    assert settings.read(made.folder).targets == {"win_rate": {"company": 0.25}}


def test_a_wrong_one_is_told_when_the_workspace_is_opened(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "w", "UTC", "EUR", {})
    path = made.folder / settings.FILE
    path.write_text(path.read_text(encoding="utf-8") + "\n[targets.win_rates]\ncompany = 0.25\n", encoding="utf-8")
    with pytest.raises(SettingError, match="did you mean win_rate"):
        Workspace(made.folder)
