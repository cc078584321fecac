"""What goes in and comes out, with examples: the models from which OpenAPI describes the interface."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from salesgauge.periods import FORMS

MOST_QUESTIONS = 100   # in one batch
MOST_DIMENSIONS = 8    # of one question
_EXAMPLE: dict[str, Any] = {"kpi": "win_rate", "period": "2026-Q1", "by": ["team"], "where": {"channel": ["web", None]}}
APPROXIMATE = ("Whether the median and the 90th percentile may be approximate (by 0.5 % at most) where that is sooner answered; the answer "
               "then says how far they may be from the exact ones.")
FIRST = ("Of each period only so many groups, those of the largest values, the largest first; left_out then says how many there are beside "
         "them.")
MOST_FIRST = 10_000

Text = Annotated[str, Field(max_length=400)]


class Grain(StrEnum):
    """How a period is cut (the names of periods.GRAINS)."""

    TOTAL = "total"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    FISCAL_YEAR = "fiscal_year"
    FISCAL_QUARTER = "fiscal_quarter"


class Side(StrEnum):
    """Which rows: those of the numerator (of a sum or count: its own) or of the denominator."""

    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"


class Query(BaseModel):
    """One question, as `salesgauge compute --queries` takes it. Without `as_of` it is asked as of the present, as the pages are."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    kpi: Text = Field(description="The id of a KPI or figure.", examples=["win_rate"])
    period: Text = Field(description=f"{FORMS}; or FY2026, FY2026-Q1.", examples=["2026-Q1"])
    grain: Grain = Field(Grain.TOTAL, description="One row for each of these within the period.")
    by: list[Text] = Field([], max_length=MOST_DIMENSIONS, description="Dimensions to group by.", examples=[["team"]])
    where: dict[Text, list[Text | None]] = Field(
        {}, max_length=MOST_DIMENSIONS, description="Dimension -> the values that count; null is the empty one.",
        examples=[{"channel": ["web", None]}])
    as_of: Text | None = Field(None, description="What was known then: an ISO 8601 instant, or a date (the start of that local day).",
                               examples=["2026-03-31"])
    approximate: bool = Field(False, description=APPROXIMATE)
    first: int | None = Field(None, ge=1, le=MOST_FIRST, description=FIRST, examples=[20])


class Fault(BaseModel):
    """Why a question of a batch has no answer."""

    code: str = Field(description="unknown_kpi, bad_query, bad_period, bad_dimension or missing_table.", examples=["unknown_kpi"])
    message: str = Field(examples=["unknown KPI 'win_rat'; the nearest: win_rate"])


class Row(BaseModel):
    """One period and group of an answer."""

    start: str = Field(description="The first day.", examples=["2026-01-01"])
    end: str = Field(description="The day after the last.", examples=["2026-04-01"])
    by: dict[str, str | None] = Field(description="The group: dimension -> value.", examples=[{"team": "North"}])
    value: float | None = Field(description="In the answer's unit, a percentage as a fraction; null where there is nothing to divide by.")
    numerator: float | None
    denominator: float | None = Field(description="null for a sum or a count.")
    n: int | None = Field(description="How many cases the value rests on.")
    low: float | None = Field(description="The 95 % interval.")
    high: float | None
    median: float | None = Field(None, description="Only of KPIs that have it.")
    p90: float | None = Field(None, description="The 90th percentile, only of KPIs that have it.")
    median_error: float | None = Field(None, description="Only where it may be approximate: how far from the exact one at most; 0 where it "
                                                         "is exact.")
    p90_error: float | None = Field(None, description="The same of the 90th percentile.")
    excluded: dict[str, int] = Field(description="How many rows were set aside, by reason.", examples=[{"no_amount": 2}])
    withheld: bool = Field(False, description="Numbers are null because so few answers, given in confidence, would tell on somebody.")


class Answer(BaseModel):
    """The answer to one question: rows, or an error."""

    kpi: str | None
    unit: str | None = Field(None, description="percent, money, days, hours, count, ratio or score.", examples=["percent"])
    currency: str | None = Field(None, description="Of money: the workspace's currency.")
    as_of: str | None = Field(None, description="The instant that the answer is as of.", examples=["2026-05-20T09:00:00Z"])
    timezone: str | None = Field(None, description="Whose days the periods are.", examples=["Europe/Berlin"])
    rows: list[Row] | None = None
    left_out: int | None = Field(None, description="Only where the first were asked for: how many groups of all periods are not among the "
                                                   "rows.")
    error: Fault | None = None


class Answers(BaseModel):
    """The answers in the order of the questions."""

    results: list[Answer]
    names: dict[str, dict[str, str]] | None = Field(
        None, description="Only where asked for: dimension -> id -> name, of the ids in the answers.")


class Lineage(BaseModel):
    """Where a row came from."""

    source: str | None = Field(description="The file or connected system; null where the load recorded the row itself.", examples=["crm"])
    record: str | None = Field(description="Its record in that system; null for who sees no names of persons.", examples=["deals/4"])
    link: str | None = Field(description="The address of that record's page there, where it has one; null for who sees no names.")
    load: str | None = Field(description="The load that wrote it last.", examples=["g-000012"])
    loaded_at: str | None = Field(description="Its instant.", examples=["2026-05-20T09:00:00Z"])


class Record(BaseModel):
    """A row behind a number."""

    table: str | None = Field(description="The canonical table that it stands in.", examples=["opportunities"])
    id: str | None
    contribution: float = Field(description="What it adds to the number; all contributions add up to it.")
    row: dict[str, Any] = Field(description="The row as stored; `because` says how the contribution came about.")
    lineage: Lineage | None = Field(description="Where the row came from; null where no stored row stands behind it.")


class Records(BaseModel):
    """A page of the rows behind one side of a question."""

    kpi: str
    side: Side
    as_of: str
    total: float = Field(description="The sum of all contributions: the side's number.")
    count: int = Field(description="How many rows there are.")
    matching: int = Field(description="How many of them the search finds, on all pages; without a search all.")
    columns: list[str] = Field(description="What can be sorted by.")
    rows: list[Record]
    next: str | None = Field(description="The cursor of the next page, as in the Link header; null on the last.")


class Dimension(BaseModel):
    """What a KPI can be grouped and filtered by."""

    id: str
    name: str
    one_sided: bool = Field(description="Only one of the two measures carries it; the other stays whole.")


class Reason(BaseModel):
    """Why rows are set aside."""

    id: str
    name: str


class Wanted(BaseModel):
    """From where to where a value is on target, both ends included, in the KPI's unit; null: without end."""

    low: float | None
    high: float | None


class Target(BaseModel):
    """What the company wants of a KPI (the tables [targets.KPI] of salesgauge.toml)."""

    per: str | None = Field(description="month, quarter or year, of which each has that sum for its target; null: it holds for any period.")
    company: Wanted | None
    rep: Wanted | None = Field(description="Each rep's.")
    teams: dict[str, Wanted]


class Definition(BaseModel):
    """A KPI or figure, in the language that was asked for."""

    id: str
    name: str
    meaning: str
    area: str
    area_name: str
    unit: str
    kind: str = Field(description="proportion, mean, ratio, sum or count.")
    better: str | None = Field(description="up, down, band (both too low and too high are bad), or null.")
    interval: str | None = Field(description="wilson, student or null.")
    median: bool
    dimensions: list[Dimension]
    required: list[str] = Field(description="Dimensions without which it cannot be asked.")
    numerator: str
    denominator: str | None
    sets_aside: list[Reason]
    watch: str | None = Field(description="The KPI to watch beside it.")
    source: str
    built_in: bool
    lacks: str | None = Field(description="The table that this workspace lacks for it; null: it can be answered.")
    target: Target | None


class Definitions(BaseModel):
    """The catalogue, in the language that was asked for."""

    language: str
    kpis: list[Definition]


class Figures(BaseModel):
    """The figures that the pages show beside the KPIs; they are asked like KPIs."""

    language: str
    figures: list[Definition]


class Statements(BaseModel):
    """The SQL of a question: of each fact that it reads, then of the question; its parameters stand there as $name."""

    kpi: str
    sql: dict[str, str]


class Me(BaseModel):
    """Who asks, and what they may."""

    name: str
    role: str
    home: str
    language: str
    rep_id: str | None
    sees: str = Field(description="Whose rows: everything, reports (and their own) or own.", examples=["reports"])
    persons_named: bool = Field(description="Whether the names of persons are shown.")
    scopes: list[str] | None = Field(description="What the token is for; null: no token, a signed-in browser.")


class Fresh(BaseModel):
    """How far the data reach."""

    generation: str
    loaded_at: str
    last_day: str | None = Field(description="The last local day on which anything happened.")
    stale: bool = Field(description="Nothing has happened for days.")
    damaged: bool = Field(description="The newest load cannot be read; this is the one before it, and so are all answers.")
    timezone: str
    currency: str
    tables: list[str]


class View(BaseModel):
    """A saved view: a page under a name. Who opens it sees what they may see."""

    id: str
    name: str
    address: str = Field(description="The page: path and query.", examples=["/kpis/win_rate?period=2026-Q1&f.team=North"])
    shared: bool = Field(description="Whether everybody may open it.")
    own: bool
    owner: str | None = Field(description="Who saved it; null where the caller sees no names of persons.")
    changed: str


class Views(BaseModel):
    """The views that the caller may open, their own first."""

    views: list[View]


class NewView(BaseModel):
    """A view to save; one of the caller's of the same name is replaced."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200, examples=["Win rate, North"])]
    address: Annotated[str, Field(max_length=4000, examples=["/kpis/win_rate?period=2026-Q1&f.team=North"])]
    shared: bool = False


class FieldFault(BaseModel):
    """What is wrong with one part of a request."""

    field: str = Field(examples=["query.limit"])
    detail: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(description="What is wrong and what would be right.", examples=["unknown KPI 'win_rat'; the nearest: win_rate"])
    code: str | None = Field(None, description="A stable word for it.", examples=["unknown_kpi"])
    errors: list[FieldFault] | None = Field(None, description="The parts of the request that are wrong.")
