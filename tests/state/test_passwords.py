"""Passwords: which are taken, and how they are kept."""

from __future__ import annotations

import pytest

from salesgauge.state import Refusal
from salesgauge.state.passwords import LEAST, check
from salesgauge.state.tables import PersonRow
from state.world import HERE, OTHER, PASSWORD, World, cheap


@pytest.mark.parametrize(("password", "reason"), [
    ("eleven char", "password_short"), ("x" * 257, "password_long"), ("ann.lee@example.org", "password_email"),
    ("Ann.Lee@Example.ORG", "password_email"), ("ann.lee202412", "password_email"), ("password1234", "password_common"),
    ("Dragon!202520", "password_common"), ("ababababababab", "password_common"), ("1qaz2wsx3edc", "password_common"),
    ("123456789012", "password_common"), ("８４９３０２１７５６０９", "password_common"),
])
def test_what_is_easily_guessed_is_refused(password: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        check(password, "ann.lee@example.org")
    assert refused.value.reason == reason


@pytest.mark.parametrize("password", [PASSWORD, "correct horse battery", "пароль из слов", "非常長的一個密碼由許多字組成的", 
    "Tr0ub4dor&3xx-mast"])
def test_several_words_in_any_script_are_taken(password: str) -> None:
    assert len(password) >= LEAST
    check(password, "ann@example.org")


def test_what_is_kept_is_no_password_and_differs_each_time() -> None:
    passwords = cheap()
    first, second = passwords.kept(PASSWORD, "a@example.org"), passwords.kept(PASSWORD, "a@example.org")
    assert first != second and first.startswith("$argon2id$") and PASSWORD not in first
    assert passwords.verify(PASSWORD, first) == (True, None)
    assert passwords.verify(OTHER, first) == (False, None)


def test_the_same_letters_typed_otherwise_are_the_same_password() -> None:
    passwords = cheap()
    kept = passwords.kept("Müller und café", "a@example.org")
    assert passwords.verify("Mu\u0308ller und cafe\u0301", kept)[0]


def test_nobody_has_no_password_not_even_that_of_nobody() -> None:
    assert cheap().verify("the password of nobody", None) == (False, None)
    assert cheap().verify("x" * 10_000, None) == (False, None)


def test_a_password_is_kept_anew_at_the_next_sign_in_when_the_costs_have_risen(world: World) -> None:
    ann = world.person()
    dearer = cheap(time_cost=2)
    state = world.open(dearer)
    state.entrance.by_password(ann.email, PASSWORD, HERE)
    state.close()
    with world.state.looking() as work:
        row = work.rows.get(PersonRow, ann.id)
        assert row is not None and row.password is not None and ",t=2," in row.password
    assert world.enter()
