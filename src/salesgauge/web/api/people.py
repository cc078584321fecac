"""The state of the server, as far as it has one: whose views there are, and the log of what was seen."""

from __future__ import annotations

from typing import Any

from salesgauge.state import Actor, State
from salesgauge.web.page import Page


def state_of(page: Page) -> State | None:
    """The state that the caller has an account in; None where they have none."""
    if page.visitor.person_id is None:
        return None
    state = page.request.app.state.guard.state
    assert isinstance(state, State)
    return state


def actor_of(page: Page) -> Actor:
    """The caller, for the log."""
    client = page.request.client
    return Actor(page.visitor.person_id, client.host if client else "")


def note(page: Page, action: str, subject: str, **detail: Any) -> None:
    """Writes into the log what the caller saw."""
    state = state_of(page)
    if state is not None:
        with state.change() as unit:
            unit.audit.record(actor_of(page), action, subject, **detail)
