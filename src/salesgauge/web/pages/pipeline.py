"""The pipeline: what is open and when it is due, how deals move through the stages, what moved, what stands still, why deals are lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.analyses.funnel import StageStep, funnels
from salesgauge.analyses.pace import pace
from salesgauge.semantics.comparison import FEW
from salesgauge.web.batch import Batch, Reply, Row
from salesgauge.web.breakdown import BreakdownQuestion, ordered
from salesgauge.web.cards import reason
from salesgauge.web.opening import rows_of
from salesgauge.web.page import Page, page
from salesgauge.web.panels.deals import deal_list
from salesgauge.web.panels.movement import MovementQuestions
from salesgauge.web.tiles import Tile, tile
from salesgauge.web.view import View

router = APIRouter()
DUE_NOW = ("overdue", "this_period")  # what must close for this period's quota


@dataclass(frozen=True)
class Stage:
    """A stage of the funnel in words, each number with the address of its records."""

    label: str
    entries: str
    entered: int
    entries_at: str
    conversion: str
    interval: str | None
    conversion_at: str
    cases: str
    days: str
    median: str
    days_at: str
    few: bool


@dataclass(frozen=True)
class Standing:
    """The open deals of a stage in words: how many, worth what, how long they have been there, how many stand still."""

    label: str
    deals: str
    count: int
    deals_at: str
    value: str
    days: str
    median: str
    p90: str
    stalled: str
    stalled_at: str


@dataclass(frozen=True)
class Due:
    """The open deals of one class of expected close."""

    label: str
    address: str
    number: float
    value: str
    deals: str
    overdue: bool


class PipelineQuestions:
    """What is asked about one pipeline (or about all deals, where they are in none that has a name)."""

    def __init__(self, page: Page, batch: Batch, view: View) -> None:
        self.page, self.view, self.within = page, view, page.of(view)

        def ask(figure: str, *by: str, of: View = view) -> Reply:
            return batch.ask(page.query(figure, of.span, by=by, view=of))
        self.open, self.count, self.stalled = ask("open_pipeline"), ask("open_deals"), ask("stalled_value")
        self.stalled_count, self.without_step = ask("stalled_deals"), ask("deals_without_next_step")
        self.due, self.due_count = ask("open_pipeline", "due"), ask("open_deals", "due")
        self.entries, self.conversion, self.days = (ask(figure, "pipeline", "stage")
                                                    for figure in ("stage_entries", "stage_conversion", "stage_days"))
        self.by_stage, self.value_by_stage, self.age = (ask(f, "stage") for f in ("open_deals", "open_pipeline", "stage_age"))
        self.stalled_by_stage = ask("stalled_deals", "stage")
        self.moves = MovementQuestions(self.within, batch)
        # of all pipelines, since neither a loss nor a quota is told by one
        self.losses, self.competitors = (BreakdownQuestion(page, batch, "losses", by, beside="lost_value")
                                         for by in ("loss_reason", "competitor"))
        self.booked, self.quota = (ask(f, of=page.view) for f in ("bookings", "quota"))
        self.due_everywhere = ask("open_pipeline", "due", of=page.view)

    def why(self, reply: Reply) -> str | None:
        """Why a panel has nothing to show; None where it has."""
        return reason(self.page, self.page.measured(str(reply.query["kpi"])), reply) if reply.error is not None or not reply.rows else None


@router.get("/pipeline")
def pipeline_page(page: Annotated[Page, Depends(page)], pipeline: str | None = None) -> Response:
    """One pipeline, by default that with the most money in it."""
    first = page.batch()
    named = [first.ask(page.query(figure, by=("pipeline",))) for figure in ("open_pipeline", "stage_entries")]
    first.run()
    stages = page.site.desk.stages()
    names = pipelines(stages, named[0].rows, named[1].rows)
    chosen = names[0] if names and (pipeline is None or (pipeline or None) not in names) else pipeline or None
    view = page.view.filtered("pipeline", chosen) if names else page.view
    batch = page.batch()
    asked = PipelineQuestions(page, batch, view)
    batch.run()
    return page.render(
        "pipeline.html", active="pipeline", pipelines=[(page.label("pipeline", name), page.here(pipeline=name or ""), name == chosen)
                                                       for name in names],
        lead=_lead(asked), tiles=_tiles(asked), funnel=_funnel(asked, stages, chosen), funnel_why=asked.why(asked.entries),
        movement=replace(asked.moves.build(), width=""), due=_due(asked), due_why=asked.why(asked.due),
        standings=_standings(asked, stages, chosen), standings_why=asked.why(asked.by_stage), few=FEW,
        stalled=replace(deal_list(asked.within, "stalled_deals"), width=""), losses=asked.losses.table(),
        competitors=asked.competitors.table())


def pipelines(stages: Iterable[Mapping[str, Any]], open_value: Iterable[Row], entries: Iterable[Row]) -> list[str | None]:
    """The pipelines there are, that with the most open money first."""
    worth = {row["by"]["pipeline"]: row["value"] for row in open_value}
    known = dict.fromkeys([*worth, *(row["by"]["pipeline"] for row in entries), *(s["pipeline"] for s in stages)])
    return sorted(known, key=lambda name: (-worth.get(name, 0.0), name is None, name or ""))


def _lead(asked: PipelineQuestions) -> str | None:
    """The answer in a sentence: what is open, and what of it is due by the period's end."""
    page, words = asked.page, asked.page.words
    if asked.open.value is None or asked.count.value is None:
        return None
    due = sum(row["value"] for row in asked.due.rows if row["by"]["due"] in DUE_NOW)
    return words.message("board_pipeline_lead", value=words.compact(asked.open.value, page.currency),
                         deals=words.message("deals", count=asked.count.value), due=words.compact(due, page.currency),
                         period=page.period(asked.view.span))


def _tiles(asked: PipelineQuestions) -> list[Tile]:
    page, words, view = asked.page, asked.page.words, asked.view

    def counted(reply: Reply) -> list[str]:
        return [] if reply.value is None else [words.message("deals", count=reply.value)]
    return [tile(page, "open_pipeline", asked.open, counted(asked.count), view=view), _coverage(asked),
            tile(page, "stalled_value", asked.stalled, counted(asked.stalled_count), view=view),
            tile(page, "deals_without_next_step", asked.without_step, view=view)]


def _coverage(asked: PipelineQuestions) -> Tile:
    """How often the open deals due by the period's end cover what is missing to the quota, in all pipelines together."""
    page, words = asked.page, asked.page.words
    name, meaning = words.heading("coverage"), words.message("board_coverage_meaning")
    if (lacking := next((r for r in (asked.booked, asked.quota, asked.due_everywhere) if r.error is not None), None)) is not None:
        return Tile("coverage", name, None, None, reason(page, page.measured(str(lacking.query["kpi"])), lacking), (), meaning)
    stand = pace(asked.booked.value or 0.0, asked.quota.value or None, page.view.span, page.view.today)
    due = sum(row["value"] for row in asked.due_everywhere.rows if row["by"]["due"] in DUE_NOW)
    times = stand.coverage(due)
    at = rows_of(page, "open_pipeline", page.view.filtered("due", *DUE_NOW))
    if times is None:
        why = words.message("board_no_quota" if stand.quota is None else "board_quota_reached")
        return Tile("coverage", name, at, None, why, (), meaning)
    gap = words.message("board_coverage_of", due=words.compact(due, page.currency), gap=words.compact(stand.gap, page.currency))
    return Tile("coverage", name, at, words.message("board_times", number=words.number(times, 1)), None,
                (gap, words.message("board_all_pipelines")), meaning)


def _funnel(asked: PipelineQuestions, stages: list[dict[str, Any]], chosen: str | None) -> tuple[list[Stage], int]:
    """The stages of the pipeline and the most entries that one of them has."""
    own = [s for s in stages if s["pipeline"] == chosen]
    found = next((f for f in funnels(own, asked.entries.rows, asked.conversion.rows, asked.days.rows) if f.pipeline == chosen), None)
    return ([_stage(asked, step) for step in found.steps], found.widest) if found else ([], 0)


def _stage(asked: PipelineQuestions, step: StageStep) -> Stage:
    page, words = asked.page, asked.page.words
    view = asked.view.filtered("stage", step.stage or None)
    return Stage(
        step.stage or words.term("unknown"), words.number(step.entries), step.entries, rows_of(page, "stage_entries", view),
        words.percent(step.conversion), None if step.low is None else words.interval(step.low, step.high, "percent"),
        rows_of(page, "stage_conversion", view), words.number(step.exits), words.value(step.days, "days"),
        words.value(step.median_days, "days"), rows_of(page, "stage_days", view), 0 < step.exits < FEW)


def _standings(asked: PipelineQuestions, stages: list[dict[str, Any]], chosen: str | None) -> list[Standing]:
    page, words = asked.page, asked.page.words
    values, ages, stalled = (ordered(r.rows, "stage") for r in (asked.value_by_stage, asked.age, asked.stalled_by_stage))
    place = {s["stage"]: n for n, s in enumerate(stages) if s["pipeline"] == chosen}
    made = []
    for row in sorted(asked.by_stage.rows, key=lambda row: (place.get(row["by"]["stage"], len(stages)), row["by"]["stage"] or "")):
        key = row["by"]["stage"]
        view = asked.view.filtered("stage", key)
        age = ages.get(key, {"value": None, "median": None, "p90": None})
        still = words.empty() if asked.stalled_by_stage.error is not None else words.number(stalled[key]["value"] if key in stalled else 0)
        made.append(Standing(
            page.label("stage", key), words.number(row["value"]), row["value"], rows_of(page, "open_deals", view),
            words.compact(values[key]["value"] if key in values else None, page.currency), words.value(age["value"], "days"),
            words.value(age["median"], "days"), words.value(age["p90"], "days"), still, rows_of(page, "stalled_deals", view)))
    return made


def _due(asked: PipelineQuestions) -> list[Due]:
    page, words = asked.page, asked.page.words
    counts = ordered(asked.due_count.rows, "due")
    return [Due(words.choice("due", row["by"]["due"]), rows_of(page, "open_pipeline", asked.view.filtered("due", row["by"]["due"])),
                row["value"], words.compact(row["value"], page.currency),
                words.message("deals", count=counts[row["by"]["due"]]["value"] if row["by"]["due"] in counts else 0),
                row["by"]["due"] == "overdue") for row in asked.due.rows]
