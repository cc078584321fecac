"""The streams of Odoo: its leads and opportunities with what Odoo tracked of them, who they are with, touches, and sales."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from salesgauge.errors import SourceError, did_you_mean
from salesgauge.sources.connections.connection import Connection, titles
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import OVERLAP, Key, Record, Right, Stream
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.odoo.json2 import Json2, NoModel, Row, plain
from salesgauge.sources.odoo.models import LEADS, MODELS, TRACKED, Model
from salesgauge.sources.odoo.pages import address

CHANGED, TRACKING, PLANNED, HISTORY = "changed", "mail.tracking.value", "mail.activity", "history"
TIMES = ("create_date", "write_date")
CENT = Decimal("0.000001")
REMEDY = {TRACKING: "the history of stages is open to administrators only: give the user the right Administration: Settings, or leave the "
                    "history out: --set without=history"}
NOBODY = ("0",)  # the key of no record
READER = "give the user the right Sales: User: All Documents, and every company that is to be read"


class Odoo:
    """A database of Odoo. Nothing is changed there."""

    def __init__(self, connection: Connection, api: Json2) -> None:
        self._connection, self._api = connection, api
        self._types: dict[str, dict[str, str]] | None = None
        where = connection.path.name
        self._asked = _asked(connection.options, where)
        self._without = _without(connection.options, where)

    def streams(self) -> Sequence[Stream]:
        """A stream per model, one of what was tracked, and one of what is planned. What no installed module brings is not there."""
        types = self._known()
        made = []
        for model in MODELS:
            fields = self._fields(model, types.get(model.model, {}))
            columns = (*model.fields, *self._asked.get(model.name, ()), *(("unit_price",) if model.name == "sale_order_lines" else ()),
                       CHANGED)
            made.append(Stream(model.name, columns, ("id",), self._reading(model, fields), CHANGED, ordered=False,
                               census=None if model.kept else self._census(model), there=model.model in types))
        return [*made,
                Stream(HISTORY, ("id", "lead", "field", "old", "new", "old_name", "new_name", CHANGED), ("id",), self._history, CHANGED,
                       ordered=False, there=HISTORY not in self._without),
                Stream("planned", ("id", "lead", "type", "summary", "deadline"), ("id",), self._planned)]

    def rights(self) -> Iterable[Right]:
        """Whether each model can be read."""
        models = [(model.model, model.domain) for model in MODELS] + [(PLANNED, (["res_model", "=", LEADS],))]
        for model, domain in [*models, *([] if HISTORY in self._without else [(TRACKING, ()), ("ir.model.fields", ())])]:
            try:
                self._api.first(model, domain)
            except NoModel as problem:
                optional = any(kind.model == model and kind.optional for kind in MODELS)
                yield Right(f"read {model}", optional, "its module is not installed there: it is left out" if optional else problem.message)
            except SourceError as problem:
                yield Right(f"read {model}", False, f"{problem.message}; {REMEDY.get(model, READER)}")
            else:
                yield Right(f"read {model}", True)

    def close(self) -> None:
        """Ends it."""
        self._api.close()

    def _known(self) -> dict[str, dict[str, str]]:
        """The fields of each model that is there, and their types; looked up once."""
        if self._types is None:
            self._types = {}
            for model in MODELS:
                try:
                    self._types[model.model] = self._api.fields(model.model)
                except NoModel:
                    if not model.optional:
                        raise
        return self._types

    def _fields(self, model: Model, types: Mapping[str, str]) -> dict[str, str]:
        """The fields by the columns that they fill, without those that no installed module brings."""
        if not types:
            return {}
        kept = {column: field for column, field in model.fields.items()
                if field.partition(".")[0] in types or field.partition(".")[0] not in model.further}
        for field in self._asked.get(model.name, ()):
            if field not in types:
                raise SourceError(f"{self._connection.path.name}: fields.{model.name}: {model.model} has no field {field!r}"
                                  f"{did_you_mean(field, types)}")
            kept[field] = f"{field}.name" if types[field] == "many2one" else field
        return kept

    def _reading(self, model: Model, fields: Mapping[str, str]) -> Callable[[str | None], Iterator[Sequence[Record]]]:
        asked = list(dict.fromkeys([*(field.partition(".")[0] for field in fields.values()), *TIMES]))

        def read(since: str | None) -> Iterator[Sequence[Record]]:
            types = self._known()[model.model]
            for page in self._api.pages(model.model, [*model.domain, *([] if model.whole else _since("write_date", since))], asked):
                rows: list[Record] = [_record(row, fields, types) for row in page]
                yield [{**row, "unit_price": _unit_price(row)} for row in rows] if model.name == "sale_order_lines" else rows
        return read

    def _census(self, model: Model) -> Callable[[], Iterator[Sequence[Key]]]:
        def census() -> Iterator[Sequence[Key]]:
            if model.along:
                yield [NOBODY]  # so that there is always one
            for ids in self._api.ids(model.model, model.domain):
                yield [(str(number),) for number in ids]
        return census

    def _history(self, since: str | None) -> Iterator[Sequence[Record]]:
        """Each change of a tracked field of a lead. What was tracked is never changed; it goes with its lead."""
        names = {row["id"]: row["name"] for page in self._api.pages(
            "ir.model.fields", [["model", "=", LEADS], ["name", "in", list(TRACKED)]], ["name"]) for row in page}
        values = ["old_value_integer", "new_value_integer", "old_value_char", "new_value_char", "old_value_float", "new_value_float"]
        domain = [["field_id", "in", list(names)], *_since("create_date", since)]
        for page in self._api.pages(TRACKING, domain, ["field_id", "mail_message_id", "create_date", *values]):
            messages = {row["mail_message_id"][0] for row in page}
            leads = {row["id"]: row["res_id"] for row in self._api.read("mail.message", sorted(messages), ["res_id"])}
            yield [_change(row, names[row["field_id"][0]], leads[row["mail_message_id"][0]]) for row in page
                   if row["mail_message_id"][0] in leads]

    def _planned(self, since: str | None) -> Iterator[Sequence[Record]]:
        """The activities that are planned. That there is none is usual and no loss of rights: so there is always one, of no lead."""
        yield [{"id": NOBODY[0]}]
        domain = [["res_model", "=", LEADS], ["active", "=", True]]
        for page in self._api.pages(PLANNED, domain, ["res_id", "activity_type_id", "summary", "date_deadline"]):
            yield [{"id": row["id"], "lead": row["res_id"], "type": plain("many2one", row["activity_type_id"], named=True),
                    "summary": plain("char", row["summary"]), "deadline": plain("date", row["date_deadline"])} for row in page]


def _record(row: Row, fields: Mapping[str, str], types: Mapping[str, str]) -> Record:
    made = {}
    for column, said in fields.items():
        field, _, named = said.partition(".")
        made[column] = plain(types.get(field, "char"), row.get(field, False), bool(named))
    return {**made, CHANGED: plain("datetime", row.get("write_date") or row.get("create_date") or False)}


def _change(row: Row, field: str, lead: int) -> Record:
    kind = "float" if field == "expected_revenue" else "integer"
    names = {} if kind == "float" else {name: row[f"{name.removesuffix('_name')}_value_char"] or None for name in ("old_name", "new_name")}
    return {"id": row["id"], "lead": lead, "field": field, "old": row[f"old_value_{kind}"], "new": row[f"new_value_{kind}"], **names,
            CHANGED: plain("datetime", row["create_date"])}


def _unit_price(row: Record) -> str | None:
    """What a piece of an order's line costs, without taxes and after the discount: the price itself may be with taxes."""
    quantity, subtotal = Decimal(str(row["quantity"] or 0)), row["subtotal"]
    if quantity and subtotal is not None:
        return str((Decimal(str(subtotal)) / quantity).quantize(CENT, ROUND_HALF_UP))
    if row["price"] is None:
        return None
    return str(Decimal(str(row["price"])) * (100 - Decimal(str(row["discount"] or 0))) / 100)


def _since(field: str, since: str | None) -> list[Any]:
    """The domain of what changed at or after an instant, and some minutes before (None: everything)."""
    if since is None:
        return []
    return [[field, ">=", f"{datetime.fromisoformat(since) - OVERLAP:%Y-%m-%d %H:%M:%S}"]]


def _asked(options: Mapping[str, object], where: str) -> dict[str, tuple[str, ...]]:
    """The further fields that `options.fields` asks for, by the stream that they belong to."""
    said, names = options.get("fields", {}), [model.name for model in MODELS]
    if not isinstance(said, Mapping):
        raise SourceError(f"{where}: options.fields says of which records: fields.leads = \"x_studio_region\"")
    for name in said:
        if name not in names:
            raise SourceError(f"{where}: options.fields has no {name!r}{did_you_mean(str(name), names)}; there are: {', '.join(names)}")
    return {str(name): titles(fields) for name, fields in said.items()}


def _without(options: Mapping[str, object], where: str) -> tuple[str, ...]:
    found = titles(options.get("without", ""))
    for name in found:
        if name != HISTORY:
            raise SourceError(f"{where}: options.without: only {HISTORY} can be left out, not {name!r}")
    return found


def connect(connection: Connection, secrets: Secrets, network: Network) -> Odoo:
    """The database `options.database` of the Odoo server at `options.url`, as the user whose API key is the secret `key`."""
    connection.option("url")
    base = address(connection.options)
    if base is None:
        raise SourceError(f"{connection.path.name}: options.url is the address of Odoo alone, such as https://acme.odoo.com")
    return Odoo(connection, Json2(connection.name, base, str(connection.option("database")), connection.secret("key", secrets), network))
