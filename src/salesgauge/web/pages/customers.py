"""Customers: who stays, what they are worth, how much hangs on a few, what they say, who must be looked after now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from salesgauge.analyses.concentration import Concentration, concentration
from salesgauge.analyses.promoters import promoters
from salesgauge.web.batch import Batch, Reply
from salesgauge.web.breakdown import BreakdownQuestion, ordered
from salesgauge.web.cards import CardQuestions, reason
from salesgauge.web.cohort_table import CohortQuestion
from salesgauge.web.opening import rows_of
from salesgauge.web.page import Page, page
from salesgauge.web.panels.customers import renewals
from salesgauge.web.tiles import Tile, tile

router = APIRouter()
CARDS = ("customer_retention_rate", "churn_rate", "net_promoter_score", "client_engagement")
TILES = ("new_customers", "active_customers", "untouched_customers", "customer_lifetime_value", "historic_customer_value")
TOP = 10  # accounts whose weight is shown


@dataclass(frozen=True)
class Weight:
    """An account's part in the purchases, in words."""

    place: str
    label: str
    address: str
    number: float
    value: str
    share: str
    running: str


@dataclass(frozen=True)
class Weights:
    """The largest accounts; `lead` says what they are together, `unassigned` what belongs to no account."""

    rows: tuple[Weight, ...]
    most: float
    lead: str | None
    unassigned: str | None
    address: str
    why: str | None


@dataclass(frozen=True)
class Voice:
    """One kind of answer to the question of recommendation: how many, and their part of all."""

    label: str
    count: str
    number: int
    share: str
    look: str


@dataclass(frozen=True)
class Ending:
    """The contracts that end within a stretch of days, in words."""

    label: str
    address: str
    number: int
    contracts: str
    value: str


class CustomerQuestions:
    """What the page asks in one batch."""

    def __init__(self, page: Page, batch: Batch) -> None:
        self.page = page

        def ask(figure: str, *by: str) -> Reply:
            return batch.ask(page.query(figure, by=by))
        self.cards = [CardQuestions(page, batch, kpi) for kpi in CARDS]
        self.tiles = [(name, ask(name)) for name in TILES]
        self.churn, self.score = ask("churn_rate"), ask("net_promoter_score")
        self.renewals, self.renewals_value = ask("renewals_due"), ask("renewals_due_value")
        self.ending, self.ending_value = ask("renewals_due", "ends_in"), ask("renewals_due_value", "ends_in")
        self.purchases = batch.ask(page.query("account_purchases", by=("account",), first=TOP + 1))  # one of them may be of no account
        self.all_purchases = ask("account_purchases")
        self.unassigned = batch.ask(page.query("account_purchases", view=page.view.filtered("account", None)))
        self.cohorts = CohortQuestion(page, batch)
        self.breakdowns = [BreakdownQuestion(page, batch, kpi, "segment") for kpi in (
            "churn_rate", "client_engagement", "net_promoter_score", "historic_customer_value")]


@router.get("/customers")
def customers_page(page: Annotated[Page, Depends(page)]) -> Response:
    """The customers that this visitor may see."""
    batch = page.batch()
    asked = CustomerQuestions(page, batch)
    batch.run()
    kept = page.measured("renewals_due")
    return page.render(
        "customers.html", active="customers", cards=[each.card() for each in asked.cards], tiles=_tiles(asked),
        cohorts=asked.cohorts.table(), weights=_weights(asked), voices=_voices(asked),
        score=asked.cards[CARDS.index("net_promoter_score")].card(),
        endings=_endings(asked), renewals_why=reason(page, kept, asked.renewals) if asked.renewals.value is None else None,
        renewals_at=page.opened("renewals_due"), contracts=replace(renewals(page), width=""),
        breakdowns=[each.table() for each in asked.breakdowns])


def _tiles(asked: CustomerQuestions) -> list[Tile]:
    """New, lost, active, untouched, renewals, and what customers are worth."""
    page, words = asked.page, asked.page.words
    tiles = [tile(page, name, reply) for name, reply in asked.tiles]
    lost, row = page.measured("churn_rate"), asked.churn.row
    known = row is not None and row["denominator"]
    tiles.insert(1, Tile("lost", words.message("board_customers_lost"), rows_of(page, "churn_rate"),
                         words.number(row["numerator"]) if row is not None and known else None,
                         None if known else reason(page, lost, asked.churn),
                         (words.message("board_of_active", whole=row["denominator"]),) if row is not None and known else (),
                         words.message("board_customers_lost_meaning")))
    count = [] if asked.renewals.value is None else [words.message("contracts", count=asked.renewals.value)]
    tiles.append(tile(page, "renewals_due_value", asked.renewals_value, count))
    return tiles


def _weights(asked: CustomerQuestions) -> Weights:
    page, words = asked.page, asked.page.words
    without = None in page.view.filters().get("account", (None,))
    found = concentration(asked.purchases.rows, asked.all_purchases.value or 0.0, asked.unassigned.value or 0.0 if without else 0.0)
    first = found.holdings[:TOP]
    page.learn("account", [each.account for each in first])
    rows = tuple(Weight(words.number(each.place), page.label("account", each.account),
                        rows_of(page, "account_purchases", page.view.filtered("account", each.account)), each.value,
                        words.compact(each.value, page.currency), words.percent(each.share), words.percent(each.running_share))
                 for each in first)
    kpi = page.measured("account_purchases")
    return Weights(rows, max((each.value for each in first), default=0.0), _heaviest(page, found),
                   words.message("board_unassigned", value=words.compact(found.unassigned, page.currency)) if found.unassigned else None,
                   page.opened("account_purchases"), None if rows else reason(page, kpi, asked.purchases))


def _heaviest(page: Page, found: Concentration) -> str | None:
    """What the largest accounts are of all purchases, and what would be left without them."""
    top = found.top(TOP)
    if top is None:
        return None
    return page.words.message("board_concentration", top=page.words.number(min(TOP, len(found.holdings))), share=page.words.percent(top),
                              rest=page.words.compact(found.without(TOP), page.currency))


def _voices(asked: CustomerQuestions) -> tuple[Voice, ...]:
    """Promoters, passives and detractors; none where they cannot be told."""
    words, row = asked.page.words, asked.score.row
    found = promoters(row) if row is not None else None
    if found is None or row is None:
        return ()
    counts = (("promoters", found.promoters, "good"), ("passives", found.passives, "grey"), ("detractors", found.detractors, "bad"))
    return tuple(Voice(words.message(f"board_{name}"), words.message("responses", count=count), count, words.percent(count / row["n"]),
                       look) for name, count, look in counts)


def _endings(asked: CustomerQuestions) -> tuple[Ending, ...]:
    page, words = asked.page, asked.page.words
    worth = ordered(asked.ending_value.rows, "ends_in")
    return tuple(Ending(words.choice("ends_in", key), rows_of(page, "renewals_due", page.view.filtered("ends_in", key)), row["value"],
                        words.message("contracts", count=row["value"]),
                        words.compact(worth[key]["value"] if key in worth else None, page.currency))
                 for row in asked.ending.rows for key in (row["by"]["ends_in"],))
