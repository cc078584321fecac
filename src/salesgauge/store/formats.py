"""The formats that a store had, and how a manifest of an older one is read as one of today.

A manifest is brought up in memory, whenever it is read, and never rewritten: who may only read can read an older store, a process that
is killed leaves nothing half brought up, and the program that wrote it can still read it. The next load writes the present format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

FORMAT = 4

Manifest = dict[str, Any]


def _with_sums(manifest: Manifest) -> Manifest:
    """Format 2 has the check sum of every part; of parts that were written before there is none until a load reads them."""
    return {**manifest, "format": 2, "sums": {}}


def _with_identity(manifest: Manifest) -> Manifest:
    """Format 3 may have tables as their sources say them beside those in which several ids of one thing are one (docs/decisions/0020): who
    does not know of that would load into the wrong ones."""
    return {**manifest, "format": 3, "said": {}, "keys": {}, "identity": {"groups": None, "verdicts": None, "prefer": []}}


def _with_gone(manifest: Manifest) -> Manifest:
    """Format 4 may name the places of rows of a part that went (store/places.py): who does not know of that would read them as before."""
    return {**manifest, "format": 4}


# from a format to the next one; keys that a format does not know may be added without a step, where a reader can do without them
STEPS: Mapping[int, Callable[[Manifest], Manifest]] = {1: _with_sums, 2: _with_identity, 3: _with_gone}


def brought_up(manifest: Manifest) -> Manifest:
    """A manifest of any format that there was, as one of FORMAT."""
    while manifest["format"] != FORMAT:
        manifest = STEPS[manifest["format"]](manifest)
    return manifest
