"""Who may come in: sign-in, one's own account, administration. `with_access` makes the application with all of it.

Pages and the interface for programs learn who asks from `Guard.who`; `record` writes down what they saw or changed.
"""

from salesgauge.web.access.guard import Guard, record
from salesgauge.web.access.serving import with_access

__all__ = ["Guard", "record", "with_access"]
