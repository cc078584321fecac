"""The options of a connection to Salesforce, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.connection import Connection, words
from salesgauge.sources.salesforce.objects import NEEDED, OBJECTS, Sobject

OPTIONS = ("url", "version", "user", "client_id", "audience", "objects", "fields", "bulk_from", "limit_left", "census")
VERSION = "66.0"        # Spring '26
BULK_FROM = 50_000      # records of an object from which the first read goes by Bulk API 2.0
LIMIT_LEFT = 10         # per cent of the day's requests that are left to others
_ADDRESS = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


@dataclass(frozen=True)
class Settings:
    """What a connection says: the address, the version of the API, the objects that are read and the further fields of each, from how many
    records on Bulk API 2.0 is used, how many per cent of the day's requests are left to others, and whether ids are compared."""

    url: str
    version: str
    objects: tuple[Sobject, ...]
    fields: Mapping[str, tuple[str, ...]]
    bulk_from: int
    limit_left: int
    census: bool

    def columns(self, sobject: Sobject) -> tuple[str, ...]:
        """The fields that an object's stream has: its own, and those that the connection adds."""
        return tuple(dict.fromkeys((*sobject.required, *sobject.optional, *self.fields.get(sobject.name, ()))))


def read(connection: Connection) -> Settings:
    """The settings of a connection; SourceError, naming the option, where one cannot be used."""
    said, where = connection.options, f"{connection.path.name}, options"
    for name in said:
        if name not in OPTIONS:
            raise SourceError(f"{where}: there is no {name!r}{did_you_mean(name, OPTIONS)}; there are: {', '.join(OPTIONS)}")
    url = str(connection.option("url")).rstrip("/")
    if not _ADDRESS.fullmatch(url) or url.endswith(".lightning.force.com"):
        raise SourceError(f"{where}.url must be the address of My Domain, such as https://example.my.salesforce.com (Setup, My Domain)")
    version = str(said.get("version", VERSION))
    if not re.fullmatch(r"[0-9]{2,3}\.0", version) or float(version) < 47:
        raise SourceError(f"{where}.version must be a version of the API from 47.0 on, such as {VERSION}, not {version!r}")
    return Settings(url, version, _objects(said.get("objects"), where), _fields(said.get("fields", {}), where),
                    _number(said.get("bulk_from", BULK_FROM), 1, 100_000_000, f"{where}.bulk_from"),
                    _number(said.get("limit_left", LIMIT_LEFT), 0, 99, f"{where}.limit_left"), _flag(said.get("census", True),
                                                                                                    f"{where}.census"))


def _objects(said: object, where: str) -> tuple[Sobject, ...]:
    """The objects that are named, with those that are always needed; nothing said: all."""
    if said is None:
        return tuple(OBJECTS.values())
    named = words(said)
    for name in named:
        if name not in OBJECTS:
            raise _no_object(f"{where}.objects", name)
    return tuple(found for name, found in OBJECTS.items() if name in named or name in NEEDED)


def _fields(said: object, where: str) -> Mapping[str, tuple[str, ...]]:
    """Further fields by object. The raw file keeps names in small letters and underscores, so two must not become one there."""
    from salesgauge.sources.connections.raw import stored
    if not isinstance(said, Mapping):
        raise SourceError(f"{where}.fields is a table of lists of fields by object, such as Opportunity = [\"Region__c\"]")
    for name, fields in said.items():
        place = f"{where}.fields.{name}"
        if name not in OBJECTS:
            raise _no_object(place, str(name))
        own: dict[str, str] = {stored(field): field for field in (*OBJECTS[name].required, *OBJECTS[name].optional)}
        for field in words(fields):
            if not _FIELD.fullmatch(field):
                raise SourceError(f"{place}: {field!r} is not the API name of a field, such as Region__c")
            if own.setdefault(stored(field), field) != field:
                raise SourceError(f"{place}: {field} and {own[stored(field)]} cannot be kept apart; leave one out")
    return {str(name): tuple(dict.fromkeys(words(fields))) for name, fields in said.items()}


def _no_object(place: str, name: str) -> SourceError:
    return SourceError(f"{place}: salesgauge reads no {name!r}{did_you_mean(name, OBJECTS)}; it can read: {', '.join(OBJECTS)}")


def _number(said: object, least: int, most: int, place: str) -> int:
    text = str(said).replace("_", "")
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SourceError(f"{place} must be a whole number from {least:,} to {most:,}, not {said!r}")
    return int(text)


def _flag(said: object, place: str) -> bool:
    if str(said).lower() not in ("true", "false"):
        raise SourceError(f"{place} must be true or false, not {said!r}")
    return str(said).lower() == "true"
