"""How reps ramp up, and what they do."""

from salesgauge.catalogue.leads import meetings_booked as booked
from salesgauge.catalogue.pipeline import bookings
from salesgauge.catalogue.sources import activities, rep_months, seller_wins
from salesgauge.semantics.kpi import Catalogue
from salesgauge.semantics.measure import Formula, Measure

_OF_REPS = "rep team region manager"


def declare(catalogue: Catalogue) -> None:
    """Declares the figures of reps."""
    people, leads = catalogue.area("people"), catalogue.area("lead_generation")

    @people(unit="money", kind="ratio", better="up", dimensions=f"tenure_month tenure {_OF_REPS}")
    def ramp_curve() -> Formula:
        """The value of new and upsell deals won, per selling rep and month, by the months since their hire."""
        sold = seller_wins.sum("bookings of selling reps", "value", set_aside="value_missing", because=bookings.because)
        return sold / rep_months.count("rep-months", because=("month_on",))

    @people(unit="count", kind="count", better="up", dimensions=f"{_OF_REPS} activity_kind", extras_of="activities")
    def touches() -> Measure:
        """The touches in the period: activities that were neither declined nor missed."""
        return activities.count("touches", on="occurred", where=lambda t: t.is_touch, dimensions={"activity_kind": "kind"},
                                because=("occurred_at", "account_id"))

    @leads(unit="count", kind="count", better="up", dimensions=f"{_OF_REPS} activity_kind", extras_of="activities")
    def meetings_booked() -> Measure:
        """The meetings, video calls, visits and demos booked with prospects in the period and not declined."""
        return activities.count("meetings booked with prospects", on="booked", where=booked.where, dimensions={"activity_kind": "kind"},
                                because=("booked_at", "account_id"))

    @leads(unit="count", kind="count", better="down", dimensions=f"{_OF_REPS} activity_kind", extras_of="activities")
    def untagged_replies() -> Measure:
        """The e-mails and messages received from prospects in the period that nobody has yet marked as positive, negative or neutral."""
        return activities.count("replies to tag", on="occurred", dimensions={"activity_kind": "kind"},
                                because=("occurred_at", "account_id"),
                                where=lambda t: (t.kind.isin(["email", "message"]) & ~t.is_outbound & t.prospect_when_occurred
                                                 & t.sentiment.isnull()))
