"""The rules of access that an administrator sets."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import select

from salesgauge.errors import did_you_mean
from salesgauge.state.audit import Audit
from salesgauge.state.refusal import Refusal
from salesgauge.state.tables import RuleRow
from salesgauge.state.work import Actor, Work


@dataclass(frozen=True)
class AccessRules:
    """What holds for everybody. Numbers have a least and a most; each rule has its words in the message catalogues (rule_<name>)."""

    team_totals: bool = False       # a rep may compare their figures with team totals and published leaderboards
    smallest_group: int = field(default=5, metadata={"least": 2, "most": 100})       # there, smaller groups are not shown
    unknown_people: bool = False    # whoever the sign-in provider vouches for comes in, as a rep without rows
    session_idle_hours: int = field(default=12, metadata={"least": 1, "most": 168})  # unused for so long, a session ends
    session_days: int = field(default=7, metadata={"least": 1, "most": 90})          # after so long it ends in any case
    invitation_days: int = field(default=7, metadata={"least": 1, "most": 30})       # an invitation that is not taken up ends
    token_days: int = field(default=365, metadata={"least": 1, "most": 3650})        # the longest that an API token may hold
    log_days: int = field(default=0, metadata={"least": 0, "most": 36500})           # older lines of the log go; 0: none ever does


NAMES = tuple(f.name for f in fields(AccessRules))


class Rules:
    """The rules within a unit of work."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def now(self) -> AccessRules:
        """The rules that hold."""
        stored = {row.name: row.value for row in self._work.rows.scalars(select(RuleRow))}
        return AccessRules(**{name: value for name, value in stored.items() if name in NAMES})

    def change(self, chosen: dict[str, Any], by: Actor) -> AccessRules:
        """Sets rules; Refusal for an unknown one or a value that it cannot have. Nothing is set where one of them is refused."""
        checked = {name: _checked(name, value) for name, value in chosen.items()}
        before = self.now()
        changed = {name: value for name, value in checked.items() if getattr(before, name) != value}
        for name, value in changed.items():
            self._work.rows.merge(RuleRow(name=name, value=value))
            Audit(self._work).record(by, "rule_change", f"rule:{name}", before=getattr(before, name), after=value)
        self._work.rows.flush()
        Audit(self._work).shorten(self.now().log_days)
        return self.now()


def _checked(name: str, value: Any) -> bool | int:
    rule = next((f for f in fields(AccessRules) if f.name == name), None)
    if rule is None:
        raise Refusal("rule", name=f"{name!r}{did_you_mean(name, NAMES)}")
    if isinstance(rule.default, bool):
        if not isinstance(value, bool):
            raise Refusal("rule_value", name=name, least="false", most="true")
        return value
    least, most = rule.metadata["least"], rule.metadata["most"]
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = least - 1
    if isinstance(value, bool) or not least <= number <= most or str(number) != str(value).strip():
        raise Refusal("rule_value", name=name, least=str(least), most=str(most))
    return number


def bounds() -> dict[str, tuple[int, int] | None]:
    """Every rule: the least and the most that it can be, None for one that is on or off."""
    return {f.name: (f.metadata["least"], f.metadata["most"]) if f.metadata else None for f in fields(AccessRules)}
