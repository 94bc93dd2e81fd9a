"""Clocking in and out, and what it leaves alone (SPEC §4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from signaling.domain.session import State
from signaling.domain.visit import Status
from signaling.errors import Code
from signaling.services.asker import Asker
from tests.services.house import (
    ADAM,
    ADMIN_KEY,
    BEN,
    CORA,
    DAY,
    HOUR,
    NOW,
    SCHEDULE_KEY,
    START,
    House,
    at_once,
    staff,
)

STILL_ACTIVE = (
    "The video session with your client is still active. Clocking out will not close the video session so make sure"
    " you hang up on the video session as well. Would you like to clock out anyway?"
)


async def test_clocking_in_records_the_time(house: House) -> None:
    view = await house.clock_in()
    assert (view.status, view.clocked_in_at) == (Status.IN_PROGRESS, "2026-03-02T13:30:00.000Z")
    assert (await house.visit()).clocked_in_at == NOW
    assert await house.log() == ["clocked_in employee:anna"]
    assert house.told.kinds() == ["visit_changed"]


async def test_again_while_clocked_in_changes_nothing(house: House) -> None:
    await house.clock_in()
    house.clock.forward(HOUR)
    view = await house.changes_nothing(house.clock_in())
    assert view.clocked_in_at == "2026-03-02T13:30:00.000Z"


async def test_two_at_once_clock_in_once(house: House) -> None:
    first, second = await at_once(house.clock_in(), house.clock_in())
    assert first == second
    assert await house.log() == ["clocked_in employee:anna"]


# The visit is on 2 March in Paris; midnight there is 23:00 UTC.
@pytest.mark.parametrize(
    ("now", "asks"),
    [
        (datetime(2026, 3, 1, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 1, 23, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 22, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 23, tzinfo=UTC), True),
    ],
)
async def test_a_visit_of_another_day_asks_first(house: House, now: datetime, asks: bool) -> None:
    house.clock.time = now
    if asks:
        refused = await house.refuses(Code.CONFIRMATION_NEEDED, house.clock_in())
        assert refused.extra == {"confirmations": ["otherDay"]}
        await house.refuses(Code.CONFIRMATION_NEEDED, house.clock_in("again"))
    await house.clock_in(*(["otherDay"] if asks else []))
    assert (await house.visit()).clocked_in_at == now


async def test_again_after_clocking_out_asks_first(house: House) -> None:
    await house.clock_in()
    await house.clock_out()
    house.clock.forward(HOUR)
    refused = await house.refuses(Code.CONFIRMATION_NEEDED, house.clock_in())
    assert refused.extra == {"confirmations": ["again"]}
    await house.refuses(Code.CONFIRMATION_NEEDED, house.clock_in("otherDay"))
    view = await house.clock_in("again")
    assert (view.status, view.clocked_in_at, view.clocked_out_at) == (
        Status.IN_PROGRESS,
        "2026-03-02T14:30:00.000Z",
        None,
    )
    assert await house.log() == [f"clocked_{way} employee:anna" for way in ("in", "out", "in")]


@pytest.mark.parametrize("confirm", [(), ("otherDay",), ("again",)])
async def test_both_questions_are_asked_at_once(house: House, confirm: tuple[Any, ...]) -> None:
    await house.clock_in()
    await house.clock_out()
    house.clock.forward(DAY)
    refused = await house.refuses(Code.CONFIRMATION_NEEDED, house.clock_in(*confirm))
    assert refused.extra["confirmations"] == [word for word in ("otherDay", "again") if word not in confirm]
    await house.clock_in("otherDay", "again")


async def test_nobody_clocks_in_to_a_cancelled_visit(house: House) -> None:
    await house.scheduling.cancel(staff(CORA), "v1")
    await house.refuses(Code.VISIT_CANCELLED, house.clock_in())


async def test_clocking_out(house: House) -> None:
    await house.clock_in()
    house.clock.forward(HOUR)
    view = await house.clock_out()
    assert (view.status, view.clocked_out_at) == (Status.COMPLETED, "2026-03-02T14:30:00.000Z")
    house.clock.forward(HOUR)
    assert (await house.changes_nothing(house.clock_out())).clocked_out_at == "2026-03-02T14:30:00.000Z"


async def test_nobody_clocks_out_who_never_clocked_in(house: House) -> None:
    await house.refuses(Code.NOT_CLOCKED_IN, house.clock_out())
    await house.refuses(Code.NOT_CLOCKED_IN, house.clock_out(confirm=True))


@pytest.mark.parametrize("state", [State.INVITED, State.JOINED, State.CLIENT_HUNG_UP])
async def test_while_the_session_is_active_it_asks_first_and_leaves_the_session(house: House, state: State) -> None:
    await house.clock_in()
    await house.bring_to(state)
    refused = await house.refuses(Code.SESSION_STILL_ACTIVE, house.clock_out())
    assert refused.sentence == STILL_ACTIVE
    assert (await house.clock_out(confirm=True)).status is Status.COMPLETED
    assert await house.state() is state
    # A retry of the same is answered without another question.
    await house.changes_nothing(house.clock_out())


@pytest.mark.parametrize("state", [None, State.TERMINATED])
async def test_without_an_active_session_it_asks_nothing(house: House, state: State | None) -> None:
    await house.clock_in()
    await house.bring_to(state)
    assert (await house.clock_out()).status is Status.COMPLETED
    assert await house.state() is state


@pytest.mark.parametrize("who", [staff(CORA), staff(ADAM)])
async def test_the_office_clocks_a_caregiver_out_but_not_in(house: House, who: Asker) -> None:
    await house.refuses(Code.FORBIDDEN, house.clock_in(who=who))
    await house.clock_in()
    await house.bring_to(State.INVITED)
    await house.refuses(Code.SESSION_STILL_ACTIVE, house.clock_out(who=who))
    await house.clock_out(confirm=True, who=who)
    assert (await house.log())[-1] == f"clocked_out {who.actor}"
    assert house.told.facts[-1].employees == ("anna",)


@pytest.mark.parametrize(("who", "code"), [(staff(BEN), Code.NOT_FOUND), (SCHEDULE_KEY, Code.FORBIDDEN)])
async def test_others_clock_nobody(house: House, who: Asker, code: Code) -> None:
    await house.clock_in()
    await house.refuses(code, house.clock_in(who=who))
    await house.refuses(code, house.clock_out(who=who))


async def test_an_admin_key_clocks_nobody_either(house: House) -> None:
    await house.refuses(Code.FORBIDDEN, house.clock_in(who=ADMIN_KEY))
    await house.refuses(Code.FORBIDDEN, house.clock_out(who=ADMIN_KEY))


async def test_a_visit_over_midnight_belongs_to_both_days(house: House) -> None:
    await house.put(startsAt=START + timedelta(hours=8), endsAt=START + timedelta(hours=10))
    house.clock.time = datetime(2026, 3, 3, 22, 59, tzinfo=UTC)
    await house.clock_in()
