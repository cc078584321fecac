"""Where a campaign is shown: Meta's in its Ads Manager. Google's addresses hold a number that no report has."""

from __future__ import annotations

import re
from collections.abc import Mapping

MANAGER = "https://adsmanager.facebook.com/adsmanager/manage/campaigns"
_RECORD = re.compile(r"meta_ads/(?:act_)?(\d{1,20})/(\d{1,20})/\d{4}-\d\d-\d\d")


def page(options: Mapping[str, object], record: str) -> str | None:
    """The address of the campaign of a record, None where its report does not give the ids of account and campaign."""
    found = _RECORD.fullmatch(record)
    return f"{MANAGER}?act={found[1]}&selected_campaign_ids={found[2]}" if found else None
