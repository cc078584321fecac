"""An Odoo 19 in memory, as far as a reader of its CRM and sales sees it by JSON-2.

Covered: `POST /json/2/<model>/<method>` with a bearer key and `X-Odoo-Database`; `search`, `search_read` and `fields_get` with domains in
prefix notation (comparisons, `in`, a path over one link), `limit`, `order` by id and `active_test`; false for what is empty, links as
`[id, name]`, instants in UTC without a zone and to the second; errors as Odoo gives them: 401, 403 with an AccessError, 404 for a model
that no module brings, 422 for a parameter that a method does not take, 500 with a ValueError for a field that is not there. Of crm.lead
what Odoo does by itself: a stage that is won sets the probability and the closing date, archiving sets them too, changes are tracked. Not
covered: groups beyond one switch for each model, record rules, languages, other methods. The real one is in tests/more/test_odoo.py.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

DATABASE, KEY = "acme", "8d2f61c0a94be375d1f80c6e4ab72935f0de1c84"
LEADS = "crm.lead"
PARAMETERS = {"search": ("domain", "offset", "limit", "order"), "search_read": ("domain", "fields", "offset", "limit", "order"),
              "fields_get": ("allfields", "attributes")}
_BASE = "id:integer create_date:datetime write_date:datetime"
FIELDS = {model: dict(field.split(":") for field in f"{_BASE} {said}".split()) for model, said in {
    "res.users": "name:char email:char active:boolean share:boolean partner_id:many2one sale_team_id:many2one",
    "crm.stage": "name:char sequence:integer is_won:boolean", "crm.team": "name:char", "utm.campaign": "name:char",
    "mail.activity.type": "name:char category:selection",
    "res.partner": "name:char is_company:boolean parent_id:many2one user_id:many2one country_id:many2one industry_id:many2one "
                   "active:boolean",
    LEADS: "type:selection active:boolean stage_id:many2one team_id:many2one user_id:many2one partner_id:many2one "
           "expected_revenue:monetary company_currency:many2one probability:float lost_reason_id:many2one date_closed:datetime "
           "date_conversion:datetime date_deadline:date campaign_id:many2one medium_id:many2one source_id:many2one x_region:char",
    "mail.message": "model:char res_id:many2one_reference date:datetime message_type:selection author_id:many2one "
                    "mail_activity_type_id:many2one is_internal:boolean subtype_id:many2one",
    "mail.message.subtype": "name:char internal:boolean",
    "mail.tracking.value": "field_id:many2one mail_message_id:many2one old_value_integer:integer new_value_integer:integer "
                           "old_value_char:char new_value_char:char old_value_float:float new_value_float:float",
    "mail.activity": "res_model:char res_id:many2one_reference activity_type_id:many2one summary:char date_deadline:date active:boolean",
    "ir.model.fields": "model:char name:char",
    "calendar.event": "opportunity_id:many2one user_id:many2one start:datetime active:boolean videocall_location:char location:char",
    "product.product": "name:char categ_id:many2one uom_id:many2one list_price:float currency_id:many2one active:boolean",
    "sale.order": "partner_id:many2one user_id:many2one date_order:datetime state:selection currency_id:many2one opportunity_id:many2one "
                  "medium_id:many2one",
    "sale.order.line": "order_id:many2one product_id:many2one product_uom_qty:float price_unit:monetary discount:float "
                       "price_subtotal:monetary display_type:selection"}.items()}
LINKS = {"partner_id": "res.partner", "author_id": "res.partner", "parent_id": "res.partner", "user_id": "res.users",
         "stage_id": "crm.stage", "team_id": "crm.team", "sale_team_id": "crm.team", "campaign_id": "utm.campaign",
         "mail_activity_type_id": "mail.activity.type",
         "activity_type_id": "mail.activity.type", "field_id": "ir.model.fields", "mail_message_id": "mail.message",
         "order_id": "sale.order",
         "product_id": "product.product", "opportunity_id": LEADS, "subtype_id": "mail.message.subtype"}
COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "in": lambda has, asked: has in asked}
Row = dict[str, Any]


class _Refused(Exception):
    """An error as JSON-2 gives it."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.answer = httpx.Response(status, json={"name": name, "message": message, "arguments": [message], "context": {},
                                                   "debug": "Traceback (most recent call last): ..."})


class Odoo:
    """The records of each model, by id. A link is kept as its id; what links to no model here is kept as [id, name]."""

    def __init__(self, now: datetime) -> None:
        self.now = now.replace(tzinfo=None)
        self.rows: dict[str, dict[int, Row]] = {model: {} for model in FIELDS}
        self.key, self.refused = KEY, set[str]()
        self._last: dict[str, int] = {}
        self.tracked = {name: self.create("ir.model.fields", model=LEADS, name=name)
                        for name in ("stage_id", "user_id", "expected_revenue", "lost_reason_id", "partner_id")}

    def create(self, model: str, /, **values: Any) -> int:
        """A new record; its id."""
        number = self._last[model] = self._last.get(model, 0) + 1
        empty: Row = {name: kind in ("integer", "float", "monetary") and 0 for name, kind in FIELDS[model].items()}
        if "active" in empty:
            empty["active"] = True
        self.rows[model][number] = {**empty, "create_date": self.now, "write_date": self.now, **values, "id": number}
        return number

    def deal(self, **values: Any) -> int:
        """A new opportunity."""
        return self.create(LEADS, **{"type": "opportunity", "probability": 20.0, "company_currency": [1, "EUR"], **values})

    def write(self, model: str, number: int, *, when: datetime | None = None, **values: Any) -> None:
        """Changes a record, now or with the time of another moment."""
        row, moment = self.rows[model][number], when or self.now
        if model == LEADS:
            values = {**self._consequences(values), **values}
            self._track(row, values, moment)
        row.update(values, write_date=moment)

    def _consequences(self, values: Row) -> Row:
        """What Odoo changes of a lead by itself when these are changed."""
        won = "stage_id" in values and self.rows["crm.stage"][values["stage_id"]]["is_won"]
        if won:
            return {"probability": 100.0, "date_closed": self.now}
        if values.get("active") is False:
            return {"probability": 0.0, "date_closed": self.now}
        return {"probability": 20.0, "date_closed": False} if "stage_id" in values else {}

    def _track(self, row: Row, values: Row, moment: datetime) -> None:
        changed = [name for name in self.tracked if name in values and values[name] != row[name]]
        if not changed:
            return
        message = self.create("mail.message", model=LEADS, res_id=row["id"], message_type="notification", date=moment, create_date=moment,
                              write_date=moment)
        for name in changed:
            kind = "float" if name == "expected_revenue" else "integer"
            both = {"old": row[name] or 0, "new": values[name] or 0}
            said = {f"{when}_value_{kind}": value[0] if isinstance(value, list) else value for when, value in both.items()}
            if kind == "integer":
                said |= {f"{when}_value_char": self._name(name, value) for when, value in both.items()}
            self.create("mail.tracking.value", field_id=self.tracked[name], mail_message_id=message, create_date=moment, write_date=moment,
                        **said)

    def delete(self, model: str, number: int) -> None:
        """Deletes a record; with a lead go its messages and what was tracked."""
        del self.rows[model][number]
        if model == LEADS:
            gone = {row["id"] for row in self.rows["mail.message"].values() if row["res_id"] == number}
            for kept, link in (("mail.message", "id"), ("mail.tracking.value", "mail_message_id")):
                for row in [row for row in self.rows[kept].values() if row[link] in gone]:
                    del self.rows[kept][row["id"]]

    def uninstall(self, *models: str) -> None:
        """Takes models away, as a database without their module has none."""
        for model in models:
            del self.rows[model]

    def later(self, seconds: float) -> None:
        """Its clock goes on."""
        self.now += timedelta(seconds=seconds)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answers a request."""
        try:
            if request.headers.get("Authorization") != f"bearer {self.key}" or request.headers.get("X-Odoo-Database") != DATABASE:
                raise _Refused(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
            path = request.url.path.split("/")
            if path[:3] != ["", "json", "2"] or len(path) != 5 or request.method != "POST":
                raise _Refused(404, "werkzeug.exceptions.NotFound", "Did you mean POST /json/2/<model>/<method>?")
            answer = self._call(path[3], path[4], json.loads(request.content))
        except _Refused as refused:
            return refused.answer
        return httpx.Response(200, content=json.dumps(answer, default=_written), headers={"Content-Type": "application/json"})

    def _call(self, model: str, method: str, asked: Row) -> Any:
        context = asked.pop("context", {})
        if model not in self.rows:
            raise _Refused(404, "werkzeug.exceptions.NotFound", f"the model {model!r} does not exist")
        if method not in PARAMETERS:
            raise _Refused(404, "werkzeug.exceptions.NotFound", f"The method '{model}.{method}' does not exist")
        for name in asked:
            if name not in PARAMETERS[method]:
                raise _Refused(422, "werkzeug.exceptions.UnprocessableEntity", f"got an unexpected keyword argument {name!r}")
        if method == "fields_get":
            return {name: {"type": kind} for name, kind in FIELDS[model].items()}
        if model in self.refused:
            raise _Refused(403, "odoo.exceptions.AccessError", f"You are not allowed to access '{model}' records.\n\nContact your "
                                                               "administrator to request access if necessary.")
        found = self._search(model, asked.get("domain", []), asked.get("limit"), asked.get("order"), context.get("active_test", True))
        if method == "search":
            return [row["id"] for row in found]
        return [self._shown(model, row, asked.get("fields", [])) for row in found]

    def _search(self, model: str, domain: list[Any], limit: int | None, order: str | None, only_active: bool) -> list[Row]:
        if order not in (None, "id asc"):
            raise _Refused(500, "builtins.ValueError", f"Invalid order {order!r}")
        found: list[Row] = []
        for row in self.rows[model].values():  # ids grow, so they are in order
            if (not only_active or row.get("active", True)) and self._holds(model, domain, row):
                found.append(row)
                if limit is not None and len(found) == limit:
                    break
        return found

    def _holds(self, model: str, domain: Sequence[Any], row: Row) -> bool:
        """Whether a domain in prefix notation holds of a record; what has no sign between is joined by and."""
        left = list(domain)

        def term() -> bool:
            head = left.pop(0)
            if head in ("&", "|"):
                first, second = term(), term()
                return first and second if head == "&" else first or second
            return self._clause(model, head, row)
        while left:
            if not term():
                return False
        return True

    def _clause(self, model: str, clause: Sequence[Any], row: Row) -> bool:
        name, sign, asked = clause
        link, _, further = name.partition(".")
        if further and link in FIELDS[model]:
            linked = self.rows[LINKS[link]].get(row[link])
            return linked is not None and self._clause(LINKS[link], [further, sign, asked], linked)
        if name not in FIELDS[model]:
            raise _Refused(500, "builtins.ValueError", f"Invalid field {model}.{name} in condition {tuple(clause)!r}")
        has = row[name]
        if isinstance(has, datetime):
            has = f"{has:%Y-%m-%d %H:%M:%S}"
        if has is False and sign in (">", ">=", "<", "<="):
            return False
        return bool(COMPARED[sign](has, asked))

    def _shown(self, model: str, row: Row, fields: Sequence[str]) -> Row:
        for name in fields:
            if name not in FIELDS[model]:
                raise _Refused(500, "builtins.ValueError", f"Invalid field {name!r} on {model!r}")
        return {"id": row["id"], **{name: [row[name], self._name(name, row[name])] if FIELDS[model][name] == "many2one"
                                    and row[name] and not isinstance(row[name], list) else row[name] for name in fields}}

    def _name(self, field: str, number: Any) -> str:
        if isinstance(number, list):
            return str(number[1])
        linked = self.rows.get(LINKS.get(field, ""), {}).get(number, {})
        return str(linked.get("name", number))


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    raise TypeError(type(value).__name__)


def reader(server: Odoo) -> Mapping[str, object]:
    """The options of a connection to it."""
    return {"url": "https://acme.odoo.example.com", "database": DATABASE}
