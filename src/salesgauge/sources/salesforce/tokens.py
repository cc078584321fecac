"""How the connection is let in: a token of an External Client App, by client credentials or by an assertion that a private key signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import httpx

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secret, Secrets
from salesgauge.sources.connections.wire import PASSING, Network, Wire, said

PATH = "/services/oauth2/token"
BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
VALID = timedelta(minutes=3)  # the longest that Salesforce takes an assertion for
REMEDIES = {
    "invalid_client_id": "the consumer key (client_id) is wrong, or the app is not for this organisation",
    "invalid_client": "the consumer secret (client_secret) is wrong",
    "invalid_grant": "the app must allow this flow (External Client App Manager, Policies: a run-as user for client credentials; for JWT "
                     "bearer the certificate, and the user pre-authorised)",
    "invalid_app_access": "the user must be allowed to use the app (External Client App Manager, Policies)",
    "inactive_user": "the app's user is not active",
    "inactive_org": "the organisation is locked or closed",
}


class Tokens:
    """The access token of a connection; asked for at the first request, and anew where it is no longer accepted."""

    def __init__(self, name: str, address: str, network: Network, form: Callable[[], Mapping[str, str]]) -> None:
        self._name, self._form = name, form
        self._wire = Wire(name, address, network=network, heed=self._refused)
        self._token: Secret | None = None

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """The header that lets a request in; `fresh`: with a new token."""
        if fresh or self._token is None:
            answer = self._wire.ask("POST", PATH, data=dict(self._form()))
            token = answer.get("access_token") if isinstance(answer, Mapping) else None
            if not isinstance(token, str) or not token:
                raise SourceError(f"{self._name}: it gives no token; is options.url the address of My Domain?")
            self._token = Secret(token)
        return {"Authorization": f"Bearer {self._token.reveal()}"}

    def close(self) -> None:
        """Closes its connections."""
        self._wire.close()

    def _refused(self, found: httpx.Response) -> None:
        """Says in words why there is no token."""
        if not found.is_error or found.status_code in PASSING:
            return
        fault = said(found)
        reason = str(fault.get("error", "")) if isinstance(fault, Mapping) else ""
        described = str(fault.get("error_description", "")).strip()[:200] if reason else ""
        words = f"{reason or found.status_code}{f': {described}' if described else ''}"
        raise SourceError(f"{self._name}: it gives no token ({words}): "
                          f"{REMEDIES.get(reason, 'see the settings of the app in External Client App Manager')}")


def tokens(connection: Connection, secrets: Secrets, url: str, network: Network) -> Tokens:
    """The tokens of a connection: by JWT bearer where it names a private key, else by client credentials."""
    client = (Secret(str(connection.options["client_id"])) if "client_id" in connection.options
              else connection.secret("client_id", secrets))
    if "private_key" not in connection.secrets:
        secret = connection.secret("client_secret", secrets)
        return Tokens(connection.name, url, network, lambda: {"grant_type": "client_credentials", "client_id": client.reveal(),
                                                      "client_secret": secret.reveal()})
    key, user = connection.secret("private_key", secrets), str(connection.option("user"))
    audience = str(connection.options.get("audience") or _audience(url))
    return Tokens(connection.name, url, network, lambda: {
        "grant_type": BEARER, "assertion": _assertion(connection, key, client.reveal(), user, audience, network.now())})


def _audience(url: str) -> str:
    return "https://test.salesforce.com" if ".sandbox." in url else "https://login.salesforce.com"


def _assertion(connection: Connection, key: Secret, client: str, user: str, audience: str, now: datetime) -> str:
    """What the private key signs (RFC 7523)."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey
    try:
        signer = RSAKey.import_key(key.reveal().replace("\\n", "\n"))
    except (ValueError, JoseError):
        raise SourceError(f"{connection.path.name}, secrets.private_key: it is no RSA private key in PEM") from None
    return jwt.encode({"alg": "RS256"}, {"iss": client, "sub": user, "aud": audience, "exp": int((now + VALID).timestamp())}, signer)
