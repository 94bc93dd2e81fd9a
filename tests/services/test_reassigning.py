"""Another client, another caregiver, links revoked while a session exists (SPEC §5, schedule changes)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from signaling.domain.invite import Standing
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.domain.visit import Status
from signaling.errors import Code
from tests.services.house import (
    ANNA,
    BEN,
    CORA,
    HOUR,
    START,
    VISIT,
    House,
    staff,
)

LATER: dict[str, Any] = {"startsAt": START + 2 * HOUR, "endsAt": START + 3 * HOUR}


# Another client.


@pytest.mark.parametrize("state", [None, *State])
async def test_another_client(house: House, state: State | None) -> None:
    entrant = await house.bring_to(state)
    if state not in {None, State.INVITED}:
        refused = await house.refuses(Code.CONFLICT, house.put(client="emil"))
        assert refused.extra == {"field": "client"}
        return
    view = await house.put(client="emil")
    assert view.person.name == "Emil Novak"
    assert await house.state() is state
    assert "client_changed employee:cora" in await house.log()
    if entrant is not None:
        [invite] = await house.invites()
        assert invite.standing is Standing.REVOKED
        await house.refuses(Code.LINK_REVOKED, house.joining.preview(house.links.token(invite.seed)))
        await house.refuses(Code.LINK_REVOKED, house.client_joins(entrant))
        assert "links_revoked" in house.told.kinds()


async def test_the_new_client_is_invited_anew(house: House) -> None:
    await house.invite()
    view = await house.put(client="emil")
    assert view.session is not None
    assert view.session.last_invite is None, "the last invite was another person's"
    await house.invite()
    assert [mail.address for mail in await house.mails()] == ["rosa@home.example", "emil@home.example"]
    joined = await house.client_joins(await house.entrant(await house.link()))
    assert joined.own_name == "Emil Novak"
    assert (await house.log())[-1] == "client_joined client:emil"


# Another caregiver.


@pytest.mark.parametrize(
    ("clocked_in", "presence"),
    list(product([False, True], Presence)),
)
async def test_reassigned(house: House, clocked_in: bool, presence: Presence) -> None:
    if clocked_in:
        await house.clock_in()
    house.watch.seen[Role.CAREGIVER] = presence
    if clocked_in or presence in {Presence.PRESENT, Presence.UNKNOWN}:
        refused = await house.refuses(Code.CONFLICT, house.put(employee="ben"))
        assert "Clock out first" in refused.sentence
        assert refused.extra == {"field": "employee"}
    else:
        assert (await house.put(employee="ben")).assigned.name == "Ben Ross"


async def test_after_clocking_out_it_can_be_reassigned(house: House) -> None:
    token = await house.link()
    await house.clock_in()
    await house.clock_out(confirm=True)
    house.told.facts.clear()
    view = await house.put(employee="ben")
    assert (view.status, view.clocked_in_at, view.clocked_out_at) == (Status.SCHEDULED, None, None)
    assert set(house.told.facts[0].employees) == {"anna", "ben"}
    assert (await house.log())[-1] == "visit_reassigned employee:cora"
    # Links stay; the client reads the new caregiver's name.
    assert (await house.joining.preview(token)).caregiver_name == "Benny"


async def test_the_new_caregiver_clocks_in_and_joins_and_the_old_one_sees_nothing(house: House) -> None:
    await house.client_in_call()
    await house.clock_in()
    desk = (await house.caregiver_joins("desk")).leg
    await house.clock_out(confirm=True)
    house.watch.seen[Role.CAREGIVER] = Presence.LOST
    await house.put(employee="ben")

    await house.refuses(Code.NOT_FOUND, house.caregiver_joins("desk", resume=True))
    await house.refuses(Code.NOT_FOUND, house.scheduling.visit(staff(ANNA), VISIT))
    await house.refuses(Code.NOT_FOUND, house.clock_in())
    await house.refuses(Code.NOT_FOUND, house.end(leg=desk))
    await house.refuses(Code.CLOCK_IN_REQUIRED, house.caregiver_joins("phone", employee="ben"))
    await house.clock_in(who=staff(BEN))
    joined = await house.caregiver_joins("phone", employee="ben")
    assert (joined.leg.generation, joined.own_name) == (2, "Benny")
    assert (await house.end(who=staff(BEN))).state is State.TERMINATED


async def test_a_leg_is_not_inherited(house: House) -> None:
    """Two caregivers may share a tablet: the page still holds the leg of the one before."""
    await house.link()
    await house.clock_in()
    await house.caregiver_joins("tablet")
    await house.clock_out(confirm=True)
    house.watch.seen[Role.CAREGIVER] = Presence.LOST
    await house.put(employee="ben")
    await house.refuses(Code.CLOCK_IN_REQUIRED, house.caregiver_joins("tablet", employee="ben", resume=True))
    await house.clock_in(who=staff(BEN))
    joined = await house.caregiver_joins("tablet", employee="ben", resume=True)
    assert (joined.resumed, joined.leg) == (False, Leg("tablet", 2))


# Revoked.


async def test_revoked_links_admit_nobody_not_even_who_was_in(house: House) -> None:
    token = await house.link()
    secret, _ = await house.joining.exchange(token)
    entrant = await house.entrant(token)
    await house.client_joins(entrant)
    house.told.facts.clear()
    await house.scheduling.revoke_links(staff(CORA), VISIT)

    assert house.told.kinds() == ["links_revoked", "visit_changed"]
    assert (await house.log())[-1] == "links_revoked employee:cora"
    assert await house.state() is State.JOINED
    assert await house.leg(Role.CLIENT) == Leg("phone", 1, Presence.CLOSED)
    assert await house.joining.client_pass(secret) is None
    await house.refuses(Code.LINK_REVOKED, house.joining.preview(token))
    # With a ticket that was fetched a moment before.
    await house.refuses(Code.LINK_REVOKED, house.client_joins(entrant, resume=True))
    await house.refuses(Code.LINK_REVOKED, house.client_joins(entrant, "tablet"))


async def test_after_revoking_a_new_link_admits(house: House) -> None:
    await house.client_in_call()
    await house.scheduling.revoke_links(staff(CORA), VISIT)
    await house.client_joins(await house.entrant(await house.link()))


async def test_revoking_again_changes_nothing(house: House) -> None:
    await house.changes_nothing(house.scheduling.revoke_links(staff(CORA), VISIT))
    await house.link()
    await house.scheduling.revoke_links(staff(CORA), VISIT)
    await house.changes_nothing(house.scheduling.revoke_links(staff(CORA), VISIT))


# Several at once, and who is told nothing.


async def test_a_refused_part_refuses_the_whole_change(house: House) -> None:
    await house.client_in_call()
    await house.refuses(Code.CONFLICT, house.put(client="emil", **LATER))
    house.watch.seen[Role.CAREGIVER] = Presence.PRESENT
    await house.refuses(Code.CONFLICT, house.put(employee="ben", **LATER))


async def test_all_at_once_while_invited(house: House) -> None:
    token = await house.link()
    await house.put(client="emil", employee="ben", **LATER)
    await house.refuses(Code.LINK_REVOKED, house.joining.preview(token))
    assert {"visit_moved", "client_changed", "visit_reassigned", "links_revoked"} <= {
        line.split()[0] for line in await house.log()
    }
