"""The environment in which templates are written: everything is escaped unless it is Markup."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from salesgauge import charts

STATIC = Path(__file__).parent / "static"


@cache
def environment() -> Environment:
    """Jinja's environment, made once. A name that a template does not know is an error."""
    made = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)
    made.globals |= {"charts": charts, "asset": asset}
    return made


@cache
def asset(name: str) -> str:
    """The address of a file of static/, with a mark of its content: a browser may keep it for good."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).digest()[:9]
    return f"/static/{name}?{base64.urlsafe_b64encode(mark).decode()}"
