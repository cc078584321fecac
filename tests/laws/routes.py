"""Every route of the application, with requests that try it. A route that is not here makes test_access fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from laws.needles import REPS
from salesgauge.semantics.kpi import Kpi
from salesgauge.workspace import Workspace

PERIODS = ("2025", "2026", "2026-Q1", "2025-07-01..2026-07-01")
FILES = ("csv", "xlsx")
EVER = "2025-07-01..2026-07-01"


@dataclass(frozen=True)
class Try:
    """A request. `form` and `json` are what a POST sends."""

    address: str
    method: str = "GET"
    form: dict[str, str] | None = None
    json: Any = None


@dataclass
class Trying:
    """What requests are made of: the workspace, a source of chance, and tokens of rows to guess with."""

    workspace: Workspace
    random: Random
    tokens: Sequence[str] = field(default_factory=list)

    def some(self, count: int) -> list[Kpi]:
        """Some KPIs and figures, of every fifth: so few that what is compiled for one person serves another."""
        return self.random.sample(list(self.workspace.everything.values())[::5], count)

    def kpis(self, count: int) -> list[Kpi]:
        """Some KPIs, likewise."""
        return self.random.sample(list(self.workspace.catalogue.values())[::5], count)

    def figures(self, count: int) -> list[Kpi]:
        """Some figures, likewise."""
        return self.random.sample(list(self.workspace.figures.values())[::3], count)

    def period(self) -> str:
        """A period."""
        return self.random.choice(PERIODS)

    def token(self) -> str:
        """A token of some row."""
        return self.random.choice(self.tokens)



def _every_question(trying: Trying) -> list[Try]:
    """Every KPI and figure, by something that tells rows apart: whose they are, of which account, a column of the company's own."""
    asked: list[dict[str, Any]] = []
    for place, kpi in enumerate(trying.workspace.everything.values()):
        telling: list[str] = [d for d in ("rep", "account", "account_owner", "manager", "loss_reason") if d in kpi.dimensions]
        telling += ["mark"] if kpi.extras_of else []
        by = telling[place % len(telling)] if telling else None  # the same for everybody: each shape is compiled once per kind of viewer
        asked.append({"kpi": kpi.id, "period": EVER, "by": list(dict.fromkeys([*kpi.required, *([by] if by else [])]))})
    return [Try("/api/v1/questions?names=true", "POST", json=asked[n:n + 100]) for n in range(0, len(asked), 100)]


def _records(trying: Trying) -> list[Try]:
    """Both sides of some KPIs and figures, and one of them searched for a row that may be another's."""
    tries = [Try(f"/api/v1/records?kpi={kpi.id}&period={EVER}&side={side}&limit=500" + "".join(f"&by={d}" for d in kpi.required))
             for kpi in trying.some(2) for side in ("numerator", "denominator") if side == "numerator" or kpi.formula.denominator]
    return [*tries, Try(f"{tries[0].address}&search={trying.token()}")]


Tries = Callable[[Trying], list[Try]]


def _only(*addresses: str) -> Tries:
    return lambda trying: [Try(address) for address in addresses]


def _post(path: str, /, **form: str) -> Tries:
    return lambda trying: [Try(path, "POST", form=form)]


def _figure_records(figure: Kpi, ending: str) -> str:
    return f"/figures/{figure.id}/records{ending}?period={EVER}" + "".join(f"&by={d}" for d in figure.required)


_PASSWORDS = {"current": "wrong", "password": "another set of words", "again": "another set of words"}

ROUTES: dict[str, Tries] = {
    "GET /": lambda t: [Try(f"/?period={t.period()}"), Try(f"/?as_of=2026-03-05&f.rep={t.token()}")],
    "GET /teams/{team}": lambda t: [Try(f"/teams/{team}?period={EVER}") for team in ("North", t.token())],
    "GET /reps/{rep}/home": lambda t: [Try(f"/reps/{rep}/home?period={EVER}") for rep in (t.random.choice(REPS), t.token())],
    "GET /kpis": lambda t: [Try("/kpis"), Try(f"/kpis?q={t.token()}")],
    "GET /kpis/{kpi}": lambda t: [
        Try(f"/kpis/{kpi.id}?period={t.period()}&by={kpi.dimensions[-1] if kpi.dimensions else ''}") for kpi in t.kpis(1)],
    "GET /pipeline": lambda t: [Try(f"/pipeline?period={EVER}"), Try(f"/pipeline?period={t.period()}&pipeline={t.token()}")],
    "GET /leaderboards": lambda t: [Try(f"/leaderboards?period={EVER}"), Try(f"/leaderboards?period={EVER}&kpi=bookings&by=team")],
    "GET /customers": lambda t: [Try(f"/customers?period={EVER}")],
    "GET /people": lambda t: [Try(f"/people?period={EVER}&f.rep={t.token()}"), Try(f"/people?period={EVER}")],
    "GET /market": lambda t: [Try(f"/market?period={EVER}"), Try(f"/market?period={EVER}&product={t.token()}&discounts=product")],
    "GET /data": _only("/data"),
    "GET /data/rejects": _only("/data/rejects", "/data/rejects?table=opportunities&start=50"),
    "GET /data/doctor": _only("/data/doctor"),
    "GET /data/identity": _only("/data/identity", "/data/identity?entity=reps&show=joined", "/data/identity?q=a&show=apart"),
    "POST /data/identity": lambda t: [Try("/data/identity", "POST", form={"entity": "accounts", "left": t.token(), "right": t.token(),
                                                                          "verdict": "open", "next": "/"})],
    "POST /data/identity/part": lambda t: [Try("/data/identity/part", "POST", form={"entity": "reps", "id": t.token(), "next": "/"})],
    "GET /data/kpis": lambda t: [Try(f"/data/kpis?period={t.period()}")],
    "GET /kpis/{kpi}/breakdown.{kind}": lambda t: [
        Try(f"/kpis/{kpi.id}/breakdown.{kind}?period={EVER}&by={kpi.dimensions[0] if kpi.dimensions else ''}")
        for kpi in t.kpis(1) for kind in FILES],
    "GET /kpis/{kpi}/records": lambda t: [
        Try(f"/kpis/{kpi.id}/records?period={EVER}{more}") for kpi in t.kpis(1) for more in ("", f"&q={t.token()}")],
    "GET /kpis/{kpi}/records.{kind}": lambda t: [
        Try(f"/kpis/{kpi.id}/records.{kind}?period={EVER}") for kpi in t.kpis(1) for kind in FILES],
    "GET /figures/{figure}/records": lambda t: [Try(_figure_records(figure, "")) for figure in t.figures(2)],
    "GET /figures/{figure}/records.{kind}": lambda t: [
        Try(_figure_records(figure, f".{kind}")) for figure in t.figures(1) for kind in FILES],
    "GET /explore": lambda t: [Try("/explore"), Try(f"/explore?kpi=revenue&kpi=win_rate&by=rep&period={EVER}&show=table")],
    "GET /explore/answers.{kind}": lambda t: [
        Try(f"/explore/answers.{kind}?kpi=revenue&kpi=win_rate&by=rep&period={EVER}") for kind in FILES],
    "POST /explore/views": _post("/explore/views", name="Mine", address="/kpis"),
    "POST /explore/views/{slug}/delete": _post("/explore/views/abcdefghijkl/delete"),
    "GET /records/{table}/{name:path}": lambda t: [
        *(Try(f"/records/{table}/{t.token()}") for table in ("opportunities", "accounts", "reps", "leads", "activities", "contracts")),
        Try(f"/records/opportunities/{t.token()}?part=kpis&period={EVER}")],
    "POST /records/activities/{name:path}/tag": lambda t: [
        Try(f"/records/activities/{token}/tag", "POST", form={"sentiment": "positive", "next": "/"})
        for token in t.random.sample(t.tokens, 9)],
    "GET /find": lambda t: [Try(f"/find?q={t.token()}&period={EVER}"), Try("/find?q=a&part=1")],
    "POST /preferences": _post("/preferences", language="en", theme="dark", next="/"),
    "GET /api/v1/questions": lambda t: [
        Try(f"/api/v1/questions?kpi={kpi.id}&period={t.period()}&grain=month&names=true&where=rep={t.token()}") for kpi in t.some(1)],
    "POST /api/v1/questions": _every_question,
    "GET /api/v1/sql": lambda t: [Try(f"/api/v1/sql?kpi={kpi.id}&period=2026") for kpi in t.kpis(1)],
    "GET /api/v1/records": _records,
    "GET /api/v1/catalogue": _only("/api/v1/catalogue"),
    "GET /api/v1/kpis/{kpi}": lambda t: [Try(f"/api/v1/kpis/{kpi.id}") for kpi in t.kpis(1)] + [Try(f"/api/v1/kpis/{t.token()}")],
    "GET /api/v1/figures": _only("/api/v1/figures"),
    "GET /api/v1/views": _only("/api/v1/views"),
    "POST /api/v1/views": lambda t: [Try("/api/v1/views", "POST", json={"name": "Mine", "address": "/kpis"})],
    "GET /api/v1/views/{view}": _only("/api/v1/views/abcdefghijkl"),
    "DELETE /api/v1/views/{view}": lambda t: [Try("/api/v1/views/abcdefghijkl", "DELETE")],
    "GET /api/v1/me": _only("/api/v1/me"),
    "GET /api/v1/freshness": _only("/api/v1/freshness"),
    "GET /api/v1/openapi.json": _only("/api/v1/openapi.json"),
    "GET /sign-in": _only("/sign-in"),
    "POST /sign-in": _post("/sign-in", email="nobody@example.org", password="four unrelated words"),
    "POST /sign-out": _post("/sign-out"),
    "GET /enter/{secret}": _only("/enter/nothing"),
    "POST /enter/{secret}": _post("/enter/nothing", email="a@example.org", name="A", password="four unrelated words", again="x"),
    "GET /account": _only("/account"),
    "POST /account/profile": _post("/account/profile", name="Me", language="", theme="auto", home=""),
    "POST /account/password": _post("/account/password", **_PASSWORDS),
    "POST /account/sessions/end-others": _post("/account/sessions/end-others"),
    "POST /account/sessions/{number}/end": _post("/account/sessions/999/end"),
    "POST /account/tokens": _post("/account/tokens", name="T", scopes="questions", days="3"),
    "POST /account/tokens/{number}/end": _post("/account/tokens/999/end"),
    "GET /administration": _only("/administration"),
    "GET /administration/people": _only("/administration/people"),
    "POST /administration/people": _post("/administration/people", email="new@example.org", name="New", role="rep", rep=""),
    "GET /administration/people/{number}": _only("/administration/people/1", "/administration/people/999"),
    "POST /administration/people/{number}/rights": _post("/administration/people/1/rights", role="executive", rep=""),
    "POST /administration/people/{number}/link": _post("/administration/people/1/link"),
    "POST /administration/people/{number}/deactivate": _post("/administration/people/1/deactivate"),
    "POST /administration/people/{number}/activate": _post("/administration/people/1/activate"),
    "POST /administration/people/{number}/sessions/end": _post("/administration/people/1/sessions/end"),
    "GET /administration/tokens": _only("/administration/tokens"),
    "POST /administration/tokens/{number}/end": _post("/administration/tokens/1/end"),
    "GET /administration/log": _only("/administration/log"),
    "GET /administration/rules": _only("/administration/rules"),
    "POST /administration/rules": _post("/administration/rules"),
    "GET /data/import": _only("/data/import"),
    "POST /data/import": _post("/data/import", files=""),
    "GET /data/import/{token}": _only("/data/import/abcdefghijklmnopqrstuv"),
    "POST /data/import/{token}/answers": _post("/data/import/abcdefghijklmnopqrstuv/answers", path="[]", answer="x"),
    "POST /data/import/{token}/load": _post("/data/import/abcdefghijklmnopqrstuv/load"),
    "POST /data/import/{token}/discard": _post("/data/import/abcdefghijklmnopqrstuv/discard"),
    "GET /sign-in/provider": _only("/sign-in/provider"),
    "GET /sign-in/provider/back": _only("/sign-in/provider/back?code=x&state=y"),
}

# What answers a stranger; everything else sends them to the sign-in.
PUBLIC = {"GET /sign-in", "POST /sign-in", "GET /enter/{secret}", "POST /enter/{secret}", "GET /sign-in/provider",
          "GET /sign-in/provider/back", "GET /api/v1/openapi.json", "POST /preferences", "POST /sign-out"}


def routes_of(app: FastAPI) -> set[str]:
    """Every route of the application, as METHOD PATH; files that are the same for everybody apart."""
    found = set()
    for route in iter_route_contexts(app.routes):
        if route.path != "/static":
            assert route.methods, f"{route.path} is no route of one method: say in tests/laws/routes.py how it is tried"
            found |= {f"{method} {route.path}" for method in route.methods - {"HEAD"}}
    return found
