"""A workspace that stays open for many questions and threads: a server's view of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from salesgauge.errors import EngineError, StoreDamaged
from salesgauge.periods import Span
from salesgauge.semantics.answer import answer
from salesgauge.semantics.groups import Groups
from salesgauge.semantics.question import EVERYTHING, Question, QuestionShape, Viewer
from salesgauge.store.cells import Cell, cells
from salesgauge.store.generation import FOLDER, Generation
from salesgauge.store.remembered import MOST_BYTES, Remembered
from salesgauge.store.rolled import MADE, Worth
from salesgauge.store.serving import SESSIONS, Served, Serving
from salesgauge.store.session import Session
from salesgauge.workspace import Asked, Workspace, parameters

SPANS = 32    # periods whose facts are in memory at a time
OTHERS = 512  # periods that are asked of at a time where nothing is made for them


class ServedWorkspace(Workspace):
    """A workspace whose generation stays open, whose sessions are used again and whose answers are remembered.

    It answers as `Workspace` does, for any number of threads: `sessions` of them compute at a time, `most_bytes` bounds what is
    remembered. Settings and own KPIs are those that the folder had when it was opened.

    With `follow` a question sees the newest generation, and the first one after a load builds its facts; without it the generation
    changes by `refresh` alone, which makes ready what it is given before anybody sees the new one. `close` ends it.
    """

    def __init__(self, folder: Path, *, sessions: int = SESSIONS, most_bytes: int = MOST_BYTES, follow: bool = True,
                 worth: Worth = MADE) -> None:
        super().__init__(folder, worth=worth)
        self._serving = Serving(folder / FOLDER, super().generation, self.open, sessions=sessions, follow=follow)
        self._remembered = Remembered[Cell, Groups](most_bytes)
        self._quantiles, self._quantiles_lock = self.quantiles(), threading.Lock()

    def close(self) -> None:
        """Ends it, as soon as what is being answered is."""
        self._serving.close()

    def generation(self) -> Generation:
        """The generation in force, or that which stands in for it; where that is no longer the one that is served since it was damaged
        meanwhile, the other one is served from now on."""
        found = super().generation()
        if self._serving.serves_instead(found):
            self._serving.switch(lambda served: None, doubted=True)
        return found

    def generation_served(self) -> str:
        """The name of the generation that a question asked now sees: it changes when a load's data are shown."""
        with self._serving.reading() as served:
            return served.opened.generation.name

    def warm(self, queries: Sequence[Any], viewer: Viewer = EVERYTHING) -> None:
        """Compiles, builds and remembers what answers a batch; queries that cannot be answered are passed over."""
        self.answer(queries, viewer, figures=True)

    def refresh(self, queries: Sequence[Any] = (), viewer: Viewer = EVERYTHING) -> bool:
        """Goes over to the newest generation, after it has been made ready for these queries; says whether it is another one."""
        return self._serving.switch(lambda served: self._prepare(served, queries, viewer))

    def _prepare(self, served: Served, queries: Sequence[Any], viewer: Viewer) -> None:
        self._answers(served, queries, viewer, True, None)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session on the generation that is served."""
        with self._serving.reading() as served, served.session() as session:
            yield session

    @contextmanager
    def own_session(self) -> Iterator[Session]:
        """A session that is none of those that questions wait for: a slow reader of records holds nobody up."""
        with self._serving.reading() as served, closing(Session(served.opened)) as session:
            yield session

    def answer(self, queries: Sequence[Any], viewer: Viewer = EVERYTHING,
               progress: Callable[[int, int], None] | None = None, *, figures: bool = False) -> list[dict[str, Any]]:
        """The answers to a batch, in its order, all from one generation; a query that cannot be answered gives its error and the others
        are answered. With `figures` the queries may name figures as well as KPIs."""
        while True:
            with self._serving.reading() as served:
                try:
                    return self._answers(served, queries, viewer, figures, progress)
                except (duckdb.Error, StoreDamaged, EngineError) as problem:
                    doubted = not isinstance(problem, EngineError)
                    if self._serving.is_newest(served) and not (doubted and self._serving.switch(lambda fresh: None, doubted=True)):
                        raise
            # loads went on meanwhile and swept what was being read, or it was damaged: there is another generation

    def _answers(self, served: Served, queries: Sequence[Any], viewer: Viewer, figures: bool,
                 progress: Callable[[int, int], None] | None) -> list[dict[str, Any]]:
        done = 0
        answers, by_instant = self.sound(queries, viewer, served.opened.shape(dated=False), figures)
        for as_of, several in by_instant.items():
            keys = [cells(served.opened, asked.question, asked.spans, as_of) for _place, asked in several]
            sources = {cell: asked.question for (_place, asked), own in zip(several, keys, strict=True) for cell in own}
            found = self._remembered.fetch(sources, _Computing(served, sources, as_of, viewer))
            for (place, asked), own in zip(several, keys, strict=True):
                answers[place] = self._answer(asked, [found[cell] for cell in own])
                done += 1
                if progress:
                    progress(done, len(queries))
        return answers

    def _answer(self, asked: Asked, groups: Sequence[Groups]) -> dict[str, Any]:
        return answer(asked.kpi, asked.question, self.settings, zip(asked.spans, groups, strict=True), self._quantile)

    def _quantile(self, freedom: int) -> float:
        with self._quantiles_lock:
            found = self._quantiles.of(freedom)
            self._quantiles.save()
            return found


class _Computing:
    """Computes cells of one as-of instant, as few spans at a time as keep their facts small."""

    def __init__(self, served: Served, sources: Mapping[Cell, Question], as_of: datetime | None, viewer: Viewer) -> None:
        self._served, self._sources, self._as_of, self._viewer = served, sources, as_of, viewer

    def __call__(self, wanted: list[Cell]) -> dict[Cell, Groups]:
        """The groups of these cells, those that are kept read."""
        opened = self._served.opened
        keeping = {cell for cell in wanted if opened.keeps_groups(cell.shape)}
        made = opened.groups.read(keeping)
        left = [cell for cell in wanted if cell not in made]
        if left:
            spans = iter(sorted({cell.span for cell in left}))
            several = SPANS if any(opened.reads_periods(shape, self._as_of) for shape in {cell.shape for cell in left}) else OTHERS
            with self._served.session() as session:
                while part := list(islice(spans, several)):
                    self._of_spans(session, part, left, made)
            opened.groups.write({cell: made[cell] for cell in left if cell in keeping and opened.keeps_groups(cell.shape)})
        return made

    def _of_spans(self, session: Session, spans: Sequence[Span], wanted: Sequence[Cell], made: dict[Cell, Groups]) -> None:
        number = {span: n for n, span in enumerate(spans)}
        moment = session.at(spans, self._as_of)
        asked: dict[tuple[QuestionShape, tuple[Any, ...], int | None], list[Cell]] = {}
        for cell in wanted:
            if cell.span in number:
                asked.setdefault((cell.shape, cell.where, cell.first), []).append(cell)
        for (shape, _where, _first), own in asked.items():
            question = self._sources[own[0]]
            numbers = [number[cell.span] for cell in own]
            found = moment.groups(shape, numbers, parameters(question), self._viewer).by_span(numbers)
            for cell in own:
                made[cell] = found[number[cell.span]]
