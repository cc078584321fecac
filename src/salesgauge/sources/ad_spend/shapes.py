"""What the reports say of campaigns and spend, in SQL (no network, no state). A campaign is known by its id; where a report gives its name
only, by the id that another report gives to that name, if it is one."""

_IDS = """(
SELECT account, campaign, min(campaign_id) AS campaign_id FROM costs WHERE campaign_id IS NOT NULL AND campaign IS NOT NULL
GROUP BY account, campaign HAVING count(DISTINCT campaign_id) = 1)"""
_COSTS = f"""(
SELECT c.* REPLACE (coalesce(c.campaign_id, i.campaign_id, c.campaign) AS campaign_id)
FROM costs c LEFT JOIN {_IDS} i ON i.campaign = c.campaign AND i.account IS NOT DISTINCT FROM c.account)"""

SHAPES = {
    "spent": f"SELECT * FROM {_COSTS}",
    "advertised": f"""
SELECT campaign_id AS id, arg_max(coalesce(campaign, campaign_id), day) AS name, any_value(channel) AS channel,
       arg_max(record, day) AS record
FROM {_COSTS} WHERE campaign_id IS NOT NULL GROUP BY campaign_id""",
}
