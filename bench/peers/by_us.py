"""Salesgauge itself: from raw facts (nothing is kept but the compiled SQL), and from the facts that it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.peers.asked import ASKED, Answer, of_ours, question

if TYPE_CHECKING:
    from salesgauge.workspace import Workspace

KPIS = tuple(ASKED)


def answers(workspace: Workspace, kpi: str) -> Answer:
    """Our answer."""
    return of_ours(workspace.answer([question(kpi)])[0])
