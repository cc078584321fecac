"""What people said here, as the store takes it: tags of replies, and decisions of who is who in several systems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesgauge.state import State
    from salesgauge.state.verdicts import Decision
    from salesgauge.store.identity.groups import Verdict
    from salesgauge.store.tagging import ReplyTag


@contextmanager
def state_of(folder: Path) -> Iterator[State | None]:
    """The state of a workspace's folder, None where it has none."""
    from salesgauge.state.database import is_there
    if not is_there(folder):
        yield None
        return
    from salesgauge.state import State
    with closing(State.open(folder)) as state:
        yield state


def tags_in(state: State | None) -> list[ReplyTag]:
    """What people said of replies."""
    from salesgauge.store.tagging import ReplyTag
    if state is None:
        return []
    with state.look() as unit:
        return [ReplyTag(tag.activity_id, tag.sentiment, tag.said, tag.source is not None) for tag in unit.tags.all()]


def verdicts_in(state: State | None) -> list[Verdict] | None:
    """What people decided of who is who; None where there is no state, and what is in force stays."""
    if state is None:
        return None
    with state.look() as unit:
        return verdicts(unit.verdicts.all())


def verdicts(decisions: Iterable[Decision]) -> list[Verdict]:
    """Decisions, in their order."""
    from salesgauge.state.verdicts import SAME
    from salesgauge.store.identity.groups import Verdict
    return [Verdict(d.entity, d.left, d.right, d.verdict == SAME) for d in decisions]
