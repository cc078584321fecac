"""Questions that a page gathers and asks together, each with a place for its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


class Reply:
    """The answer to one question of a batch, once the batch was asked."""

    def __init__(self, query: Mapping[str, Any]) -> None:
        self.query = query
        self._answer: Mapping[str, Any] | None = None

    def fill(self, answer: Mapping[str, Any]) -> None:
        """Takes the answer."""
        self._answer = answer

    @property
    def answer(self) -> Mapping[str, Any]:
        """The answer as compute.md has it."""
        assert self._answer is not None, "the batch was not asked yet"
        return self._answer

    @property
    def error(self) -> Mapping[str, str] | None:
        """Why there is no answer: code and message."""
        return self.answer.get("error")

    @property
    def rows(self) -> Sequence[Row]:
        """The rows of the answer, none where there is an error."""
        rows: Sequence[Row] = self.answer.get("rows", ())
        return rows

    @property
    def row(self) -> Row | None:
        """The only row of a question without grain and dimensions; None where there is an error."""
        return self.rows[0] if self.rows else None

    @property
    def value(self) -> float | None:
        """The value of the only row."""
        return None if self.row is None else self.row["value"]


class Batch:
    """Gathers questions; equal ones are asked once. `answer` answers a list of queries."""

    def __init__(self, answer: Callable[[Sequence[Mapping[str, Any]]], Iterable[Mapping[str, Any]]]) -> None:
        self._answer = answer
        self._waiting: dict[str, Reply] = {}

    def ask(self, query: Mapping[str, Any]) -> Reply:
        """A place for the answer to a query (compute.md); it is filled by `run`."""
        key = repr(sorted(query.items()))
        if key not in self._waiting:
            self._waiting[key] = Reply(query)
        return self._waiting[key]

    def run(self) -> None:
        """Asks what is waiting, all at once."""
        replies = list(self._waiting.values())
        self._waiting.clear()
        for reply, answer in zip(replies, self._answer([reply.query for reply in replies]), strict=True):
            reply.fill(answer)
