"""What a browser is called, from what it says it is, so that a person recognises their own."""

from __future__ import annotations

BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
            ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # in this order: most also claim to be the later ones
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"),
           ("Linux", "Linux"))


def browser_name(said: str) -> str:
    """Browser and system, as "Firefox, Windows"; what nobody knows as it is, cut short."""
    found = [next((name for mark, name in known if mark in said), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(filter(None, found)) if found[0] else said[:60]
