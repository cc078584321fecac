"""The sign-in provider of a company (OpenID Connect), as salesgauge.toml names it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from salesgauge.errors import SettingError, did_you_mean
from salesgauge.settings import FILE

SECRET = "SALESGAUGE_OIDC_SECRET"
_KEYS = ("issuer", "client_id", "name")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_FORM = f'write [oidc] in {FILE} with issuer = "https://..." and client_id = "..." (and name = "..."), the secret in {SECRET}'


@dataclass(frozen=True)
class Provider:
    """A provider: its issuer (exactly as its tokens name it), how it knows us, and what its button says."""

    issuer: str
    client_id: str
    secret: str
    name: str


def read_provider(folder: Path, environment: Mapping[str, str] | None = None) -> Provider | None:
    """The provider that the workspace's settings name; None where they name none. SettingError where it cannot be used."""
    table = tomllib.loads((folder / FILE).read_text(encoding="utf-8")).get("oidc")
    if table is None:
        return None
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise SettingError(f"cannot read [oidc] of {FILE}; {_FORM}")
    for key in table:
        if key not in _KEYS:
            raise SettingError(f"[oidc] has no {key!r}{did_you_mean(key, _KEYS)}; {_FORM}")
    issuer, client_id = table.get("issuer", ""), table.get("client_id", "")
    parts = urlsplit(issuer)
    if not client_id or not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)):
        raise SettingError(f"[oidc] needs an issuer that begins with https:// and a client_id; {_FORM}")
    secret = (os.environ if environment is None else environment).get(SECRET, "")
    if not secret:
        raise SettingError(f"[oidc] is set, but the environment has no {SECRET}; put the client's secret there")
    return Provider(issuer, client_id, secret, table.get("name") or parts.hostname)
