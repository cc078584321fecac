"""The name of a shop as a connection says it."""

from __future__ import annotations

import re

_NAME = re.compile(r"(?:https://)?([a-z0-9][a-z0-9-]{0,60})(?:\.myshopify\.com)?/?")


def name_of(said: object) -> str | None:
    """The name under which Shopify has a shop: `acme` of acme, acme.myshopify.com or its address; None where it is none of them."""
    found = _NAME.fullmatch(said.strip().lower()) if isinstance(said, str) else None
    return found[1] if found else None
