"""The stages of the pipeline: what is open in each and for how long, and how many of those who leave it move on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from salesgauge import charts
from salesgauge.analyses.funnel import StageStep, funnels
from salesgauge.web.batch import Batch
from salesgauge.web.page import Page
from salesgauge.web.panels.shown import Link, Shown, aside, lacking, money

BY = ("pipeline", "stage")


@dataclass(frozen=True)
class OpenStage:
    """One row: the stage (with its pipeline where there are several), its open deals, their value and how long they have been there."""

    stage: Link
    deals: str
    value: str
    bar: Markup
    days: str


@dataclass(frozen=True)
class Passage:
    """One row: the stage, entries, stays that ended, the share that moved on with its interval and bar, the median stay."""

    stage: Link
    entries: str
    exits: str
    conversion: str
    interval: str
    bar: Markup
    days: str
    few: bool


@dataclass(frozen=True, kw_only=True)
class OpenStages(Shown):
    """Open deals by stage."""

    rows: tuple[OpenStage, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Passages(Shown):
    """Conversion by stage."""

    rows: tuple[Passage, ...] = ()


class OpenStageQuestions:
    """Asks for the open deals by stage, their value and age."""

    def __init__(self, page: Page, batch: Batch) -> None:
        self.page = page
        self.deals, self.value, self.age = (batch.ask(page.query(figure, by=BY)) for figure in ("open_deals", "open_pipeline", "stage_age"))

    def build(self) -> OpenStages:
        """The panel, once the batch was asked: the stages in their order."""
        page, words = self.page, self.page.words
        counts, values, ages = (_by_stage(reply.rows) for reply in (self.deals, self.value, self.age))
        order = {(stage["pipeline"], stage["stage"]): place for place, stage in enumerate(page.site.stages())}
        keys = sorted(counts, key=lambda key: (order.get(key, len(order)), str(key)))
        widest = max((values[key]["value"] for key in keys if key in values), default=0.0)
        rows = []
        for key in keys:
            value = values[key]["value"] if key in values else None
            rows.append(OpenStage(_stage(page, "open_deals", key, keys), words.number(counts[key]["value"]),
                                  money(page, value), charts.bar(value, widest),
                                  words.value(ages[key]["value"] if key in ages else None, "days", digits=0)))
        return OpenStages(name="open-stages", template="panels/open_stages.html", title=words.message("home_open_stages"),
                          why=lacking(page, self.deals, self.value, self.age) or (None if rows else words.message("home_no_such_deals")),
                          rows=tuple(rows), notes=aside(page, [self.value]),
                          more=Link(words.message("home_view_records"), page.opened("open_deals")) if rows else None)


class PassageQuestions:
    """Asks for the conversion of each stage and the time in it."""

    def __init__(self, page: Page, batch: Batch) -> None:
        self.page = page
        self.entries, self.conversion, self.days = (batch.ask(page.query(figure, by=BY))
                                                    for figure in ("stage_entries", "stage_conversion", "stage_days"))

    def build(self) -> Passages:
        """The panel, once the batch was asked: the stages in their order."""
        page, words = self.page, self.page.words
        why = lacking(page, self.entries, self.conversion, self.days)
        found = () if why else funnels(page.site.stages(), self.entries.rows, self.conversion.rows, self.days.rows)
        steps = [((funnel.pipeline, step.stage), step) for funnel in found for step in funnel.steps if step.entries or step.exits]
        rows = tuple(self._passage(key, step, [key for key, _step in steps]) for key, step in steps)
        return Passages(name="passages", template="panels/passages.html", title=words.message("home_passages"),
                        subtitle=words.message("home_passages_subtitle"), why=why or (None if rows else words.term("no_data")), rows=rows)

    def _passage(self, key: tuple[str | None, str | None], step: StageStep, keys: list[tuple[str | None, str | None]]) -> Passage:
        page, words = self.page, self.page.words
        return Passage(
            _stage(page, "stage_conversion", key, keys), words.number(step.entries), words.number(step.exits),
            words.percent(step.conversion, 0), words.interval(step.low, step.high, "percent", digits=0),
            charts.bar(step.conversion, 1.0, low=step.low, high=step.high), words.value(step.median_days, "days", digits=0),
            step.exits < 30)


def _by_stage(rows: Any) -> dict[tuple[str | None, str | None], Mapping[str, Any]]:
    return {(row["by"]["pipeline"], row["by"]["stage"]): row for row in rows}


def _stage(page: Page, figure: str, key: tuple[str | None, str | None], keys: list[tuple[str | None, str | None]]) -> Link:
    """A stage by its name, with its pipeline where there are several."""
    pipeline, stage = key
    name = page.label("stage", stage)
    several = len({other for other, _stage in keys}) > 1
    view = page.view.filtered("pipeline", pipeline).filtered("stage", stage)
    return Link(f"{page.label('pipeline', pipeline)}: {name}" if several else name, page.opened(figure, view))
