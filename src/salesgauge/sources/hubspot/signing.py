"""How requests are let into HubSpot: by a token that stands still, or by OAuth's that are renewed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.wire import Network, Wire

RENEWAL = "/oauth/2026-03/token"  # OAuth's own version; its parameters stand in the body, never in the address
OAUTH = ("client_id", "client_secret", "refresh_token")


def signing(connection: Connection, secrets: Secrets, address: str, network: Network) -> Callable[[bool], Mapping[str, str]]:
    """The headers that let requests in, from the secret `token`, or from those of OAUTH; SourceError where they are not named."""
    if not any(name in connection.secrets for name in OAUTH):
        token = connection.secret("token", secrets)
        return lambda fresh: {"Authorization": f"Bearer {token.reveal()}"}
    kept = {name: connection.secret(name, secrets) for name in OAUTH}
    current: dict[str, str] = {}

    def renewed(fresh: bool) -> Mapping[str, str]:
        if fresh or not current:
            door = Wire(connection.name, address, network=network)
            try:
                answer = door.ask("POST", RENEWAL, data={"grant_type": "refresh_token",
                                                         **{name: secret.reveal() for name, secret in kept.items()}})
            except SourceError as problem:
                raise SourceError(f"{problem.message}; no new access token is given: see that the secrets client_id, client_secret and "
                                  "refresh_token are those of an app that is installed in the account") from None
            finally:
                door.close()
            if not isinstance(answer, Mapping) or not isinstance(answer.get("access_token"), str):
                raise SourceError(f"{connection.name}: it answers a request for a new access token without one")
            current["Authorization"] = f"Bearer {answer['access_token']}"
        return current
    return renewed
