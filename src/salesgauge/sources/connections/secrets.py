"""Secrets of a connection: where they are kept, and how they stay out of every text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from salesgauge.errors import SourceError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY = "SALESGAUGE_SECRETS_KEY"  # the environment variable with the key of the encrypted file
FILE = "secrets"                # of the folder of connections
_PLACES = "env:VARIABLE, keyring:SERVICE/USER or file:NAME"


class Secret:
    """A text that nobody sees by accident: it prints as stars. `reveal` is for the one place that sends it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def reveal(self) -> str:
        """The text."""
        return self._text


class Secrets:
    """Finds secrets by what a connection's settings say of them: `env:CRM_PASSWORD`, `keyring:salesgauge/crm`, `file:crm-password`."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._folder, self._environment = folder, environment

    def find(self, place: str, where: str) -> Secret:
        """The secret that is kept in `place`; SourceError, naming `where` it was asked for, where there is none."""
        kind, _, name = place.partition(":")
        found: str | None
        match kind:
            case "env":
                found = self._environment.get(name)
                lacking = f"set the environment variable {name}"
            case "keyring":
                import keyring
                service, _, user = name.rpartition("/")
                found = keyring.get_password(service, user)
                lacking = f"keep it in the keyring under the service {service!r} and the user {user!r}"
            case "file":
                found = self._file().get(name)
                lacking = f"write it with: salesgauge connect --keep {name}"
            case _:
                raise SourceError(f"{where}: a secret is named by its place ({_PLACES}), never written here")
        if not found:
            raise SourceError(f"{where}: there is no secret {place}; {lacking}")
        return Secret(found)

    def keep(self, name: str, text: str) -> None:
        """Writes a secret into the encrypted file, whole or not at all."""
        import json
        kept = json.dumps({**self._file(), name: text}).encode()
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{FILE}.{os.getpid()}"
        with partial.open("wb") as file:
            partial.chmod(0o600)
            file.write(self._cipher().encrypt(kept))
        partial.replace(self._folder / FILE)

    def _file(self) -> dict[str, str]:
        import json

        from cryptography.fernet import InvalidToken
        path = self._folder / FILE
        if not path.exists():
            return {}
        try:
            found: dict[str, str] = json.loads(self._cipher().decrypt(path.read_bytes()))
        except InvalidToken:
            raise SourceError(f"{path} cannot be opened with the key in {KEY}") from None
        return found

    def _cipher(self) -> Fernet:
        from cryptography.fernet import Fernet
        key = self._environment.get(KEY, "")
        try:
            return Fernet(key)
        except ValueError:
            raise SourceError(f"the encrypted file of secrets needs its key in the environment variable {KEY}: 32 bytes in URL-safe "
                              "base64, such as the output of: openssl rand -base64 32 | tr '+/' '-_'") from None
