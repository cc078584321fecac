"""Coming in: by password, by link, by a provider; and staying out."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from salesgauge.state import Refusal, Rights, Role, State, Visitor
from salesgauge.state.entrance import A_MINUTE, FAILURES, WITHIN
from salesgauge.state.identities import Claims
from salesgauge.state.passwords import Passwords
from salesgauge.state.tables import FailureRow, SessionRow
from state.world import CONSOLE, HERE, OTHER, PASSWORD, World

WRONG = "not the password at all"
ISSUER = "https://id.example.org"


def refusal(world: World, email: str, password: str, state: State | None = None) -> str:
    """Why somebody does not get in, in words."""
    with pytest.raises(Refusal) as refused:
        (state or world.state).entrance.by_password(email, password, HERE)
    return refused.value.message


def claims(subject: str = "s1", email: str | None = "ann@example.org", verified: bool = True) -> Claims:
    return Claims(ISSUER, subject, email, verified, "Ann of the provider")


def test_who_knows_the_password_comes_in_and_the_log_says_so(world: World) -> None:
    ann = world.person()
    entered = world.state.entrance.by_password("ANN@example.org", PASSWORD, HERE)
    assert entered.person == ann
    session = world.state.entrance.recognise(entered.secret)
    assert session is not None and (session.person, session.address, session.browser) == (ann, HERE.address, HERE.browser)
    with world.state.look() as unit:
        line = unit.audit.page(action="sign_in").entries[0]
    assert (line.person_id, line.name, line.address, line.detail) == (ann.id, ann.name, HERE.address, {"means": "password"})


def test_every_sign_in_has_a_secret_of_its_own_that_is_not_stored(world: World) -> None:
    world.person()
    first, second = world.enter(), world.enter()
    assert first != second
    with world.state.looking() as work:
        stored = {row.digest for row in work.rows.query(SessionRow).all()}
    assert len(stored) == 2 and not {first, second} & stored


def test_all_who_are_refused_hear_the_same(world: World) -> None:
    world.person()
    world.person("off@example.org", administers=True)
    world.person("admin@example.org", administers=True)
    world.person("invited@example.org", password=None)
    with world.state.change() as unit:
        off = unit.accounts.by_email("off@example.org")
        assert off is not None
        unit.accounts.deactivate(off.id, CONSOLE)
    said = {refusal(world, email, password) for email, password in [
        ("ann@example.org", WRONG), ("nobody@example.org", PASSWORD), ("off@example.org", PASSWORD), ("invited@example.org", PASSWORD),
        ("no e-mail", PASSWORD), ("ann@example.org", "")]}
    assert len(said) == 1
    assert world.deeds().count("sign_in_failed") == 5  # what cannot be an e-mail is not written down: it may be a password


class Counting(Passwords):
    """Counts how often it verifies."""

    verified = 0

    def verify(self, password: str, kept: str | None) -> tuple[bool, str | None]:
        self.verified += 1
        return super().verify(password, kept)


def test_an_unknown_email_costs_the_same_work_as_a_known_one(world: World) -> None:
    world.person()
    counting = Counting(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))
    state = world.open(counting)
    for email in ("ann@example.org", "nobody@example.org", "no e-mail"):
        before = counting.verified
        refusal(world, email, WRONG, state)
        assert counting.verified == before + 1
    state.close()


@pytest.mark.parametrize("email", ["ann@example.org", "nobody@example.org"])
def test_after_some_failures_an_email_is_locked_whether_it_is_known_or_not(world: World, email: str) -> None:
    world.person()
    for _ in range(FAILURES):
        refusal(world, email, WRONG)
        world.pass_time(minutes=1)
    with world.state.look() as unit:
        assert not any(line.detail["locked"] for line in unit.audit.page(action="sign_in_failed").entries)
    refusal(world, email, PASSWORD)
    with world.state.look() as unit:
        assert unit.audit.page(action="sign_in_failed").entries[0].detail["locked"]
    world.now += WITHIN - timedelta(minutes=FAILURES) - timedelta(seconds=1)
    refusal(world, email, PASSWORD)
    world.pass_time(seconds=1)
    if email == "ann@example.org":
        assert world.enter(email)
    else:
        refusal(world, email, PASSWORD)


def test_a_success_forgets_the_failures_before_it(world: World) -> None:
    world.person()
    for _ in range(3):
        for _ in range(FAILURES - 1):
            refusal(world, "ann@example.org", WRONG)
        assert world.enter()


def test_failures_of_others_lock_nobody_out(world: World) -> None:
    world.person()
    for _ in range(FAILURES + 1):
        refusal(world, "bo@example.org", WRONG)
    assert world.enter()


def test_many_attempts_at_once_get_no_more_tries_than_one_after_the_other(world: World) -> None:
    world.person()
    gate = threading.Barrier(10)
    counting = Counting(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))
    state = world.open(counting)

    def attempt() -> None:
        gate.wait()
        with pytest.raises(Refusal):
            state.entrance.by_password("ann@example.org", WRONG, HERE)
    threads = [threading.Thread(target=attempt) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.state.looking() as work:
        assert work.rows.query(FailureRow).count() == FAILURES
    state.close()


def test_an_address_that_tries_too_often_has_to_wait_and_others_do_not(world: World) -> None:
    world.person()
    for number in range(A_MINUTE):
        refusal(world, f"p{number}@example.org", WRONG)
    with pytest.raises(Refusal) as refused:
        world.enter()
    assert refused.value.reason == "too_fast"
    assert world.enter(visitor=Visitor("192.0.2.8"))


def test_the_first_start_makes_an_administrator_by_a_link_that_works_once(world: World) -> None:
    with world.state.change() as unit:
        secret = unit.links.set_up(CONSOLE)
    assert secret is not None
    entered = world.state.entrance.set_up(secret, "ann@example.org", "Ann", PASSWORD, HERE)
    assert entered.person.administers and entered.person.role is Role.EXECUTIVE
    assert world.state.entrance.recognise(entered.secret) is not None
    with pytest.raises(Refusal) as refused:
        world.state.entrance.set_up(secret, "eve@example.org", "Eve", PASSWORD, HERE)
    assert refused.value.reason == "link"
    with world.state.change() as unit:
        assert unit.links.set_up(CONSOLE) is None


def test_a_set_up_with_a_bad_password_leaves_the_link_as_it_was(world: World) -> None:
    with world.state.change() as unit:
        secret = unit.links.set_up(CONSOLE) or ""
    with pytest.raises(Refusal):
        world.state.entrance.set_up(secret, "ann@example.org", "Ann", "short", HERE)
    assert world.state.entrance.set_up(secret, "ann@example.org", "Ann", PASSWORD, HERE)


def test_who_is_invited_sets_a_password_once(world: World) -> None:
    bo = world.person("bo@example.org", Role.REP, "R1", password=None)
    with world.state.change() as unit:
        secret = unit.links.invite(bo.id, CONSOLE)
    entered = world.state.entrance.by_link(secret, PASSWORD, HERE, name="Bo Berg")
    assert entered.person.name == "Bo Berg" and entered.person.has_password
    with pytest.raises(Refusal) as refused:
        world.state.entrance.by_link(secret, OTHER, HERE)
    assert refused.value.reason == "link"
    assert world.enter("bo@example.org", PASSWORD)


def test_a_reset_ends_sessions_tokens_and_the_lock(world: World) -> None:
    ann = world.person()
    session = world.enter()
    with world.state.change() as unit:
        token = unit.tokens.make(ann.id, "Sheet", ["questions"], 30, CONSOLE)[1]
        secret = unit.links.reset(ann.id, CONSOLE)
    for _ in range(FAILURES):
        refusal(world, ann.email, WRONG)
    assert world.state.entrance.recognise(session) is not None  # until the link is used, nothing has changed
    world.state.entrance.by_link(secret, OTHER, HERE)
    assert world.state.entrance.recognise(session) is None
    assert world.state.entrance.recognise_token(token) is None
    assert world.enter(password=OTHER)
    assert "password_reset" in world.deeds()


def test_a_password_is_changed_by_who_knows_it_and_other_sessions_end(world: World) -> None:
    world.person()
    elsewhere, here = world.enter(), world.enter()
    session = world.state.entrance.recognise(here)
    assert session is not None
    with pytest.raises(Refusal) as refused:
        world.state.entrance.change_password(session, WRONG, OTHER, HERE.address)
    assert refused.value.reason == "password_wrong"
    renewed = world.state.entrance.change_password(session, PASSWORD, OTHER, HERE.address)
    assert [world.state.entrance.recognise(secret) is not None for secret in (elsewhere, here, renewed)] == [False, False, True]
    assert world.enter(password=OTHER)


def test_guessing_the_current_password_in_a_session_locks_as_well(world: World) -> None:
    world.person()
    session = world.state.entrance.recognise(world.enter())
    assert session is not None
    for _ in range(FAILURES):
        with pytest.raises(Refusal):
            world.state.entrance.change_password(session, WRONG, OTHER, HERE.address)
    with pytest.raises(Refusal):
        world.state.entrance.change_password(session, PASSWORD, OTHER, HERE.address)


def test_a_provider_brings_in_whom_it_vouches_for_by_a_verified_email(world: World) -> None:
    ann = world.person(password=None)
    assert world.state.entrance.by_identity(claims(), HERE).person == ann
    moved = claims(email="ann.lee@example.org")  # the e-mail has changed, the identity has not
    assert world.state.entrance.by_identity(moved, HERE).person == ann
    assert world.deeds().count("identity_link") == 1


@pytest.mark.parametrize("refused", [claims(verified=False), claims(email=None), claims(email="eve@example.org")])
def test_a_provider_brings_in_nobody_else(world: World, refused: Claims) -> None:
    world.person()
    with pytest.raises(Refusal) as problem:
        world.state.entrance.by_identity(refused, HERE)
    assert problem.value.reason == "identity"
    assert world.deeds()[-1] == "sign_in_failed"


def test_an_email_that_the_provider_gave_to_somebody_else_opens_no_account(world: World) -> None:
    world.person()
    world.state.entrance.by_identity(claims("s1"), HERE)
    with pytest.raises(Refusal):
        world.state.entrance.by_identity(claims("s2"), HERE)


def test_who_was_deactivated_does_not_come_in_by_the_provider_either(world: World) -> None:
    world.person("root@example.org", administers=True)
    ann = world.person()
    world.state.entrance.by_identity(claims(), HERE)
    with world.state.change() as unit:
        unit.accounts.deactivate(ann.id, CONSOLE)
    with pytest.raises(Refusal):
        world.state.entrance.by_identity(claims(), HERE)


def test_where_a_rule_allows_it_newcomers_are_reps_without_rows(world: World) -> None:
    world.person()
    with world.state.change() as unit:
        unit.rules.change({"unknown_people": True}, CONSOLE)
    person = world.state.entrance.by_identity(claims("s9", "new@example.org"), HERE).person
    assert (person.role, person.rep_id, person.administers, person.has_password) == (Role.REP, None, False, False)


def test_a_provider_never_makes_the_first_account(world: World) -> None:
    with world.state.change() as unit:
        unit.rules.change({"unknown_people": True}, CONSOLE)
    with pytest.raises(Refusal):
        world.state.entrance.by_identity(claims(), HERE)


def test_rights_that_change_end_the_sessions_that_had_them(world: World) -> None:
    ann = world.person()
    secret = world.enter()
    with world.state.change() as unit:
        unit.accounts.set_rights(ann.id, Rights(Role.REP, "R1"), CONSOLE)
    assert world.state.entrance.recognise(secret) is None
