"""Saved views: a page that a person keeps under a name, for themselves or for all; and which addresses stay within the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from salesgauge.state.audit import Audit
from salesgauge.state.person import read_name
from salesgauge.state.refusal import Refusal
from salesgauge.state.tables import PersonRow, ViewRow
from salesgauge.state.work import Actor, Work, make_secret

_LONGEST_ADDRESS = 4000
_SLUG = 12  # characters: 72 random bits


@dataclass(frozen=True)
class View:
    """A saved view: its address (path and query) holds what it shows, never rows; who opens it sees what they may see."""

    slug: str
    person_id: int
    owner: str
    name: str
    address: str
    shared: bool
    created: datetime
    changed: datetime


class Views:
    """Saved views within a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def save(self, person_id: int, name: str, address: str, shared: bool, by: Actor) -> View:
        """Saves a view; one of the same name of that person is replaced. Refusal for an address that is no page of ours."""
        name = read_name(name)
        if len(address) > _LONGEST_ADDRESS or not is_local(address):
            raise Refusal("address")
        work = self._work
        row = work.rows.scalar(select(ViewRow).where(ViewRow.person_id == person_id, ViewRow.name == name))
        if row is None:
            row = ViewRow(slug=make_secret(work.random)[:_SLUG], person_id=person_id, name=name, address=address, shared=shared,
                          created=work.now, changed=work.now)
            work.rows.add(row)
        else:
            row.address, row.shared, row.changed = address, shared, work.now
        work.rows.flush()
        Audit(work).record(by, "view_save", f"view:{row.slug}", name=name, shared=shared)
        return self.find(row.slug, person_id)

    def find(self, slug: str, person_id: int) -> View:
        """A view that a person may open: their own, or a shared one. Refusal for any other, whether it exists or not."""
        found = next((view for view in self.open_to(person_id) if view.slug == slug), None)
        if found is None:
            raise Refusal("no_view")
        return found

    def open_to(self, person_id: int) -> Sequence[View]:
        """The views that a person may open, their own first, each in the order of their names."""
        wanted = select(ViewRow, PersonRow.name).join(PersonRow, PersonRow.id == ViewRow.person_id).where(
            (ViewRow.person_id == person_id) | (ViewRow.shared & PersonRow.active))
        found = [View(row.slug, row.person_id, owner, row.name, row.address, row.shared, row.created, row.changed)
                 for row, owner in self._work.rows.execute(wanted).all()]
        return sorted(found, key=lambda view: (view.person_id != person_id, view.name.casefold(), view.slug))

    def delete(self, slug: str, person_id: int, by: Actor) -> None:
        """Deletes a person's own view; Refusal where they have no such one."""
        row = self._work.rows.scalar(select(ViewRow).where(ViewRow.slug == slug, ViewRow.person_id == person_id))
        if row is None:
            raise Refusal("no_view")
        self._work.rows.delete(row)
        Audit(self._work).record(by, "view_delete", f"view:{slug}", name=row.name)


def is_local(address: str) -> bool:
    """Whether an address is a path of this site, which a browser cannot take for another one (`//other`, `/\\other`, a scheme)."""
    plain = all(character.isprintable() and not character.isspace() and character != "\\" for character in address)
    return plain and address.startswith("/") and not address.startswith("//")
