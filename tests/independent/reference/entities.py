"""Leads, deals, activities and purchases, as they are known at an instant."""

from __future__ import annotations

from dataclasses import dataclass

from independent.reference.tables import Row


@dataclass(frozen=True)
class Lead:
    """A lead; `row` holds the columns without a date of their own."""

    id: str
    at: int
    converted_at: int | None
    row: Row


@dataclass(frozen=True)
class Deal:
    """A deal in its state at the as-of instant; `outcome` is None while it is open."""

    id: str
    at: int
    outcome: str | None
    closed_at: int | None
    stage: str | None
    amount: float | None
    row: Row

    def closed_before(self, instant: int) -> bool:
        """Whether it was closed by then."""
        return self.closed_at is not None and self.closed_at < instant


@dataclass(frozen=True)
class Act:
    """An activity that a person did or booked."""

    id: str
    at: int
    booked_at: int | None
    kind: str
    outbound: bool
    status: str
    row: Row

    @property
    def touch(self) -> bool:
        """Whether it took place, as far as is known."""
        return self.status not in ("declined", "no_show")


@dataclass(frozen=True)
class Line:
    """A line of an order."""

    id: str
    product: str | None
    quantity: float
    price: float
    list_price: float | None


@dataclass(frozen=True)
class Purchase:
    """An order or, in a workspace without orders, a won deal; `amount` is in its own currency, None where unknown.

    Only an order is a return where its value is below 0."""

    id: str
    account: str | None
    at: int
    amount: float | None
    rep: str | None
    row: Row
    lines: tuple[Line, ...] = ()

    @property
    def returned(self) -> bool:
        """Whether it is a return."""
        return "order_id" in self.row and self.amount is not None and self.amount < 0


@dataclass(frozen=True, order=True)
class Since:
    """What made an account a customer; a purchase comes before a contract of the same instant."""

    at: int
    contract: bool
    id: str
    rep: str | None
    channel: str | None
