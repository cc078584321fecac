"""The formats that a store had, and how a manifest of an older one is read as one of today.

A manifest is brought up in memory, whenever it is read, and never rewritten: who may only read can read an older store, a process that
is killed leaves nothing half brought up, and the program that wrote it can still read it. The next load writes the present format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

FORMAT = 2

Manifest = dict[str, Any]


def _with_sums(manifest: Manifest) -> Manifest:
    """Format 2 has the check sum of every part; of parts that were written before there is none until a load reads them."""
    return {**manifest, "format": 2, "sums": {}}


# from a format to the next one; keys that a format does not know may be added without a step, where a reader can do without them
STEPS: Mapping[int, Callable[[Manifest], Manifest]] = {1: _with_sums}


def brought_up(manifest: Manifest) -> Manifest:
    """A manifest of any format that there was, as one of FORMAT."""
    while manifest["format"] != FORMAT:
        manifest = STEPS[manifest["format"]](manifest)
    return manifest
