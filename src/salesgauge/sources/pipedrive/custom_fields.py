"""Fields that a company made itself: Pipedrive keys them by 40 hexadecimal digits and writes choices as numbers; here they go by the names
that the connection gives them, and choices by their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.connection import titles
from salesgauge.sources.pipedrive.api import Row

ENTITIES = {"deals": "/api/v2/dealFields", "persons": "/api/v2/personFields", "organizations": "/api/v2/organizationFields",
            "products": "/api/v2/productFields"}


@dataclass(frozen=True)
class Field:
    """A field that is read beside the standard ones: the column that it fills, its key, and the labels of its choices."""

    column: str
    key: str
    labels: Mapping[str, str]


def asked(options: Mapping[str, object], where: str) -> dict[str, tuple[str, ...]]:
    """The fields that `options.fields` asks for, by the list that has them: names or keys, a list or a text with commas."""
    said = options.get("fields", {})
    if not isinstance(said, Mapping):
        raise SourceError(f"{where}: options.fields says of which records: fields.deals = \"Region, Deal type\"")
    for entity in said:
        if entity not in ENTITIES:
            raise SourceError(f"{where}: options.fields has no {entity!r}{did_you_mean(str(entity), ENTITIES)}; "
                              f"there are: {', '.join(ENTITIES)}")
    return {str(entity): titles(names) for entity, names in said.items()}


def found(entity: str, names: Sequence[str], described: Sequence[Row], where: str) -> tuple[Field, ...]:
    """The fields of these names among those that Pipedrive describes; SourceError where there is none, or several."""
    made = []
    for name in names:
        same = [field for field in described if name in (field.get("field_code"), field.get("field_name"))]
        if len(same) != 1:
            known = [str(field.get("field_name")) for field in described]
            said = "has no field" if not same else f"has {len(same)} fields called"
            raise SourceError(f"{where}: fields.{entity}: Pipedrive {said} {name!r}"
                              f"{did_you_mean(name, known) if not same else '; name it by its key of 40 digits'}")
        made.append(Field(name, str(same[0]["field_code"]), labels(same[0])))
    return tuple(made)


def labels(field: Row) -> dict[str, str]:
    """The labels of a field's choices, by their ids."""
    return {str(choice["id"]): str(choice["label"]) for choice in field.get("options") or ()}


def value(field: Field, record: Row) -> object:
    """What a record has in a field: a choice by its label, several with semicolons between, of what has parts (money, addresses, times)
    the value."""
    cell = (record.get("custom_fields") or {}).get(field.key, record.get(field.key))
    if isinstance(cell, dict):
        cell = cell.get("value", cell.get("id"))
    if isinstance(cell, list):
        return "; ".join(_label(field, part) for part in cell) or None
    return _label(field, cell) if field.labels and cell is not None else cell


def _label(field: Field, choice: Any) -> str:
    known = choice.get("id") if isinstance(choice, dict) else choice
    return field.labels.get(str(known), str(known))
