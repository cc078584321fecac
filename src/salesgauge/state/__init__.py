"""The state: who may come in and as what, their sessions, tokens and views, the rules of access, and the log of what was done.

`State.open(folder)` opens it. It knows nothing of figures: `viewer_of(person)` says whose rows count for what a person asks.
"""

from salesgauge.state.accounts import Rights
from salesgauge.state.entrance import Entered, Visitor
from salesgauge.state.person import Home, Person, Role, Theme, viewer_of
from salesgauge.state.refusal import Refusal
from salesgauge.state.rules import AccessRules
from salesgauge.state.sessions import SignedIn
from salesgauge.state.state import State, Unit
from salesgauge.state.tokens import Scope, Token
from salesgauge.state.work import Actor

__all__ = ["AccessRules", "Actor", "Entered", "Home", "Person", "Refusal", "Rights", "Role", "Scope", "SignedIn", "State", "Theme", "Token",
           "Unit", "Visitor", "viewer_of"]
