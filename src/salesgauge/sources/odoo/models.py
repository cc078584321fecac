"""What is read of Odoo: of each model the fields that are kept, and which of its records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Model:
    """A stream of a model's records: its columns by the fields that they come from (`user_id.name`: what the link is called), those of the
    fields that only a further module brings, and the records that matter. `optional`: a module brings the whole model. `whole`: all
    records are read each time, since what they show changes without their `write_date`. `kept`: what was deleted stays, for those who
    name it; whoever named a contact that was merged into another names it still, until it changes itself. `along`: they go with the record
    that they belong to, so that none may be left without a right being lost."""

    name: str
    model: str
    fields: Mapping[str, str]
    further: tuple[str, ...] = ()
    domain: tuple[Any, ...] = ()
    optional: bool = False
    whole: bool = False
    kept: bool = False
    along: bool = False


LEADS = "crm.lead"
TRACKED = ("stage_id", "user_id", "expected_revenue")  # of the fields whose changes Odoo keeps
TOUCHES = (["model", "=", LEADS], "|", ["mail_activity_type_id", "!=", False], "&", ["message_type", "in", [
    "email", "email_outgoing", "comment"]], "&", ["is_internal", "=", False], ["subtype_id.internal", "=", False])  # a note is none

MODELS = (
    Model("users", "res.users", {"id": "id", "name": "name", "email": "email", "active": "active", "partner": "partner_id",
                                 "team": "sale_team_id.name"}, ("sale_team_id",), (["share", "=", False],), whole=True, kept=True),
    Model("stages", "crm.stage", {"id": "id", "name": "name", "sequence": "sequence", "is_won": "is_won"}, whole=True, kept=True),
    Model("teams", "crm.team", {"id": "id", "name": "name"}, whole=True, kept=True),
    Model("activity_types", "mail.activity.type", {"id": "id", "name": "name", "category": "category"}, whole=True, kept=True),
    Model("campaigns", "utm.campaign", {"id": "id", "name": "name"}, optional=True, whole=True, kept=True),
    Model("partners", "res.partner", {"id": "id", "name": "name", "is_company": "is_company", "parent": "parent_id", "user": "user_id",
                                      "country": "country_id.name", "industry": "industry_id.name", "created": "create_date"}, kept=True),
    Model("leads", LEADS, {
        "id": "id", "type": "type", "active": "active", "stage": "stage_id", "team": "team_id", "user": "user_id", "partner": "partner_id",
        "revenue": "expected_revenue", "currency": "company_currency.name", "probability": "probability",
        "lost_reason": "lost_reason_id.name", "closed": "date_closed", "converted": "date_conversion", "deadline": "date_deadline",
        "campaign": "campaign_id", "medium": "medium_id.name", "source": "source_id.name", "created": "create_date",
        "recurring": "recurring_revenue", "recurring_plan": "recurring_plan.name"}, ("recurring_revenue", "recurring_plan")),
    Model("messages", "mail.message", {"id": "id", "lead": "res_id", "date": "date", "type": "message_type", "author": "author_id",
                                       "activity_type": "mail_activity_type_id"}, domain=TOUCHES, along=True),
    Model("events", "calendar.event", {"id": "id", "lead": "opportunity_id", "user": "user_id", "start": "start", "active": "active",
                                       "video": "videocall_location", "location": "location", "created": "create_date"},
          domain=(["opportunity_id", "!=", False],), optional=True, along=True),
    Model("products", "product.product", {"id": "id", "name": "name", "family": "categ_id.name", "unit": "uom_id.name",
                                          "price": "list_price", "currency": "currency_id.name"}, optional=True),
    Model("sale_orders", "sale.order", {
        "id": "id", "partner": "partner_id", "user": "user_id", "date": "date_order", "state": "state", "currency": "currency_id.name",
        "lead": "opportunity_id", "medium": "medium_id.name"}, ("opportunity_id", "medium_id"), optional=True),
    Model("sale_order_lines", "sale.order.line", {
        "id": "id", "order": "order_id", "product": "product_id", "quantity": "product_uom_qty", "price": "price_unit",
        "discount": "discount", "subtotal": "price_subtotal", "cost": "purchase_price"}, ("purchase_price",),
        (["display_type", "=", False],), optional=True, along=True),
)
