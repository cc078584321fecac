"""Lead generation."""

from typing import Any

from salesgauge.catalogue.sources import activities, customers, leads, prospects, replies, spend
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import CUSTOMER, Formula, Measure

created = leads.count("leads created", on="created")
converted = leads.count("leads converted", on="created", where=lambda t: t.is_converted, because=("converted_at",))
answered = leads.count("leads answered", on="created", where=lambda t: t.is_answered, because=("answered_at",),
                       needs=("leads", "activities"))
responses: dict[str, Any] = dict(on="created", set_aside="response_missing", needs=("leads", "activities"))
response_hours = leads.sum("hours to the first response", "response_hours", because=("created_at", "answered_at"), **responses)
answered_leads = leads.count("leads answered", **responses)
generation_spend = spend.sum("spend on lead generation", "value", on="spent", set_aside="value_missing",
                             where=lambda t: t.purpose == "lead_generation")
selling_spend = spend.sum("spend on marketing and sales", "value", on="spent", set_aside="value_missing",
                          where=lambda t: t.function.isin(["marketing", "sales"]))
new_customers = customers.count("new customers", on="since", because=("since_at", "made_by"))
contacted = prospects.count("prospects first contacted", on="contacted")
touched = replies.count("prospects touched")
MEETINGS = ("meeting", "video", "visit", "demo")
meetings_booked = activities.count(
    "meetings booked with prospects", on="booked", needs=("activities",),
    where=lambda t: t.kind.isin(MEETINGS) & t.prospect_when_booked & ~t.status.identical_to("declined"))
inbound_messages = activities.count(
    "inbound calls, e-mails and messages of prospects", on="occurred", needs=("activities",),
    where=lambda t: t.kind.isin(["call", "email", "message"]) & ~t.is_outbound & t.prospect_when_occurred)


def declare(catalogue: Catalogue) -> None:
    """Declares the KPIs of lead generation."""
    kpi = catalogue.area("lead_generation")

    @kpi(unit="count", kind="count", better="up", watch="lead_to_opportunity_rate", dimensions="rep team region channel campaign",
         extras_of="leads", source="B1")
    def new_leads() -> Measure:
        """Leads created in the period."""
        return created

    @kpi(unit="money", kind="ratio", better="band", watch="lead_to_opportunity_rate", dimensions="channel campaign", source="A4")
    def cost_per_lead() -> Formula:
        """What was spent on generating leads in the period, divided by the leads created in it."""
        return generation_spend / created

    @kpi(unit="percent", kind="proportion", better="band", watch="new_leads", dimensions="rep team region channel campaign",
         extras_of="leads", source="A5")
    def lead_to_opportunity_rate() -> Formula:
        """Of the leads created in the period, the share converted into a deal by the as-of date."""
        return converted / created

    @kpi(unit="hours", kind="mean", median=True, better="down", watch="lead_response_rate", dimensions="rep team region channel",
         extras_of="leads", source="A6")
    def lead_response_time() -> Formula:
        """Average hours from a lead's creation to the first outbound activity on it, over the leads created in the period and answered by
        the as-of date. Leads without an answer are set aside."""
        return response_hours / answered_leads

    @kpi(unit="percent", kind="proportion", better="up", dimensions="rep team region channel", extras_of="leads", source="A6")
    def lead_response_rate() -> Formula:
        """Of the leads created in the period, the share answered with an outbound activity by the as-of date."""
        return answered / created

    @kpi(unit="percent", kind="proportion", better="up", watch="touches_per_won_deal",
         dimensions="rep team region channel outreach touches", extras_of="leads", source="B2")
    def customer_acquisition_rate() -> Formula:
        """Of the prospects first contacted in the period, the share that became a customer by the as-of date. A lead of an account that
        already was a customer is no prospect."""
        became = prospects.count("prospects that became customers", on="contacted", where=lambda t: t.became_customer,
                                 needs=("leads", "activities", CUSTOMER))
        return became / contacted

    @kpi(unit="percent", kind="proportion", better="up", watch="negative_reply_rate", dimensions="rep team channel outreach",
         extras_of="leads", source="B11")
    def positive_reply_rate() -> Formula:
        """Of the prospects contacted in the period, the share whose last clear reply in it, positive or negative, was positive."""
        return replies.count("prospects whose last reply is positive", where=lambda t: t.sentiment == "positive") / touched

    @kpi(unit="percent", kind="proportion", better="down", dimensions="rep team channel outreach", extras_of="leads", source="B11")
    def negative_reply_rate() -> Formula:
        """Of the prospects contacted in the period, the share whose last clear reply in it, positive or negative, was negative."""
        return replies.count("prospects whose last reply is negative", where=lambda t: t.sentiment == "negative") / touched

    @kpi(unit="percent", kind="ratio", better="up", watch="win_rate", dimensions="rep team region", extras_of="activities", source="B12")
    def meeting_acceptance_rate() -> Formula:
        """Meetings, video calls, visits and demos booked with prospects in the period and not declined, divided by the calls, e-mails and
        messages received from prospects in it."""
        return meetings_booked / inbound_messages

    @kpi(unit="count", kind="count", better="up", watch="net_promoter_score", dimensions="rep team region", extras_of="leads", source="E8")
    def referrals() -> Measure:
        """Leads created in the period that were recommended by someone who was a customer by then."""
        return leads.count("leads referred by customers", on="created", where=lambda t: t.is_referral, needs=("leads", CUSTOMER))

    @kpi(unit="money", kind="ratio", better="band", watch="customer_lifetime_value", dimensions="channel region", region_of="rep",
         source="A7")
    def customer_acquisition_cost() -> Formula:
        """What was spent on marketing and sales in the period, divided by the new customers gained in it."""
        return selling_spend / new_customers
