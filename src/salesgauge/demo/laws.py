"""The true parameters of the demo company: what an analysis of its data should find again."""

from __future__ import annotations

from dataclasses import dataclass

CHANNELS = ("paid_search", "social", "webinar", "trade_show", "content", "referral", "partner")
OUTBOUND, FIELD, ACCOUNT = "outbound", "field_sales", "account_management"
SEGMENTS = ("smb", "mid_market", "enterprise")
PROMOTION_KINDS = ("discount", "coupon", "display", "demo", "sample", "other")


@dataclass(frozen=True)
class Laws:
    """Every coefficient is on log-odds unless its comment says otherwise. A deal passes its stages one by one; the chance to
    advance from each is logistic of the stage's base plus these effects.
    """

    # leads: each outbound touch converts with a chance of its own, until the rep gives up
    touch_hazard: tuple[float, ...] = (.030, .055, .075, .085, .070, .050, .034, .022, .014, .009, .006, .004)  # per touch, on average
    touch_peak: int = 4                 # the touch with the best chance; after it the chance falls
    channel_quality: tuple[float, ...] = (-.15, -.45, .10, -.05, .05, .75, .40)  # in the order of CHANNELS
    channel_share: tuple[float, ...] = (.27, .19, .13, .11, .17, .04, .09)      # of the leads
    response_per_log_hour: float = -.16  # of ln(1 + hours of working time until the first answer)
    unanswered: float = .06             # share of leads nobody ever answers
    response_median_hours: float = 2.2  # of working time

    # people
    talent: float = .32                 # per standard deviation of talent, at each stage of a deal
    talent_on_leads: float = .25        # the same, at each touch of a lead
    ramp_start: float = .35             # share of full productivity on the first day
    ramp_months: float = 4.0            # typical time constant of 1 - (1 - ramp_start) * exp(-months / ramp_months)
    overload_from: float = 1.10         # workload (1 = normal) above which conversion falls
    overload: float = -1.4              # per unit of workload above that
    overload_on_response: float = 1.5   # ln(response time) per unit of workload above 0.9
    turnover: float = .12               # yearly hazard of leaving at normal workload and talent 0
    turnover_burnout: float = 1.6       # ln(hazard) per unit of workload, smoothed over weeks, above 1
    turnover_talent: float = -.3        # ln(hazard) per standard deviation of talent
    employee_burnout: float = -2.6      # points of the employee survey per unit of smoothed workload above 0.9

    # deals
    stage_base: tuple[float, ...] = (1.00, 1.45, 1.65, 1.75, 1.45)
    customer_stage_base: tuple[float, ...] = (1.15, 1.35, 1.20)
    decision_maker: float = .55         # the decision maker has been reached
    touches_best: int = 10              # outbound touches of a deal after which each further one lowers the chance
    per_touch_before: float = .045
    per_touch_after: float = -.10
    stall_days: int = 25                # working days in a stage after which the deal counts as stalled
    stalled: float = -.60
    price: float = -2.0                 # of ln(own price / mean competitor's price)
    discount: float = 1.2               # of the discount (0.1 = 10 %)
    zombie: float = .05                 # share of stages that drag on five times as long

    # customers
    renewal: float = 2.4                # log-odds to renew at satisfaction 0
    renewal_satisfaction: float = .65   # per point of satisfaction
    engagement_best: float = 1.6        # touches a month at which satisfaction is highest
    engagement: float = -.55            # satisfaction per squared ln(touches a month / engagement_best)
    renewal_by_deal: float = .4         # share of renewals that are negotiated as a deal
    upsell_window: tuple[int, int] = (90, 210)  # days after the first purchase in which an offer is best
    upsell_in_window: float = .6        # at each stage
    upsell_median_days: float = 150     # of the time from the first purchase to the offers that follow it
    offers: float = 1.5                 # offers a customer gets in that time, on average
    referrals_per_year: float = .14     # at satisfaction 0
    referral_satisfaction: float = .6   # ln(rate) per point of satisfaction
    nps_base: float = 8.3
    nps_satisfaction: float = 1.15      # points per point of satisfaction

    # prices and promotions
    elasticity: float = -1.6            # of volume, by own price
    cross_elasticity: float = .7        # of volume, by competitors' mean price
    promotion_lift: tuple[float, ...] = (.35, .22, .12, .28, .15, 0.0)  # of volume, in the order of PROMOTION_KINDS
    returns: float = .015               # share of orders of which something comes back
