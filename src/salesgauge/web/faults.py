"""Errors of a request that no builder of a page raises: what was sent is too much, too often, or not for this token."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException


class Fault(HTTPException):
    """A request that is refused. `code` is stable; the detail says what would be right, in one line. To people it is
    told as the message `error_<code>` of the catalogues with these `values`, where there is one."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **values: str | int) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.code, self.values = code, values
