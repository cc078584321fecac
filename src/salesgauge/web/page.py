"""A request for a page: who asks, in which language, which view; asks questions, makes addresses, writes the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from salesgauge.errors import BadDimension, SettingError
from salesgauge.language import LANGUAGES, Language, language
from salesgauge.language.codes import known
from salesgauge.periods import Span, read_period
from salesgauge.semantics.kpi import Kpi
from salesgauge.semantics.shape import Shape
from salesgauge.store.names import NAMED, PERSONS
from salesgauge.store.opened import shape_of
from salesgauge.store.records import RecordsPage
from salesgauge.web.batch import Batch
from salesgauge.web.filters import Menu, menus
from salesgauge.web.site import Freshness, Site
from salesgauge.web.templates import environment
from salesgauge.web.view import View, instant_text, page_instant, read_view
from salesgauge.web.visitor import Visitor

LANGUAGE_COOKIE, THEME_COOKIE = "language", "theme"
THEMES = ("auto", "light", "dark")
PLACES = (("home", "/"), ("pipeline", "/pipeline"), ("leaderboards", "/leaderboards"), ("customers", "/customers"), ("people", "/people"),
          ("market", "/market"), ("explore", "/explore"), ("catalogue", "/kpis"), ("data", "/data"))  # the main navigation: name and path
FRESH_DAYS = 3  # data whose last event is older are called stale


class SignInNeeded(Exception):
    """Nobody is signed in; the page that was asked for is opened after the sign-in."""


class Page:
    """One request. Everything that a builder or a template needs comes from here."""

    person: str | None = None  # whose home is looked at

    def __init__(self, request: Request) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        visitor = self.site.who(request)
        if visitor is None:
            raise SignInNeeded(request.url.path)
        self.visitor: Visitor = visitor
        self.words: Language = language(spoken(request, visitor))

    @cached_property
    def freshness(self) -> Freshness:
        """How far the data reach."""
        return self.site.freshness()

    @cached_property
    def view(self) -> View:
        """What the address says; QuestionError where it cannot be read."""
        now = page_instant(self.site.clock(), self.freshness.loaded_at)
        return read_view(self.request.query_params, self.site.desk.settings, now, self.freshness.last_day)

    @cached_property
    def shape(self) -> Shape:
        """Which tables the workspace has, and which further dimensions for this visitor."""
        whole = shape_of(self.freshness.generation, self.site.desk.settings, dated=False)
        hidden = self.visitor.personal
        return replace(whole, extras=tuple((table, tuple(x for x in extras if x not in hidden)) for table, extras in whole.extras))

    @property
    def currency(self) -> str:
        """The workspace's currency."""
        return self.site.desk.settings.currency

    @property
    def theme(self) -> str:
        """light, dark, or auto (as the system says)."""
        chosen = self.visitor.theme or self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else "auto"

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The main navigation: name and path of each place."""
        return PLACES

    @property
    def stale(self) -> bool:
        """Whether nothing has happened in the data for days."""
        last, today = self.freshness.last_day, self.local(self.site.clock()).date()
        return last is not None and (today - last).days > FRESH_DAYS

    # Questions

    def batch(self) -> Batch:
        """A batch of questions about KPIs and figures, asked as this visitor."""
        return Batch(self.answer)

    def answer(self, queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers to a batch, as this visitor may have them."""
        refused: dict[int, BadDimension] = {}
        for place, query in enumerate(queries):
            try:
                self.must_offer(query)
            except BadDimension as problem:
                refused[place] = problem
        found = self.site.desk.answer(queries, self.visitor.viewer, figures=True) if len(refused) < len(queries) else [{} for _ in queries]
        for place, why in refused.items():
            found[place] = {"kpi": queries[place].get("kpi"), "error": {"code": why.code, "message": why.message}}
        return found

    def must_offer(self, query: Mapping[str, Any]) -> None:
        """BadDimension where a question is by, or filtered to, a dimension that this visitor is not to see."""
        for dimension in (*query.get("by", ()), *query.get("where", ())):
            if dimension in self.visitor.personal:
                raise BadDimension(f"{query.get('kpi')} has no dimension {dimension!r} for you: it holds names of persons", "no_dimension",
                                   kpi=str(query.get("kpi")), dimension=dimension)

    def records(self, query: Mapping[str, Any], *, sort: str, descending: bool, limit: int) -> RecordsPage:
        """The first rows behind a question about a KPI or figure, as this visitor may see them; QuestionError where it cannot be asked
        so."""
        self.must_offer(query)
        return self.site.records(query, self.visitor.viewer, sort, descending, limit)

    def kpi(self, kpi: str) -> Kpi:
        """A KPI of the catalogue; UnknownKpi where there is none."""
        return self.site.desk.catalogue.find(kpi)

    def measured(self, name: str) -> Kpi:
        """A KPI or a figure; UnknownKpi where there is neither."""
        return self.site.desk.everything.find(name)

    def of(self, view: View, person: str | None = None) -> Page:
        """The same request with another view: that of a team, or of a person (whose rep filter the view has)."""
        other = copy(self)
        other.view, other.person = view, person  # the view of the address is cached under the same name
        return other

    def suited(self, name: str, view: View) -> View:
        """A view for a KPI or figure: a person's own customers are those whose account is theirs, where no rep is told."""
        dimensions = self.measured(name).dimensions
        if self.person is None or "rep" in dimensions or "account_owner" not in dimensions:
            return view
        return view.filtered("rep").filtered("account_owner", self.person)

    def query(self, kpi: str, span: Span | str | None = None, *, grain: str = "total", by: Sequence[str] = (),
              view: View | None = None, first: int | None = None) -> dict[str, Any]:
        """A question about a KPI within this view: its filters and its instant. A filter that the KPI does not have makes the answer
        an error (bad_dimension), never a value of other rows."""
        view = self.suited(kpi, view or self.view)
        period = span if isinstance(span, str) else _text(span or view.span)
        said: dict[str, Any] = {"kpi": kpi, "period": period, "as_of": instant_text(view.instant)}
        if grain != "total":
            said["grain"] = grain
        if by:
            said["by"] = list(by)
        if view.where:
            said["where"] = {dimension: list(values) for dimension, values in view.where}
        if first is not None:
            said["first"] = first
        return said

    # Addresses and words

    def opened(self, name: str, view: View | None = None, /, **changes: str | None) -> str:
        """Where a KPI or figure is opened: a KPI's page, or the records of a figure."""
        view = self.suited(name, view or self.view)
        if name in self.site.desk.catalogue:
            return self.address(f"/kpis/{name}", view, **changes)
        return self.address(f"/figures/{name}/records", view, side="numerator", **changes)

    def address(self, path: str, view: View | None = None, /, **changes: str | None) -> str:
        """The address of a page with this view kept (or with another one)."""
        return path + (view or self.view).query(**changes)

    def here(self, **changes: str | None) -> str:
        """This page with its whole address, parameters added, replaced, or (None) left out."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name not in changes]
        pairs = kept + [(name, value) for name, value in changes.items() if value is not None]
        return self.request.url.path + (f"?{urlencode(pairs)}" if pairs else "")

    def local(self, instant: datetime) -> datetime:
        """An instant as the workspace's clock shows it, without a zone."""
        return instant.astimezone(self.site.desk.settings.zone).replace(tzinfo=None)

    def period(self, span: Span) -> str:
        """A period as this language names it."""
        fiscal = self.site.desk.settings.fiscal_year_start
        return self.words.period(span.start, span.end, fiscal_year_start=fiscal if fiscal > 1 else None)

    def label(self, dimension: str, key: str | None) -> str:
        """What a value of a dimension is called: the name behind an id (a person's only for those who may see it), the word for one of a
        closed list, "unknown" for the empty one."""
        if key is None:
            return self.words.term("unknown")
        if dimension in NAMED and not (self.visitor.nameless and dimension in PERSONS):
            return self.site.names(NAMED[dimension], [key], self.freshness)[key] or key
        return self.words.choice(dimension, key)

    def learn(self, dimension: str, keys: Iterable[str | None]) -> None:
        """Looks the names of many values up at once, before each is asked for by `label`."""
        if dimension in NAMED:
            self.site.names(NAMED[dimension], [key for key in keys if key is not None], self.freshness)

    @cached_property
    def menus(self) -> tuple[Menu, ...]:
        """The filters that the page offers."""
        return menus(self)

    @cached_property
    def comparisons(self) -> tuple[tuple[str, str], ...]:
        """Earlier periods to compare with: each as the address names it, and in words."""
        view = self.view
        return tuple((text, self.period(read_period(text, view.fiscal))) for text in view.earlier(8) if text != view.chosen)

    # The answer

    def remembered(self, build: Callable[[], Response], *beside: Any) -> Response:
        """The page as it was written for the same visitor, address, language and look, as of the same instant of the same data; `build`
        writes it where it was not yet. For pages that say nothing beside that and `beside`, and whose opening is not noted in the log."""
        request = self.request
        key = (request.url.path, request.url.query, self.visitor, self.words.code, self.theme, self.view.instant, self.stale,
               self.freshness.generation.mark, *beside)
        return HTMLResponse(self.site.pages.fetch([key], lambda keys: {key: bytes(build().body)})[key])

    def render(self, template: str, /, status: int = 200, **model: Any) -> Response:
        """The page as its template writes it."""
        text = environment().get_template(template).render(
            page=self, words=self.words, visitor=self.visitor, message=self.words.message, heading=self.words.heading,
            languages=[(code, language(code).own_name) for code in LANGUAGES], **model)
        return HTMLResponse(text, status)


def _text(span: Span) -> str:
    return f"{span.start}..{span.end}"


def spoken(request: Request, visitor: Visitor | None) -> str:
    """The language of a request: the person's own, else that of the cookie, else the first of the browser's that we have."""
    browser = [part.partition(";")[0] for part in request.headers.get("accept-language", "").split(",")]
    for wish in (visitor.language if visitor else None, request.cookies.get(LANGUAGE_COOKIE), *browser):
        if wish:
            try:
                return known(wish)
            except SettingError:
                continue
    return LANGUAGES[0]


def page(request: Request) -> Page:
    """The page that a route answers with (a dependency)."""
    return Page(request)

