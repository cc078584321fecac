"""Which ids are one thing: by what people decided, then by exact keys that leave no doubt. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from salesgauge.store.identity.keys import FILES, Shared

ACCEPTED = "accepted"  # how two ids came to be one, beside the kinds of keys


@dataclass(frozen=True)
class Verdict:
    """What a person decided of two records of an entity: they are the `same`, or two (and then also no key makes them one)."""

    entity: str
    left: str
    right: str
    same: bool


@dataclass(frozen=True)
class Member:
    """An id of a group. `how` it came to it: a kind of key, or ACCEPTED; the first member's is empty."""

    id: str
    system: str
    how: str


@dataclass(frozen=True)
class Group:
    """Ids that are one thing: that of the most trusted record first, which they all become."""

    members: tuple[Member, ...]

    @property
    def one(self) -> str:
        """The id that all of them become."""
        return self.members[0].id


@dataclass(frozen=True)
class Doubt:
    """Two records that share keys (kind and value) and are not one by that: a suggestion."""

    left: str
    right: str
    keys: tuple[tuple[str, str], ...]


@dataclass
class _Union:
    """Sets of ids that grow together, but never where two of them were told apart."""

    systems: Mapping[str, str]
    apart: dict[str, set[str]]
    of: dict[str, list[str]] = field(default_factory=dict)
    how: dict[str, dict[str, str]] = field(default_factory=dict)  # id -> the id it was joined to, by what

    def set_of(self, name: str) -> list[str]:
        return self.of.setdefault(name, [name])

    def may(self, left: str, right: str, *, unasked: bool) -> bool:
        """Whether two may become one; `unasked`: by keys alone, and so never two records of one system."""
        first, second = self.set_of(left), self.set_of(right)
        if first is second:
            return True
        if any(other in self.apart.get(name, ()) for name in first for other in second):
            return False
        known = [self.systems[name] for name in (*first, *second)]
        return not unasked or len(set(known)) == len(known)

    def join(self, left: str, right: str, how: str) -> None:
        first, second = self.set_of(left), self.set_of(right)
        if first is second:
            return
        self.how.setdefault(left, {})[right] = self.how.setdefault(right, {})[left] = how
        first.extend(second)
        self.of.update(dict.fromkeys(second, first))


def latest(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The verdict that counts of each pair: the last, in the order in which they were given."""
    found: dict[tuple[str, frozenset[str]], Verdict] = {}
    for each in verdicts:
        pair = (each.entity, frozenset((each.left, each.right)))
        found.pop(pair, None)
        found[pair] = each
    return list(found.values())


def grouped(shared: Sequence[Shared], verdicts: Sequence[Verdict], systems: Mapping[str, str], tax_ids: Mapping[str, frozenset[str]],
            prefer: Sequence[str]) -> tuple[list[Group], list[Doubt]]:
    """The groups of an entity, and the pairs that share a key and are not one.

    First what people decided, in the order in which they did; then the keys, tax ids before domains before e-mail addresses. A key makes
    records one only where no system has two records with it, where their tax ids do not contradict each other, and where no group comes to
    have two records of one system. Records that are gone count in no group.
    """
    decided = [v for v in latest(verdicts) if v.left in systems and v.right in systems]
    apart: dict[str, set[str]] = {}
    for verdict in decided:
        if not verdict.same:
            apart.setdefault(verdict.left, set()).add(verdict.right)
            apart.setdefault(verdict.right, set()).add(verdict.left)
    union = _Union(systems, apart)
    for verdict in decided:
        if verdict.same and union.may(verdict.left, verdict.right, unasked=False):
            union.join(verdict.left, verdict.right, ACCEPTED)
    doubts: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for each in shared:
        names = sorted((name for name, _system in each.records), key=lambda name: rank(name, systems[name], prefer))
        clear = len({systems[name] for name in names}) == len(names)
        for place, left in enumerate(names):
            for right in names[place + 1:]:
                if clear and not _contradict(left, right, tax_ids) and union.may(left, right, unasked=True):
                    union.join(left, right, each.kind)
                elif union.set_of(left) is not union.set_of(right) and right not in apart.get(left, ()):
                    doubts.setdefault((left, right), []).append((each.kind, each.value))
    groups = {id(names): names for names in union.of.values() if len(names) > 1}
    made = [_group(names, union, prefer) for names in groups.values()]
    left_over = [Doubt(left, right, tuple(keys)) for (left, right), keys in doubts.items()
                 if union.set_of(left) is not union.set_of(right)]
    return sorted(made, key=lambda group: group.one), left_over


def rank(name: str, system: str, prefer: Sequence[str]) -> tuple[int, bool, str, str]:
    """Where a record stands among those of one thing, the most trusted first: by the order of systems that the setting `prefer` gives,
    then connected systems by name, then files; of one system the smaller id."""
    return (prefer.index(system) if system in prefer else len(prefer), system == FILES, system, name)


def _contradict(left: str, right: str, tax_ids: Mapping[str, frozenset[str]]) -> bool:
    first, second = tax_ids.get(left, frozenset()), tax_ids.get(right, frozenset())
    return bool(first and second and not first & second)


def _group(names: Sequence[str], union: _Union, prefer: Sequence[str]) -> Group:
    ordered = sorted(names, key=lambda name: rank(name, union.systems[name], prefer))
    return Group(tuple(Member(name, union.systems[name], "" if place == 0 else _how(name, union)) for place, name in enumerate(ordered)))


def _how(name: str, union: _Union) -> str:
    found = union.how.get(name, {}).values()
    return ACCEPTED if ACCEPTED in found else min(found, default="")
