"""A whole visit over HTTP, as far as it goes without a socket."""

from __future__ import annotations

from typing import Any

from signaling.domain.presence import Leg
from signaling.domain.session import Role
from signaling.transport.api.links import GUESSES
from tests.api.house import ADA, ANNA, BEN, CORA, Browser, House

V1 = "/api/v1/visits/v1"


async def copied_link(browser: Browser, command: str = "c1") -> str:
    answer = await browser.post(f"{V1}/invites", {"delivery": "link", "commandId": command})
    assert answer.status == 200, answer.text
    return str(answer.json["link"])


def token_of(link: str) -> str:
    return link.partition("#")[2]


async def test_the_link_opens_a_preview_and_becomes_a_cookie(house: House) -> None:
    async with house.signed_in(ANNA) as anna, house.browser() as client:
        link = await copied_link(anna)
        assert link.startswith(f"{house.settings.public_url}/v#")
        token = {"token": token_of(link)}
        preview = await client.post("/api/v1/invites/preview", token)
        assert preview.json == {
            "visitId": "v1",
            "agencyName": house.settings.agency_name,
            "agencyPhone": house.settings.agency_phone,
            "caregiverName": "Anna",
            "startsAt": "2026-03-02T12:30:00.000Z",
            "endsAt": "2026-03-02T13:30:00.000Z",
            "timeZone": "Europe/Paris",
            "language": "fr",
            "serverTime": "2026-03-02T12:00:00.000Z",
        }
        assert "Set-Cookie" not in preview.headers
        assert (await client.post(f"{V1}/client-ticket")).code == "not_signed_in"
        exchange = await client.post("/api/v1/invites/exchange", token)
        assert exchange.json == {"visitId": "v1"}
        cookie = exchange.cookies["visit-v1"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert cookie.value not in link
        ticket = await client.post(f"{V1}/client-ticket")
        assert (ticket.status, ticket.json["expiresIn"]) == (200, 30)
        entry = house.services.tickets.take(ticket.json["ticket"])
        assert (entry.role, entry.employee, entry.visit) == ("client", None, "v1")
        assert entry.client_pass is not None
        # The cookie is for its visit, and lets nobody read the visit.
        for path in (V1, f"{V1}/documentation", "/api/v1/me"):
            assert (await client.get(path)).code == "not_signed_in"
        assert (await client.post("/api/v1/visits/v2/client-ticket")).code == "not_signed_in"
        secret = {"Cookie": f"visit-v2={cookie.value}"}
        assert (await client.post("/api/v1/visits/v2/client-ticket", headers=secret)).code == "not_signed_in"
        seen = (await anna.get(V1)).json
        assert (seen["session"]["state"], seen["session"]["lastInvite"]["delivery"]) == ("invited", "copied")


async def test_a_revoked_link_takes_its_cookie_with_it(house: House) -> None:
    async with house.signed_in(ANNA) as anna, house.signed_in(CORA) as cora, house.browser() as client:
        token = {"token": token_of(await copied_link(anna))}
        await client.post("/api/v1/invites/exchange", token)
        assert (await cora.post(f"{V1}/invites/revoke")).status == 200
        assert (await client.post(f"{V1}/client-ticket")).code == "not_signed_in"
        refused = await client.post("/api/v1/invites/preview", token)
        assert (refused.status, refused.code) == (410, "link_revoked")
        assert "startsAt" not in refused.json
        assert refused.json["agencyPhone"] == house.settings.agency_phone


async def test_guesses_are_limited_and_those_who_know_are_not(house: House) -> None:
    async with house.signed_in(ANNA) as anna, house.browser() as client:
        token = token_of(await copied_link(anna))
        assert (await client.post("/api/v1/invites/preview", {"token": token[:-1]})).code == "link_incomplete"
        answers = [
            await client.post("/api/v1/invites/preview", {"token": f"{number:043}"}) for number in range(GUESSES + 1)
        ]
        assert {answer.code for answer in answers[:-1]} == {"link_unknown"}
        assert len({answer.body for answer in answers[:-1]}) == 1
        assert answers[-1].code == "too_many_requests"
        assert int(answers[-1].headers["Retry-After"]) == 600
        assert (await client.post("/api/v1/invites/exchange", {"token": "A" * 43})).code == "too_many_requests"
        assert (await client.post("/api/v1/invites/exchange", {"token": token})).status == 200
        house.clock.pass_(minutes=10)
        assert (await client.post("/api/v1/invites/preview", {"token": "A" * 43})).code == "link_unknown"


async def test_the_gates_of_an_invite(house: House) -> None:
    mail: dict[str, Any] = {"delivery": "email", "commandId": "c1"}
    async with house.signed_in(ANNA) as anna, house.signed_in(CORA) as cora, house.browser() as nobody:
        assert (await anna.post("/api/v1/visits/v3/invites", mail)).code == "not_virtual"
        assert (await anna.post("/api/v1/visits/v2/invites", mail)).code == "client_has_no_email"
        assert (await anna.get("/api/v1/visits/v2")).json["session"] is None
        assert (await anna.post("/api/v1/visits/v4/invites", mail)).code == "not_found"
        assert (await cora.post(f"{V1}/invites", mail)).code == "forbidden"
        assert (await nobody.post(f"{V1}/invites", mail)).code == "not_signed_in"
        nobody.key = await house.key("admin")
        assert (await nobody.post(f"{V1}/invites", mail)).code == "forbidden"
        first = await anna.post(f"{V1}/invites", mail)
        assert (first.status, first.json["link"], first.json["session"]["state"]) == (200, None, "invited")
        again = await anna.post(f"{V1}/invites", mail)
        assert again.json == first.json
        queued = await house.db.read(lambda unit: unit.outbox.of_visit("v1"))
        assert [one.address for one in queued] == ["rose@home.example"]


async def test_clocking(house: House) -> None:
    async with house.signed_in(ANNA) as anna:
        assert (await anna.post(f"{V1}/clock-out", {})).code == "not_clocked_in"
        house.clock.pass_(days=1)
        async with house.signed_in(ANNA) as later:
            refused = await later.post(f"{V1}/clock-in", {})
            assert (refused.code, refused.json["confirmations"]) == ("confirmation_needed", ["otherDay"])
            clocked = await later.post(f"{V1}/clock-in", {"confirm": ["otherDay"]})
            assert clocked.json["status"] == "in_progress"
            await copied_link(later)
            active = await later.post(f"{V1}/clock-out", {})
            assert active.code == "session_still_active"
            assert active.json["detail"].startswith("The video session with your client is still active.")
            out = await later.post(f"{V1}/clock-out", {"confirmActiveSession": True})
            assert (out.json["status"], out.json["session"]["state"]) == ("completed", "invited")


async def test_the_caregiver_ends_the_session_once(house: House) -> None:
    async with house.signed_in(ANNA) as anna, house.signed_in(CORA) as cora:
        end = f"{V1}/session/end"
        assert (await anna.post(end, {"commandId": "c1"})).code == "no_session"
        token = token_of(await copied_link(anna))
        assert (await cora.post(end, {"commandId": "c1"})).code == "forbidden"
        half = await anna.post(end, {"commandId": "c1", "legId": "l1"})
        assert (half.code, half.json["field"]) == ("validation_failed", "generation")
        assert (await anna.post(end, {"commandId": "c1", "legId": "l1", "generation": 1})).code == "leg_replaced"
        ended = await anna.post(end, {"commandId": "c2"})
        assert (ended.json["state"], ended.json["alreadyOver"]) == ("terminated", False)
        assert (await anna.post(end, {"commandId": "c2"})).json == ended.json
        assert (await anna.post(end, {"commandId": "c3"})).json["alreadyOver"] is True
        over = await anna.post("/api/v1/invites/preview", {"token": token})
        assert over.code == "link_over"
        kinds = [event["kind"] for event in (await cora.get(f"{V1}/events")).json["events"]]
        assert kinds.count("session_ended") == 1


async def test_farewells_and_the_clients_hang_up(house: House) -> None:
    async with house.signed_in(ANNA) as anna, house.browser() as client:
        token = {"token": token_of(await copied_link(anna))}
        await client.post("/api/v1/invites/exchange", token)
        leg = {"legId": "l1", "generation": 1}
        assert (await client.post(f"{V1}/hang-up", leg | {"commandId": "c1"})).code == "not_in_call"
        now = house.clock.now()
        await house.db.write(lambda unit: unit.sessions.put_leg("v1", Role.CLIENT, Leg("l1", 1), now))
        goodbye = leg | {"why": "closed"}
        assert (await anna.post(f"{V1}/farewell?role=client", goodbye)).code == "not_signed_in"
        assert (await client.post(f"{V1}/farewell?role=caregiver", goodbye)).code == "not_signed_in"
        assert (await client.post(f"{V1}/farewell?role=client", goodbye)).status == 204
        assert (await anna.post(f"{V1}/farewell?role=caregiver", goodbye)).status == 204
        told = [fact.data for fact in house.live.facts if fact.kind == "leg_ended"]
        assert told == [{"role": "client", "generation": 1, "why": "closed"}]


async def test_documentation_is_the_assigned_caregivers(house: House) -> None:
    path = f"{V1}/documentation"
    body = {"version": 0, "notes": "Slept well.\nAte 🍎", "tasks": [{"task": "tea", "done": False, "reason": "No tea"}]}
    async with house.signed_in(ANNA) as anna, house.signed_in(CORA) as cora, house.signed_in(BEN) as ben:
        assert (await anna.get(path)).json["version"] == 0
        saved = await anna.put(path, body)
        assert (saved.status, saved.json["version"], saved.json["savedBy"]) == (200, 1, "anna")
        assert (await cora.get(path)).json == saved.json
        assert (await cora.put(path, body | {"version": 1})).code == "forbidden"
        assert (await ben.get(path)).code == "not_found"
        stale = await anna.put(path, body | {"notes": "Other"})
        assert (stale.status, stale.code, stale.json["current"]) == (412, "stale", saved.json)
        assert (await anna.put(path, body | {"version": 1, "notes": "x" * 65536})).status == 200
        assert (await anna.put(path, body | {"version": 2, "notes": "x" * 65537})).code == "validation_failed"


async def test_tickets_of_staff(house: House) -> None:
    async with house.signed_in(ANNA) as anna, house.signed_in(ADA) as ada, house.signed_in(BEN) as ben:
        assert (await ada.post(f"{V1}/ticket")).code == "forbidden"
        assert (await ben.post(f"{V1}/ticket")).code == "not_found"
        call = house.services.tickets.take((await anna.post(f"{V1}/ticket")).json["ticket"])
        assert (call.role, call.employee, call.visit) == ("caregiver", "anna", "v1")
        assert call.sign_in is not None
        watch = house.services.tickets.take((await ada.post("/api/v1/watch-ticket")).json["ticket"])
        assert (watch.role, watch.employee, watch.visit) == ("watch", "ada", None)


async def test_the_agency_is_known_to_everybody(house: House) -> None:
    async with house.browser() as browser:
        seen = (await browser.get("/api/v1/agency")).json
        assert seen == {
            "name": house.settings.agency_name,
            "phone": house.settings.agency_phone,
            "language": "en",
            "timeZone": house.settings.agency_time_zone,
            "serverTime": "2026-03-02T12:00:00.000Z",
            "demo": True,
        }
