"""What a link shows, admits and refuses, and with which words (SPEC §6)."""

from __future__ import annotations

import pytest

from signaling.domain.session import State
from signaling.errors import MEANINGS, Code
from signaling.protocol.resources import ClientPut
from signaling.services.tokens import Links, digest
from tests.services.house import ADMIN_KEY, CORA, DAY, HOUR, ROSA, SECOND, START, VISIT, House, at_once, staff

ABOUT = {"agencyName": "Sunrise Care", "agencyPhone": "+1 555 0199"}


async def refused_everywhere(house: House, token: str, code: Code) -> dict[str, object]:
    """What both requests are refused with."""
    first = await house.refuses(code, house.joining.preview(token))
    second = await house.refuses(code, house.joining.exchange(token))
    assert first.extra == second.extra
    assert first.sentence == MEANINGS[code].sentence
    return first.extra


async def test_the_preview_says_who_and_when_and_changes_nothing(house: House) -> None:
    token = await house.link()
    house.told.facts.clear()
    view = await house.changes_nothing(house.joining.preview(token))
    assert (view.visit_id, view.agency_name, view.agency_phone) == (VISIT, "Sunrise Care", "+1 555 0199")
    assert (view.caregiver_name, view.language) == ("Anna", ROSA.language)
    assert (view.starts_at, view.ends_at) == ("2026-03-02T14:00:00.000Z", "2026-03-02T15:00:00.000Z")
    assert (view.time_zone, view.server_time) == ("Europe/Paris", "2026-03-02T13:30:00.000Z")


async def test_neither_preview_nor_exchange_is_a_join(house: House) -> None:
    token = await house.link()
    rev = await house.rev()
    house.told.facts.clear()
    for _ in range(3):
        await house.joining.preview(token)
        await house.joining.exchange(token)
    assert (await house.state(), await house.rev()) == (State.INVITED, rev)
    assert house.told.facts == []
    assert await house.log() == ["link_copied employee:anna"]


async def test_a_link_is_exchanged_as_often_as_needed_for_another_cookie_each_time(house: House) -> None:
    token = await house.link()
    answers = await at_once(*(house.joining.exchange(token) for _ in range(3)))
    secrets = {secret for secret, _ in answers}
    assert len(secrets) == 3
    for secret in secrets:
        found = await house.joining.client_pass(secret)
        assert found is not None
        assert found.visit == VISIT
        assert all(secret not in line for line in house.dump())


@pytest.mark.parametrize("secret", ["", "x", "0" * 64])
async def test_an_unknown_cookie_is_nobodys(house: House, secret: str) -> None:
    await house.link()
    assert await house.joining.client_pass(secret) is None


@pytest.mark.parametrize("token", ["", "A", "A" * 42, "A" * 44, "ü" * 43])
async def test_incomplete(house: House, token: str) -> None:
    await house.link()
    assert await refused_everywhere(house, token, Code.LINK_INCOMPLETE) == ABOUT


async def test_unknown_ones_are_all_answered_alike(house: House) -> None:
    token = await house.link()
    other = ("B" if token[0] == "A" else "A") + token[1:]
    foreign = Links(b"other" * 8, "https://visits.example").token((await house.invites())[0].seed)
    for unknown in ("A" * 43, other, foreign):
        assert await refused_everywhere(house, unknown, Code.LINK_UNKNOWN) == ABOUT


async def test_too_early_says_when(house: House) -> None:
    house.clock.time = START - HOUR - SECOND
    token = await house.link()
    told = await refused_everywhere(house, token, Code.LINK_TOO_EARLY)
    assert told["opensAt"] == "2026-03-02T13:00:00.000Z"
    assert told.items() >= ABOUT.items()
    house.clock.forward(SECOND)
    await house.joining.exchange(token)


async def test_the_clock_in_opens_the_link(house: House) -> None:
    house.clock.time = START - 3 * HOUR
    token = await house.link()
    await refused_everywhere(house, token, Code.LINK_TOO_EARLY)
    await house.clock_in()
    await house.joining.exchange(token)


async def test_expired(house: House) -> None:
    token = await house.link()
    house.clock.time = START + HOUR + DAY - SECOND
    await house.joining.exchange(token)
    house.clock.forward(SECOND)
    await refused_everywhere(house, token, Code.LINK_EXPIRED)


async def test_a_link_made_late_lives_a_day(house: House) -> None:
    house.clock.time = START + 3 * DAY
    token = await house.link()
    house.clock.forward(DAY - SECOND)
    await house.joining.exchange(token)
    house.clock.forward(SECOND)
    await refused_everywhere(house, token, Code.LINK_EXPIRED)


async def test_over(house: House) -> None:
    token = await house.link()
    await house.end()
    told = await refused_everywhere(house, token, Code.LINK_OVER)
    assert told["caregiverName"] == "Anna"


async def test_moved_says_the_new_time(house: House) -> None:
    token = await house.link()
    await house.put(startsAt=START + HOUR, endsAt=START + 2 * HOUR)
    told = await refused_everywhere(house, token, Code.LINK_MOVED)
    assert MEANINGS[Code.LINK_MOVED].sentence.endswith("Your agency will send you a new mail.")
    assert (told["startsAt"], told["timeZone"]) == ("2026-03-02T15:00:00.000Z", "Europe/Paris")
    assert (told["language"], told["caregiverName"]) == (ROSA.language, "Anna")
    assert told.items() >= ABOUT.items()


async def test_cancelled(house: House) -> None:
    token = await house.link()
    await house.scheduling.cancel(staff(CORA), VISIT)
    told = await refused_everywhere(house, token, Code.LINK_CANCELLED)
    assert told["startsAt"] == "2026-03-02T14:00:00.000Z"


async def change_email(house: House, email: str | None) -> None:
    body = ClientPut(name=ROSA.name, language=ROSA.language, phone=ROSA.phone, email=email)
    await house.registers.put_client(staff(CORA), ROSA.id, body)


async def test_replaced_shows_the_agency_only(house: House) -> None:
    token = await house.link()
    await change_email(house, "new@home.example")
    assert await refused_everywhere(house, token, Code.LINK_REPLACED) == ABOUT


async def test_revoked_shows_the_agency_only_and_takes_the_cookie_along(house: House) -> None:
    token = await house.link()
    secret, _ = await house.joining.exchange(token)
    assert await house.joining.client_pass(secret) is not None
    await house.scheduling.revoke_links(staff(CORA), VISIT)
    assert await refused_everywhere(house, token, Code.LINK_REVOKED) == ABOUT
    assert await house.joining.client_pass(secret) is None


async def test_a_moved_link_is_replaced_too(house: House) -> None:
    """The old address reads the new time no more."""
    token = await house.link()
    await house.put(startsAt=START + HOUR, endsAt=START + 2 * HOUR)
    await change_email(house, "new@home.example")
    assert await refused_everywhere(house, token, Code.LINK_REPLACED) == ABOUT


async def test_moved_and_replaced_links_can_be_revoked(house: House) -> None:
    moved = await house.link()
    await house.put(startsAt=START + HOUR, endsAt=START + 2 * HOUR)
    replaced = await house.link()
    await change_email(house, "new@home.example")
    live = await house.link()
    await house.scheduling.revoke_links(ADMIN_KEY, VISIT)
    for token in (moved, replaced, live):
        await refused_everywhere(house, token, Code.LINK_REVOKED)


def test_tokens_have_256_bits_and_depend_on_key_and_seed() -> None:
    links = Links(b"k" * 32, "https://visits.example")
    first, second = links.token(bytes(32)), links.token(bytes(31) + b"\1")
    other = Links(b"l" * 32, "https://visits.example").token(bytes(32))
    assert len({first, second, other}) == 3
    assert {len(token) for token in (first, second, other)} == {43}
    assert links.token(bytes(32)) == first
    assert len(digest(first)) == 32
