"""A file's header: which of its columns is which canonical column, and what the others are called as dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesgauge.errors import LoadRefused, nearest
from salesgauge.schema import EXTRA, Table, extra_name


@dataclass(frozen=True)
class Header:
    """`stored[i]` is the stored name of the file's i-th column, None where it is set aside; `extras` pairs stored name and header."""

    stored: tuple[str | None, ...]
    extras: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def understand(table: Table, headers: Sequence[str], file: str) -> Header:
    """Matches `headers` to the columns of `table`; LoadRefused where one stands twice or a required one is missing."""
    trimmed = [h.strip() for h in headers]
    canonical = {c.name for c in table.columns}
    stored: list[str | None] = []
    extras: list[tuple[str, str]] = []
    notes: list[str] = []
    taken = set(canonical)
    seen: set[str] = set()
    for place, header in enumerate(trimmed, start=1):
        plain = header.lower()
        same = plain if plain in canonical else header
        if same in seen and header:
            raise LoadRefused(f"{file}: the column {header!r} stands twice in the header; give each column a name of its own")
        seen.add(same)
        if plain in canonical:
            stored.append(plain)
            continue
        name = extra_name(header)
        if not name:
            stored.append(None)
            notes.append(f"{file}: column {place} has no name ({header!r}) and was set aside")
            continue
        unique, number = name, 1
        while unique in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique)
        stored.append(EXTRA + unique)
        extras.append((EXTRA + unique, header))
        if name in canonical:
            notes.append(f"{file}: column {header!r} was kept as the dimension {unique}; the canonical column is written {name}")
    missing = [c.name for c in table.columns if c.required and c.name not in stored]
    if missing:
        likely = [f"{h!r} for {m}" for m in missing for h in nearest(m, [h for _, h in extras], 1)]
        hint = f" (perhaps {', '.join(likely)}: rename it)" if likely else ""
        if len(trimmed) == 1 and any(mark in trimmed[0] for mark in ";\t|"):
            hint = " (the cells must be separated by commas)"
        lacking = f"columns {', '.join(missing)} are" if missing[1:] else f"column {missing[0]} is"
        raise LoadRefused(f"{file}: the required {lacking} missing{hint}; the header has: {', '.join(filter(None, trimmed)) or 'nothing'}")
    return Header(tuple(stored), tuple(extras), tuple(notes))
