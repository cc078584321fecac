"""Looks through the files of the store: every part of every generation that is kept is summed, and compared with what was loaded."""

from __future__ import annotations

from pathlib import Path

from salesgauge.errors import StoreDamaged
from salesgauge.staging import Progress, silent
from salesgauge.store.doctor.finding import EXAMPLES, Finding
from salesgauge.store.formats import Manifest
from salesgauge.store.generation import CACHE, DAMAGED, FOLDER, PARTS, current, manifests, number_of, read_manifest, said_of
from salesgauge.store.soundness import look


def examine(workspace: Path, progress: Progress = silent) -> list[Finding]:
    """What is damaged in the store of a workspace: the newest load, earlier ones, and what was moved aside by the load after a damage.

    What is found so is known to readers at once: they read the newest generation that is whole. StoreDamaged where none is.
    """
    root = workspace / FOLDER
    progress(0, 1, "summing the parts")
    known, unreadable = _manifests(root)
    wrong = look(root / PARTS, {part: said for manifest in known.values() for part, said in said_of(manifest).items()}, root / CACHE,
                 anew=True)
    chosen = current(workspace)
    present = set(manifests(root))  # a load may have removed some meanwhile, with their parts
    broken = {name: [f"{part} {wrong[part]}" for part in manifest["bytes"] if part in wrong]
              for name, manifest in known.items() if name in present}
    broken |= {name: [why] for name, why in unreadable.items() if name in present}
    found = []
    if chosen is not None and chosen.damage is not None:
        found.append(Finding("generation_damaged", None, 1, None, (chosen.damage,), ()))
    older = [f"{name}: {why}" for name, whys in broken.items() for why in whys
             if chosen is not None and number_of(name) < number_of(chosen.name)]
    if older:
        found.append(Finding("older_generation_damaged", None, len(older), None, tuple(older[:EXAMPLES]), ()))
    remains = sorted(path.name for path in (root / DAMAGED).glob("*"))
    if remains:
        found.append(Finding("remains_of_damage", None, len(remains), None, tuple(remains[:EXAMPLES]), ()))
    progress(1, 1, "")
    return found


def _manifests(root: Path) -> tuple[dict[str, Manifest], dict[str, str]]:
    known: dict[str, Manifest] = {}
    unreadable: dict[str, str] = {}
    for name in manifests(root):
        try:
            known[name] = read_manifest(root, name)
        except StoreDamaged as problem:
            unreadable[name] = problem.why
    return known, unreadable
