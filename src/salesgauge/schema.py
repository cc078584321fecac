"""The canonical model (spec/model.md): its tables, columns and keys. Every source is brought into these."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a cell holds, and so how it is read and stored."""

    TEXT = "text"          # ids, names: as they stand; stored as VARCHAR
    CHOICE = "choice"      # one of a closed list; VARCHAR
    INSTANT = "instant"    # stored twice: UTC (`created_at`) and local (`created_at_local`), both TIMESTAMP without zone
    DATE = "date"          # DATE
    NUMBER = "number"      # finite DOUBLE
    BOOLEAN = "boolean"    # BOOLEAN


LOCAL = "_local"  # suffix of an instant's local twin
EXTRA = "x_"      # prefix of a column beyond the canonical ones, as stored
Event = tuple[str, str]  # a table and its column that tells when something became known
EVERY_DAY: Event = ("", "day")  # what changes with each local day
ORDINAL = "ordinal_"  # a row's place among the rows of its file, kept where the order of equals matters
SOURCE, RECORD = "source_", "record_"      # of a stored row: the file or system that it came from, and its record there
LOADED, LOADED_AT = "loaded_", "loaded_at_"  # and the load that wrote it last: its name and instant (UTC)
LINEAGE = (SOURCE, RECORD, LOADED, LOADED_AT)


@dataclass(frozen=True)
class Column:
    """One canonical column. `decisive`: a value that cannot be read sets the row aside even though the column is optional,
    since reading it as empty would turn the row into something else (a closed deal into an open one)."""

    name: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    decisive: bool = False
    above: float | None = None


@dataclass(frozen=True)
class Table:
    """One canonical table. `ordered`: rows with equal keys are kept apart by their order in the file."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    ordered: bool = False

    def column(self, name: str) -> Column | None:
        """The canonical column of that name, None where there is none."""
        return next((c for c in self.columns if c.name == name), None)


_WORD = re.compile(r"^(?P<name>[a-z_]+)(?P<star>\*?)(?P<bang>!?)(?:\((?P<choices>[^)]*)\))?(?::(?P<kind>\w+))?$")


def _columns(text: str) -> tuple[Column, ...]:
    """Columns from their short form: `name*` required, `name!` decisive, `name(a|b)` a choice, `name:number` a kind."""
    made = []
    for word in text.split():
        found = _WORD.match(word)
        assert found, word
        name, choices = found["name"], tuple(found["choices"].split("|")) if found["choices"] else ()
        kind = (Kind.CHOICE if choices else Kind(found["kind"]) if found["kind"] and found["kind"] != "rate"
                else Kind.INSTANT if name.endswith("_at") else Kind.DATE if name.endswith("_on")
                else Kind.NUMBER if found["kind"] == "rate" else Kind.TEXT)
        made.append(Column(name, kind, bool(found["star"]), choices, bool(found["bang"]), 0.0 if found["kind"] == "rate" else None))
    return tuple(made)


def _table(name: str, row: str, key: str, columns: str, ordered: bool = False) -> Table:
    return Table(name, row, _columns(columns), tuple(key.split()), ordered)


TABLES: dict[str, Table] = {t.name: t for t in (
    _table("reps", "a person who sells (or manages sellers)", "rep_id",
           "rep_id* name email role(sdr|ae|am|field|manager|executive) team region manager_id hired_on left_on"),
    _table("rep_assignments", "where a rep belonged, from when to when", "rep_id valid_from",
           "rep_id* team region manager_id valid_from*:date valid_to:date"),
    _table("accounts", "a company or person sold to", "account_id",
           "account_id* name industry segment region owner_id created_at"),
    _table("products", "a thing sold", "product_id", "product_id* name family unit list_price:number currency"),
    _table("locations", "a store, branch, online shop or field territory", "location_id",
           "location_id* name kind(store|online|field) region"),
    _table("campaigns", "a marketing campaign", "campaign_id", "campaign_id* name channel starts_on ends_on"),
    _table("stages", "a stage of a pipeline", "pipeline stage",
           "pipeline* stage* position:number is_qualified:boolean is_closed:boolean is_won:boolean probability:number"),
    _table("leads", "a lead entering the system", "lead_id",
           "lead_id* created_at* channel campaign_id owner_id account_id qualified_at converted_at opportunity_id "
           "referred_by_account_id score:number"),
    _table("opportunities", "a deal, as it stands now", "opportunity_id",
           "opportunity_id* created_at* account_id lead_id owner_id pipeline stage amount:number currency acv:number closes_on "
           "closed_at! outcome!(won|lost) kind!(new|upsell|cross_sell|renewal) channel product_id location_id loss_reason competitor "
           "next_step next_step_on"),
    _table("stage_changes", "one change of a deal, the new values", "opportunity_id changed_at",
           "opportunity_id* changed_at* stage amount:number closes_on forecast_category", ordered=True),
    _table("activities", "one touch", "activity_id",
           "activity_id* occurred_at* kind*(call|email|message|meeting|video|visit|demo) direction!(outbound|inbound) rep_id lead_id "
           "account_id opportunity_id booked_at status!(booked|held|declined|no_show) sentiment(positive|negative|neutral) "
           "contact_role(decision_maker|influencer|user|other) purpose automatic!:boolean"),
    _table("documents", "a proposal or contract sent", "document_id",
           "document_id* opportunity_id* kind*(proposal|contract) sent_at* signed_at"),
    _table("contracts", "a customer's contract or subscription", "contract_id",
           "contract_id* account_id* starts_on* ends_on* total_value*:number currency opportunity_id rep_id product_id "
           "renews_contract_id"),
    _table("orders", "a purchase", "order_id",
           "order_id* account_id ordered_at* currency rep_id location_id channel opportunity_id"),
    _table("order_lines", "a line of a purchase", "order_id line",
           "order_id* line* product_id quantity*:number unit_price*:number unit_list_price:number unit_cost:number"),
    _table("spend", "money (and hours) put into selling", "spend_id",
           "spend_id* spent_on* amount*:number currency function(marketing|sales) purpose(lead_generation|other) "
           "category(ads|events|content|labor|tools|commission|travel|other) channel campaign_id rep_id hours:number"),
    _table("quotas", "a rep's target", "rep_id starts_on ends_on", "rep_id* starts_on* ends_on* amount*:number currency"),
    _table("forecasts", "a rep's forecast of its bookings, as submitted", "forecast_id",
           "forecast_id* rep_id* submitted_at* starts_on* ends_on* category!(commit|best_case|pipeline) amount*:number currency"),
    _table("survey_responses", "one answer", "response_id",
           "response_id* survey*(nps|employee) responded_at* score*:number account_id contact_id rep_id comment"),
    _table("price_observations", "a shelf price, seen", "observed_on product_id competitor location_id",
           "observed_on* product_id* competitor price*:number currency location_id promoted:boolean", ordered=True),
    _table("promotions", "an offer run at a location (or its control)", "promotion_id location_id",
           "promotion_id* location_id* starts_on* ends_on* arm*(treatment|control) name "
           "kind(discount|coupon|display|demo|sample|other) product_id"),
    _table("exchange_rates", "what one unit of a currency is worth in the workspace's currency, from that day on",
           "currency rated_on", "currency* rated_on* rate*:rate"),
)}

USABLE = ("opportunities", "leads", "orders")  # a workspace needs at least one of these

# By what one company, contact or rep is known again in another system (docs/decisions/0020). Beside the model: no KPI reads these.
KEY_TABLES: dict[str, Table] = {t.name: t for t in (
    _table("account_keys", "by what an account is known again in another system", "account_id", "account_id* name domain email tax_id"),
    _table("contact_keys", "by what a contact is known again in another system", "contact_id", "contact_id* name email"),
    _table("rep_keys", "by what a rep is known again in another system", "rep_id", "rep_id* email"),
)}
LOADABLE: dict[str, Table] = {**TABLES, **KEY_TABLES}


@dataclass(frozen=True)
class Entity:
    """What may be one thing in several systems. `id` is the column of its id, `table` its canonical table (None: it has none), `keys` the
    table of KEY_TABLES that says by what it is known again, `referring` every column of the model that holds its ids, by table."""

    name: str
    id: str
    table: str | None
    keys: str
    referring: dict[str, tuple[str, ...]]


def _entity(name: str, id: str, keys: str, columns: tuple[str, ...]) -> Entity:
    referring = {t.name: found for t in TABLES.values() if (found := tuple(c.name for c in t.columns if c.name in columns))}
    return Entity(name, id, name if name in TABLES else None, keys, referring)


ENTITIES: dict[str, Entity] = {e.name: e for e in (
    _entity("accounts", "account_id", "account_keys", ("account_id", "referred_by_account_id")),
    _entity("contacts", "contact_id", "contact_keys", ("contact_id",)),
    _entity("reps", "rep_id", "rep_keys", ("rep_id", "owner_id", "manager_id")),
)}


def extra_name(header: str) -> str:
    """The dimension name of a column beyond the canonical ones: lower case with underscores (`UTM Source` -> `utm_source`)."""
    folded = unicodedata.normalize("NFC", header).strip().lower()
    return re.sub(r"\W+", "_", folded).strip("_")
