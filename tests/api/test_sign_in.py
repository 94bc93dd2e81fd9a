"""Signing in and out, over HTTP."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Any

import pytest

from signaling.errors import Code, Refused
from signaling.services import passwords
from signaling.services.attempts import FREE
from signaling.services.hashing import THREADS, WAITING_MAX, Hashing
from signaling.services.signing_in import AT_ONCE
from signaling.services.tokens import digest
from tests.api.house import ANNA, BEN, OFF, PASSWORD, Answer, Browser, House


async def sign_in(browser: Browser, email: str = ANNA.email, password: str = PASSWORD, **more: Any) -> Answer:
    return await browser.post("/api/v1/sign-in", {"email": email, "password": password}, **more)


async def test_sign_in_tells_who_it_is_and_sets_a_cookie(house: House) -> None:
    async with house.browser() as browser:
        assert (await browser.get("/api/v1/me")).code == "not_signed_in"
        answer = await sign_in(browser, " ANNA@willow.example ")
        assert answer.status == 200
        assert answer.json == {
            "id": "anna",
            "name": "Anna Moreau",
            "role": "caregiver",
            "language": "en",
            "mayInitiateVirtualVisits": True,
        }
        cookie = answer.cookies["signin"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (True, "Lax", "/", "")
        assert (await browser.get("/api/v1/me")).json["id"] == "anna"
        stored = await house.db.read(lambda unit: unit.people.sign_in(digest(cookie.value)))
        assert stored is not None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ANNA.email, "seven purple lamp"),
        ("nobody@willow.example", PASSWORD),
        (OFF.email, PASSWORD),
        ("", ""),
        ("\0", "\0"),
        (ANNA.email, "\U0001f33b" * 1000),
    ],
)
async def test_whoever_can_not_sign_in_learns_nothing_more(house: House, email: str, password: str) -> None:
    async with house.browser() as browser:
        answer = await sign_in(browser, email, password)
        assert answer.code == "wrong_credentials"
        assert answer.json["detail"] == "The email or the password is not right."
        assert "Set-Cookie" not in answer.headers


async def test_every_sign_in_has_a_new_cookie_and_ends_the_earlier_one_of_the_browser(house: House) -> None:
    async with house.browser() as browser, house.signed_in(ANNA) as elsewhere:
        first = (await sign_in(browser)).cookies["signin"].value
        second = (await sign_in(browser)).cookies["signin"].value
        assert first != second
        assert (await browser.get("/api/v1/me", headers={"Cookie": f"signin={first}"})).status == 200
        async with house.browser() as thief:
            assert (await thief.get("/api/v1/me", cookies={"signin": first})).code == "not_signed_in"
        assert (await elsewhere.get("/api/v1/me")).status == 200


async def test_sign_out_ends_it_here_only_and_may_be_repeated(house: House) -> None:
    async with house.signed_in(ANNA) as browser, house.signed_in(ANNA) as elsewhere:
        secret = next(cookie.value for cookie in browser.session.cookie_jar if cookie.key == "signin")
        assert (await browser.post("/api/v1/sign-out")).status == 204
        assert (await browser.post("/api/v1/sign-out")).status == 204
        assert (await browser.get("/api/v1/me")).code == "not_signed_in"
        assert (await browser.get("/api/v1/me", headers={"Cookie": f"signin={secret}"})).code == "not_signed_in"
        assert (await elsewhere.get("/api/v1/me")).status == 200
        ended = [fact for fact in house.live.facts if fact.kind == "signed_out"]
        assert [(fact.employees, fact.data) for fact in ended] == [(("anna",), {"signIn": digest(secret).hex()})]


async def test_an_idle_sign_in_ends(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        house.clock.pass_(minutes=29)
        assert (await browser.get("/api/v1/me")).status == 200
        house.clock.pass_(minutes=30)
        assert (await browser.get("/api/v1/me")).status == 200
        house.clock.pass_(minutes=30, seconds=1)
        assert (await browser.get("/api/v1/me")).code == "not_signed_in"
        house.live.in_a_call.add("anna")
        assert (await browser.get("/api/v1/me")).code == "not_signed_in"


async def test_a_page_that_asks_by_itself_is_nobody_at_work(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        for _ in range(2):
            house.clock.pass_(minutes=14)
            assert (await browser.get("/api/v1/me", headers={"X-Unattended": "1"})).status == 200
        house.clock.pass_(minutes=3)
        assert (await browser.get("/api/v1/me", headers={"X-Unattended": "1"})).code == "not_signed_in"


async def test_nobody_is_signed_out_during_a_call_and_idle_time_begins_after_it(house: House) -> None:
    async with house.signed_in(ANNA) as browser, house.signed_in(BEN) as other:
        house.live.in_a_call.add("anna")
        for _ in range(120):
            house.clock.pass_(minutes=1)
            await house.services.signing_in.end_idle()
        house.live.in_a_call.clear()
        house.clock.pass_(minutes=29)
        assert (await browser.get("/api/v1/me")).status == 200
        assert (await other.get("/api/v1/me")).code == "not_signed_in"


async def test_an_idle_sign_in_ends_though_its_page_asks_nothing(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        secret = digest(next(cookie.value for cookie in browser.session.cookie_jar if cookie.key == "signin"))
        for minutes, left in ((30, True), (1, False)):
            house.clock.pass_(minutes=minutes)
            await house.services.signing_in.end_idle()
            assert (await house.db.read(lambda unit: unit.people.sign_in(secret)) is not None) is left
        ended = [fact for fact in house.live.facts if fact.kind == "signed_out"]
        assert [(fact.employees, fact.data) for fact in ended] == [(("anna",), {"signIn": secret.hex()})]


async def test_being_seen_is_written_once_a_minute_at_most(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        secret = digest(next(cookie.value for cookie in browser.session.cookie_jar if cookie.key == "signin"))
        seen = []
        for _ in range(4):
            house.clock.pass_(seconds=40)
            await browser.get("/api/v1/me")
            stored = await house.db.read(lambda unit: unit.people.sign_in(secret))
            assert stored is not None
            seen.append((house.clock.now() - stored.seen_at).total_seconds())
        assert seen == [40, 0, 40, 0]


async def test_an_account_that_is_switched_off_is_signed_out(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        await house.db.write(lambda unit: unit.people.put_employee(replace(ANNA, active=False)))
        assert (await browser.get("/api/v1/me")).code == "not_signed_in"
        await house.db.write(lambda unit: unit.people.put_employee(ANNA))
        assert (await browser.get("/api/v1/me")).code == "not_signed_in"


async def test_a_new_password_signs_out_everywhere(house: House) -> None:
    async with house.signed_in(ANNA) as browser:
        await house.services.signing_in.set_password("anna", "eight yellow doors")
        assert (await browser.get("/api/v1/me")).code == "not_signed_in"
        assert (await sign_in(browser)).code == "wrong_credentials"
        assert (await sign_in(browser, password="eight yellow doors")).status == 200


async def test_wrong_passwords_bring_growing_pauses(house: House) -> None:
    async with house.browser() as browser:
        for _ in range(FREE + 1):
            assert (await sign_in(browser, password="wrong")).code == "wrong_credentials"
        waits = []
        for _ in range(4):
            refused = await sign_in(browser)
            assert refused.code == "too_many_requests"
            assert refused.headers["Retry-After"] == str(refused.json["retryAfter"])
            waits.append(refused.json["retryAfter"])
            house.clock.pass_(seconds=waits[-1])
            assert (await sign_in(browser, password="wrong")).code == "wrong_credentials"
        assert waits == [1, 2, 4, 8]
        house.clock.pass_(seconds=16)
        assert (await sign_in(browser)).status == 200
        assert (await sign_in(browser, password="wrong")).code == "wrong_credentials"


async def test_an_outsider_does_not_lock_anybody_out(house: House) -> None:
    """The guesser shares even the network with a device on which Anna has signed in before."""
    async with house.signed_in(ANNA) as own_device, house.browser() as guesser:
        await own_device.post("/api/v1/sign-out")
        while (await sign_in(guesser, password="wrong")).code != "too_many_requests":
            pass
        assert (await sign_in(guesser)).code == "too_many_requests"
        assert (await sign_in(own_device)).status == 200
        assert (await sign_in(guesser, BEN.email)).status == 200


async def test_a_known_device_is_known_for_its_employee_only_and_can_not_be_made_up(house: House) -> None:
    async with house.signed_in(BEN) as device, house.browser() as guesser:
        for browser in (device, guesser):
            mark: dict[str, Any] = {} if browser is device else {"headers": {"Cookie": "device=0123.4567"}}
            while (await sign_in(browser, password="wrong", **mark)).code != "too_many_requests":
                pass
        # Both guess at Anna's from the network, and have used up the same guesses.
        house.clock.pass_(hours=2)
        for _ in range(FREE + 1):
            assert (await sign_in(device, password="wrong")).code == "wrong_credentials"
        assert (await sign_in(guesser)).code == "too_many_requests"


async def test_a_flood_of_attempts_does_not_keep_others_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guesser fills what their network may have under way; Anna's own device gets its turn all the same."""
    may_go_on = threading.Event()
    verify = passwords.verify_password

    def held(hashed: str, password: str) -> bool:
        may_go_on.wait(30)
        return verify(hashed, password)

    async with house.signed_in(ANNA) as own_device, house.browser() as guesser:
        monkeypatch.setattr(passwords, "verify_password", held)
        flood = [asyncio.create_task(sign_in(guesser, f"{n}@willow.example", "wrong")) for n in range(AT_ONCE + 1)]
        (first, *_), waiting = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        assert (await first).code == "too_many_requests"
        own = asyncio.create_task(sign_in(own_device))
        may_go_on.set()
        assert (await own).status == 200
        assert {(await one).code for one in waiting} == {"wrong_credentials"}


async def test_the_queue_of_passwords_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = threading.Event()
    monkeypatch.setattr(passwords, "verify_password", lambda *_: may_go_on.wait(30))
    pool = Hashing()
    try:
        tasks = [asyncio.create_task(pool.matches("hash", "word")) for _ in range(THREADS + WAITING_MAX)]
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await pool.matches("hash", "word")
        assert refused.value.code is Code.TOO_MANY_REQUESTS
        known = asyncio.create_task(pool.matches("hash", "word", stranger=False))
        await asyncio.sleep(0)
        may_go_on.set()
        assert all(await asyncio.gather(known, *tasks))
        assert not await pool.matches(None, "word")
    finally:
        may_go_on.set()
        await asyncio.to_thread(pool.close)
