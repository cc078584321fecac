"""Secrets are found where they are kept, and seen nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from salesgauge.errors import SourceError
from salesgauge.sources.connections.secrets import KEY, Secret, Secrets


def test_a_secret_prints_as_stars() -> None:
    secret = Secret("hunter2")
    assert f"{secret} {secret!r} {[secret]}" == "Secret(***) Secret(***) [Secret(***)]" and secret.reveal() == "hunter2"


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    assert Secrets(tmp_path, {"CRM": "hunter2"}).find("env:CRM", "crm.toml").reveal() == "hunter2"


@pytest.mark.parametrize(("place", "said"), [
    ("env:CRM", "crm.toml, secrets.password: there is no secret env:CRM; set the environment variable CRM"),
    ("hunter2", "crm.toml, secrets.password: a secret is named by its place (env:VARIABLE, keyring:SERVICE/USER or file:NAME), never "
                "written here")])
def test_a_secret_that_is_not_there_is_said_without_its_text(tmp_path: Path, place: str, said: str) -> None:
    with pytest.raises(SourceError) as problem:
        Secrets(tmp_path, {}).find(place, "crm.toml, secrets.password")
    assert problem.value.message == said


def test_the_encrypted_file_keeps_secrets_that_only_its_key_opens(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    kept = Secrets(tmp_path, {KEY: key})
    kept.keep("a", "hunter2")
    kept.keep("b", "hunter3")
    assert Secrets(tmp_path, {KEY: key}).find("file:a", "x").reveal() == "hunter2" and kept.find("file:b", "x").reveal() == "hunter3"
    assert all(b"hunter" not in path.read_bytes() for path in tmp_path.iterdir())
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    for key in (Fernet.generate_key().decode(), ""):
        with pytest.raises(SourceError, match="key"):
            Secrets(tmp_path, {KEY: key}).find("file:a", "x")
