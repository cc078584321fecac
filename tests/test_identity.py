"""Deciding who is who, in a workspace that is connected to two systems; the decisions count in every figure and can be taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from salesgauge.cli.program import main
from salesgauge.facts import FACTS as EVERY_FACT
from salesgauge.periods import Span
from salesgauge.semantics.question import QuestionShape, Viewer
from salesgauge.state import Refusal
from salesgauge.state.verdicts import APART, OPEN, SAME
from sources.connections.company import NOW
from two_systems import CONSOLE, Firm

FACTS = [name for name, fact in EVERY_FACT.items() if not fact.period]

@pytest.fixture
def firm(two_systems: Path, tmp_path: Path) -> Iterator[Firm]:
    made = Firm.of(Path(shutil.copytree(two_systems, tmp_path / "workspace")))
    yield made
    made.world.state.close()


def test_two_connected_systems_share_what_an_exact_key_leaves_no_doubt_of(firm: Firm) -> None:
    assert firm.rows("SELECT account_id, name FROM accounts ORDER BY 1") == [
        ("b-6", "Twin"), ("b-7", "Corner-Shop Ltd."), ("b-8", "Romashka LLC"), ("b-9", "ACME STEEL"), ("c-3", "Corner Shop"),
        ("c-4", "Twin Ltd"), ("c-5", "Twins Ltd")]
    assert firm.rows("SELECT rep_id FROM reps ORDER BY 1") == [("b-77",), ("c-R2",)]
    assert {g.one: [(m.id, m.how) for m in g.members] for g in firm.identities.standing("accounts").groups} == {
        "b-8": [("b-8", ""), ("c-2", "tax_id")], "b-9": [("b-9", ""), ("c-1", "domain")]}
    assert firm.identities.standing("accounts").counted


def test_a_key_that_one_system_has_twice_and_names_that_are_alike_are_suggested_and_say_why(firm: Firm) -> None:
    found = firm.suggested()
    assert found["b-7", "c-3"].alike == 1 and not found["b-7", "c-3"].keys
    assert found["b-6", "c-4"].keys == (("domain", "twin.example"),) and found["b-6", "c-5"].keys == (("domain", "twin.example"),)
    assert ("c-4", "c-5") in found  # two of one system
    assert found["b-6", "c-4"].score > found["b-7", "c-3"].score > found["c-4", "c-5"].score - 1
    assert firm.identities.rows("accounts", ["c-2"]) == {"c-2": {"account_id": "c-2", "name": "ООО Ромашка", "tax_id": "7707083893"}}


def test_accepting_counts_in_every_table_and_outlasts_syncs_until_it_is_taken_back(firm: Firm) -> None:
    before = firm.rows("SELECT * FROM accounts ORDER BY 1"), firm.rows("SELECT * FROM opportunities ORDER BY 1")
    firm.decide("b-7", "c-3", SAME)
    assert ("b-7", "c-3") not in firm.suggested()
    for _ in range(2):
        assert firm.rows("SELECT account_id FROM opportunities WHERE opportunity_id = 'c-2'") == [("b-7",)]
        assert firm.rows("SELECT name, region FROM accounts WHERE account_id IN ('b-7', 'c-3')") == [("Corner-Shop Ltd.", "west")]
        firm.sync()
    found = firm.workspace.record("accounts", "c-3")
    assert found is not None and found["account_id"] == "b-7"  # an address with the other id still leads somewhere
    firm.identities.part("accounts", "c-3", CONSOLE)
    firm.workspace.settle(now=NOW, state=firm.world.state)
    assert (firm.rows("SELECT * FROM accounts ORDER BY 1"), firm.rows("SELECT * FROM opportunities ORDER BY 1")) == before
    assert [(d.left, d.right, d.verdict) for d in firm.identities.standing("accounts").apart] == [("c-3", "b-7", APART)]
    firm.decide("b-7", "c-3", OPEN)
    assert ("b-7", "c-3") in firm.suggested()
    with firm.world.state.look() as unit:
        assert [(line.subject, line.detail["after"]) for line in unit.audit.page(action="identity_decide").entries] == [
            ("identity:accounts:b-7", OPEN), ("identity:accounts:c-3", APART), ("identity:accounts:b-7", SAME)]


def test_a_kpi_that_needs_both_systems_is_whole(firm: Firm) -> None:
    asked = {"kpi": "revenue", "period": "2025", "by": ["rep"]}
    assert [(row["by"]["rep"], row["value"]) for row in firm.workspace.answer([asked])[0]["rows"]] == [("b-77", 730)]
    for rep in ("b-77", "c-R1"):  # whoever is either of the two sees the rows of both
        viewer = Viewer(rep)
        assert firm.workspace.answer([asked], viewer)[0]["rows"][0]["value"] == 730
        assert firm.workspace.record("opportunities", "c-1", viewer) is not None
        assert firm.workspace.record("orders", "b-1", viewer) is not None
        assert firm.workspace.record("opportunities", "c-2", viewer) is None


@pytest.mark.parametrize("rep", ["b-77", "c-R1"])
def test_either_id_sees_the_rows_of_both_also_where_no_fact_is_made(firm: Firm, rep: str) -> None:
    shape = QuestionShape("revenue", ("rep",), (), Viewer(rep).shape)
    with firm.workspace.session() as session:
        moment = session.at([Span(date(2025, 1, 1), date(2026, 1, 1))], None)
        straight = moment.straight(shape, [0], {}, Viewer(rep))
        assert not session.builds.keys() - {"rep_history"}
        assert straight and straight == moment.groups(shape, [0], {}, Viewer(rep))


def test_facts_are_brought_forward_over_a_decision_as_if_they_were_built_anew(firm: Firm) -> None:
    def kept() -> dict[str, list[tuple[object, ...]]]:
        with firm.workspace.session() as session:
            moment = session.at([], None)
            return {name: sorted(session.con.execute(f"FROM {moment.fact(name)}").fetchall(), key=repr) for name in FACTS}
    firm.workspace.make_ready(NOW, whole=True)
    for verdict in (SAME, APART):
        firm.decide("b-7", "c-3", verdict)
        assert firm.workspace.make_ready(NOW).forward > 0
        forward = kept()
        shutil.rmtree(firm.workspace.folder / "store" / "cache")
        assert kept() == forward
        firm.workspace.make_ready(NOW, whole=True)


def test_a_rejection_is_remembered_and_stops_a_key_too(firm: Firm) -> None:
    firm.decide("b-9", "c-1", APART)
    firm.decide("b-7", "c-3", APART)
    firm.sync()
    assert {"b-9", "c-1"} <= {name for name, in firm.rows("SELECT account_id FROM accounts")}
    assert not {("b-9", "c-1"), ("b-7", "c-3")} & firm.suggested().keys()


def test_what_cannot_be_decided_is_refused(firm: Firm) -> None:
    for left, right, reason in (("b-7", "nobody", "identity_unknown"), ("b-7", "b-7", "identity_apart")):
        with pytest.raises(Refusal) as refused:
            firm.decide(left, right, SAME)
        assert refused.value.reason == reason
    firm.decide("b-7", "c-3", SAME)
    firm.decide("b-7", "b-6", APART)
    with pytest.raises(Refusal) as refused:
        firm.decide("c-3", "b-6", SAME)  # c-3 is one with b-7, of which that was said
    assert refused.value.reason == "identity_apart"
    with pytest.raises(Refusal) as refused:
        firm.identities.part("accounts", "b-6", CONSOLE)
    assert refused.value.reason == "identity_alone"
    with pytest.raises(Refusal, match="accounts, contacts, reps"):
        firm.identities.standing("companies")


def test_the_command_line_lists_accepts_and_undoes(firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> str:
        assert main(["identity", *words, "-w", str(firm.workspace.folder)], lambda: NOW) == 0
        return capsys.readouterr().out
    listed = json.loads(run("list", "--format", "json"))
    assert {"left": {"id": "b-7", "name": "Corner-Shop Ltd.", "system": "bills"},
            "right": {"id": "c-3", "name": "Corner Shop", "system": "crm"}, "score": 0.9,
            "names_alike": 1.0, "keys": [], "tax_ids_differ": False} in listed["suggested"]
    assert "from g-" in run("accept", "accounts", "b-7", "c-3")
    assert "b-7" in [each["id"] for each in json.loads(run("list", "--format", "json"))["merged"]]
    assert "Corner" in run("list")
    run("undo", "accounts", "c-3")
    run("undo", "accounts", "c-3", "b-7")
    assert "stay as they are" in run("undo", "accounts", "c-3", "b-7")
    assert json.loads(run("list", "--format", "json"))["suggested"] == listed["suggested"]
