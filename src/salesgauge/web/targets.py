"""A KPI beside its target: which target holds for the rows that a page is about, and how the card shows it."""

from __future__ import annotations

from dataclasses import dataclass

from salesgauge.analyses.pace import pace
from salesgauge.goals import Target
from salesgauge.goals.target import Wanted
from salesgauge.semantics.kpi import Kpi
from salesgauge.web.page import Page

ROOM = 1.25  # how much longer a scale is than what it must show


@dataclass(frozen=True)
class Bullet:
    """What accumulates towards a target: how far it is, the target, where a steady pace would be, and the same in words."""

    value: float
    target: float
    pace: float | None
    said: str


@dataclass(frozen=True)
class Scale:
    """A level beside its target: the value as a dot on a scale from `least` to `most`, with the band that is on target, and the same in
    words."""

    value: float
    least: float
    most: float
    low: float
    high: float
    said: str


def beside_target(page: Page, kpi: Kpi, value: float | None, few: bool) -> Bullet | Scale | None:
    """A value of the page's period beside its target; None where there is no value, or no target for just these rows and this period.
    `few`: it stands on too few cases for a verdict."""
    target = page.site.desk.targets.get(kpi.id)
    wanted = None if target is None else _of_page(page, target)
    if target is None or wanted is None or value is None:
        return None
    wanted = target.over(wanted, page.view.span, page.view.fiscal)
    if wanted is None:
        return None
    return _scale(page, kpi, value, wanted, few) if target.per is None else _bullet(page, kpi, value, wanted)


def told(page: Page, kpi: Kpi) -> str | None:
    """All targets of a KPI in words; None where it has none."""
    target, words = page.site.desk.targets.get(kpi.id), page.words
    if target is None:
        return None
    whom = [(words.term("whole_company"), target.company), (words.term("each_rep"), target.rep), *target.teams.items()]
    said = "; ".join(f"{name}: {in_words(page, kpi, wanted)}" for name, wanted in whom if wanted is not None)
    return said if target.per is None else f"{words.grain(target.per)}: {said}"


def in_words(page: Page, kpi: Kpi, wanted: Wanted) -> str:
    """What is wanted: at least 25%, at most 12%, 5% to 12%."""
    words = page.words
    ends = {name: words.value(end, kpi.unit, page.currency) for name, end in wanted._asdict().items() if end is not None}
    return words.message("wanted_between" if len(ends) == 2 else f"wanted_{next(iter(ends))}", **ends)


def _of_page(page: Page, target: Target) -> Wanted | None:
    """The target of the rows that the page is about: of one rep, of a team, of the whole company; any other selection has none."""
    visitor, filters = page.visitor, page.view.filters()
    only = next(iter(filters.items())) if len(filters) == 1 else None
    one = only[1][0] if only is not None and len(only[1]) == 1 else None
    if only is None and filters:
        return None
    if visitor.viewer.rep_id is not None and not visitor.viewer.reports:  # sees one rep's rows alone
        return target.rep if only is None or (only[0], one) == ("rep", visitor.viewer.rep_id) else None
    if only is None:
        return target.company if visitor.sees_everything else None
    if only[0] == "rep":
        return target.rep if one is not None else None
    return target.teams.get(one) if only[0] == "team" and one is not None and visitor.sees_everything else None


def _bullet(page: Page, kpi: Kpi, value: float, wanted: Wanted) -> Bullet:
    words, least = page.words, wanted.low
    assert least is not None
    found = pace(value, least, page.view.span, page.view.today)
    said = words.message("share_of_target", share=words.percent(value / least, 0), target=words.value(least, kpi.unit, page.currency))
    return Bullet(value, least, found.steady if page.view.running else None, said)


def _scale(page: Page, kpi: Kpi, value: float, wanted: Wanted, few: bool) -> Scale:
    shown = [0.0, *(ROOM * number for number in (value, *wanted) if number is not None)]
    least, most = min(shown), max(shown)
    if kpi.kind == "proportion":
        most = min(1.0, most)
    text = in_words(page, kpi, wanted)
    key = "target_is" if few else "target_met" if wanted.holds(value) else "target_missed"
    return Scale(value, least, most, least if wanted.low is None else wanted.low, most if wanted.high is None else wanted.high,
                 page.words.message(key, target=text))
