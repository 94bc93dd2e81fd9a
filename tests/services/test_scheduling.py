"""Upserting, reading and listing visits, and their log (SPEC §2, §9; DESIGN §5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from signaling.domain.presence import Presence
from signaling.domain.session import Role
from signaling.domain.visit import Status
from signaling.errors import Code
from signaling.protocol.resources import ServiceCodePut, TaskOutcomePut
from signaling.services.asker import Asker
from tests.services.house import (
    ADAM,
    ADMIN_KEY,
    ANNA,
    BEN,
    CORA,
    DAY,
    HOUR,
    SCHEDULE_KEY,
    START,
    VISIT,
    House,
    at_once,
    staff,
)

TASKS = [{"id": "t1", "title": "Pulse"}, {"id": "t2", "title": "Tea"}]


async def put_new(house: House, id: str, who: Asker = SCHEDULE_KEY, **changed: Any) -> Any:
    return await house.scheduling.put_visit(who, id, await house.body(**changed))


@pytest.mark.parametrize("who", [staff(CORA), staff(ADAM), SCHEDULE_KEY, ADMIN_KEY])
async def test_a_new_visit(house: House, who: Asker) -> None:
    saved = await put_new(house, "v2", who, tasks=TASKS)
    assert (saved.created, saved.rev, saved.view.id) == (True, 1, "v2")
    assert saved.view.status is Status.SCHEDULED
    assert saved.view.session is None
    assert [task.title for task in saved.view.tasks] == ["Pulse", "Tea"]
    assert [(fact.kind, fact.visit, fact.employees) for fact in house.told.facts] == [
        ("visit_changed", "v2", ("anna",))
    ]


@pytest.mark.parametrize("who", [staff(ANNA), staff(BEN)])
async def test_caregivers_edit_nothing_not_even_their_own(house: House, who: Asker) -> None:
    await house.refuses(Code.FORBIDDEN, house.put(who=who, endsAt=START + 2 * HOUR))
    await house.refuses(Code.FORBIDDEN, put_new(house, "v2", who))


async def test_a_repeated_put_changes_nothing(house: House) -> None:
    first = await put_new(house, "v2", tasks=TASKS)
    again = await house.changes_nothing(put_new(house, "v2", tasks=TASKS))
    assert (again.rev, again.created, again.view) == (first.rev, False, first.view)


async def test_the_same_moment_written_otherwise_is_no_change(house: House) -> None:
    await house.changes_nothing(house.put(startsAt="2026-03-02T15:00:00+01:00", endsAt="2026-03-02T10:00:00-05:00"))


async def test_a_field_left_out_is_removed(house: House) -> None:
    await house.put(tasks=TASKS)
    await house.put(tasks=[])
    assert (await house.visit()).tasks == ()


async def test_if_match(house: House) -> None:
    body = await house.body(endsAt=START + 2 * HOUR)
    saved = await house.scheduling.put_visit(staff(CORA), VISIT, body, 1)
    assert saved.rev == 2
    for stale in (1, 3, 0):
        await house.refuses(Code.STALE, house.scheduling.put_visit(staff(CORA), VISIT, body, stale))
    assert (await house.scheduling.put_visit(staff(CORA), VISIT, body, 2)).rev == 2
    await house.refuses(Code.STALE, house.scheduling.put_visit(staff(CORA), "v2", body, 1))


async def test_two_editors_at_once_one_is_stale(house: House) -> None:
    longer, shorter = await house.body(endsAt=START + 2 * HOUR), await house.body(endsAt=START + HOUR / 2)
    answers = await at_once(
        house.scheduling.put_visit(staff(CORA), VISIT, longer, 1),
        house.scheduling.put_visit(staff(ADAM), VISIT, shorter, 1),
    )
    assert [getattr(answer, "code", None) for answer in answers] == [None, Code.STALE]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("serviceCode", "unknown"),
        ("employee", "unknown"),
        ("client", "unknown"),
        ("startsAt", "2026-03-02T14:00:00"),
        ("startsAt", "soon"),
        ("endsAt", "2026-03-02"),
        ("endsAt", START),
        ("endsAt", START - HOUR),
        ("endsAt", START + timedelta(hours=24, seconds=1)),
        ("timeZone", "Paris"),
        ("tasks", [{"id": "t1", "title": "a"}, {"id": "t1", "title": "b"}]),
        ("tasks", [{"id": "t1", "title": "a\u202eb"}]),
    ],
)
async def test_what_is_not_right_is_named(house: House, field: str, value: Any) -> None:
    refused = await house.refuses(Code.VALIDATION_FAILED, house.put(**{field: value}))
    assert refused.extra == {"field": field}
    assert refused.sentence.startswith(field)


@pytest.mark.parametrize("id", ["", ".", "..", "a/b", "x" * 65, "é"])
async def test_an_id_that_is_none(house: House, id: str) -> None:
    refused = await house.refuses(Code.VALIDATION_FAILED, put_new(house, id))
    assert refused.extra == {"field": "id"}


async def test_24_hours_are_allowed(house: House) -> None:
    assert (await house.put(endsAt=START + DAY)).ends_at == "2026-03-03T14:00:00.000Z"


# Documented tasks.


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        (TaskOutcomePut(task="t1", done=True), True),
        (TaskOutcomePut(task="t1", done=False, reason="asleep"), True),
        (TaskOutcomePut(task="t1", done=None, reason="perhaps"), True),
        (TaskOutcomePut(task="t1", done=None), False),
    ],
)
async def test_a_documented_task_is_never_dropped(house: House, outcome: TaskOutcomePut, kept: bool) -> None:
    await house.put(tasks=TASKS)
    await house.document(0, "", outcome)
    # Undocumented ones may go, documented ones may be renamed.
    await house.put(tasks=[{"id": "t1", "title": "Pulse and pressure"}])
    if kept:
        refused = await house.refuses(Code.CONFLICT, house.put(tasks=[]))
        assert refused.extra == {"field": "tasks"}
        await house.refuses(Code.CONFLICT, house.put(tasks=[TASKS[1]]))
    else:
        await house.put(tasks=[])


# Reading.


async def test_reading_one(house: House) -> None:
    for who in (staff(ANNA), staff(CORA), staff(ADAM), SCHEDULE_KEY, ADMIN_KEY):
        assert (await house.scheduling.visit(who, VISIT)).view.person.phone == "+1 555 0100"
    await house.refuses(Code.NOT_FOUND, house.scheduling.visit(staff(BEN), VISIT))
    await house.refuses(Code.NOT_FOUND, house.scheduling.visit(staff(CORA), "unknown"))


async def three_visits(house: House) -> None:
    await put_new(house, "v0", startsAt=START - HOUR, endsAt=START)
    await put_new(house, "v2", startsAt=START + HOUR, endsAt=START + 2 * HOUR, employee="ben")


async def listed(house: House, who: Asker, start: Any = START - DAY, end: Any = START + DAY, **more: Any) -> list[str]:
    return [view.id for view in await house.scheduling.visits(who, start, end, **more)]


async def test_caregivers_list_their_own_oldest_first(house: House) -> None:
    await three_visits(house)
    assert await listed(house, staff(ANNA)) == ["v0", "v1"]
    assert await listed(house, staff(BEN)) == ["v2"]
    assert await listed(house, staff(BEN), employee="ben") == ["v2"]
    await house.refuses(Code.FORBIDDEN, listed(house, staff(BEN), employee="anna"))


@pytest.mark.parametrize("who", [staff(CORA), staff(ADAM), SCHEDULE_KEY, ADMIN_KEY])
async def test_the_office_and_keys_list_all(house: House, who: Asker) -> None:
    await three_visits(house)
    assert await listed(house, who) == ["v0", "v1", "v2"]
    assert await listed(house, who, employee="anna") == ["v0", "v1"]


async def test_clients_list_nothing(house: House) -> None:
    entrant = await house.client_in_call()
    client = Asker(client_pass=entrant.client_pass)
    await house.refuses(Code.FORBIDDEN, listed(house, client))
    await house.refuses(Code.NOT_FOUND, house.scheduling.visit(client, VISIT))


async def test_a_list_is_of_what_overlaps(house: House) -> None:
    await three_visits(house)
    assert await listed(house, staff(CORA), START, START + HOUR) == ["v1"]
    assert await listed(house, staff(CORA), START + HOUR / 2, START + HOUR + timedelta(seconds=1)) == ["v1", "v2"]


@pytest.mark.parametrize("span", [timedelta(0), -HOUR, timedelta(days=62, seconds=1)])
async def test_a_list_of_a_span_that_is_none(house: House, span: timedelta) -> None:
    await house.refuses(Code.VALIDATION_FAILED, listed(house, staff(CORA), START, START + span))
    assert await listed(house, staff(CORA), START, START + timedelta(days=62)) == ["v1"]


async def test_who_reads_the_log(house: House) -> None:
    await house.clock_in()
    for who in (staff(CORA), staff(ADAM), SCHEDULE_KEY, ADMIN_KEY):
        [event] = await house.scheduling.events(who, VISIT)
        assert (event.seq, event.kind, event.actor) == (1, "clocked_in", "employee:anna")
        assert event.at == "2026-03-02T13:30:00.000Z"
    await house.refuses(Code.FORBIDDEN, house.scheduling.events(staff(ANNA), VISIT))
    await house.refuses(Code.NOT_FOUND, house.scheduling.events(staff(BEN), VISIT))


async def test_the_log_says_who_from_whom_to_whom(house: House) -> None:
    await house.put(employee="ben", who=ADMIN_KEY)
    [event] = await house.scheduling.events(staff(CORA), VISIT)
    assert (event.kind, event.actor, event.data) == ("visit_reassigned", "key:k2", {"from": "anna", "to": "ben"})


# What the pages offer.


async def offered(house: House, who: Asker) -> set[str]:
    return set((await house.scheduling.visit(who, VISIT)).view.actions)


async def test_actions_follow_the_visit(house: House) -> None:
    anna, cora = staff(ANNA), staff(CORA)
    office = {"edit", "cancel"}
    assert await offered(house, anna) == {"invite", "copy_link", "clock_in", "document"}
    assert await offered(house, cora) == office
    await house.client_in_call()
    assert await offered(house, anna) == {"invite", "copy_link", "clock_in", "end_session", "document"}
    assert await offered(house, cora) == office | {"revoke_links"}
    await house.clock_in()
    assert await offered(house, anna) == {"invite", "copy_link", "clock_out", "join", "end_session", "document"}
    assert await offered(house, cora) == office | {"revoke_links", "clock_out"}
    await house.end()
    assert await offered(house, anna) == {"clock_out", "document"}
    await house.clock_out()
    await house.scheduling.cancel(cora, VISIT)
    assert await offered(house, anna) == {"document"}
    assert await offered(house, cora) == set()


async def test_an_assigned_coordinator_is_offered_both(house: House) -> None:
    await house.put(employee="cora")
    assert await offered(house, staff(CORA)) == {"invite", "copy_link", "clock_in", "document", "edit", "cancel"}


async def test_an_ordinary_visit_has_no_video_actions(house: House) -> None:
    assert (await house.scheduling.visit(staff(ANNA), VISIT)).view.video_actions
    without = staff(ANNA, may_initiate_virtual_visits=False)
    assert not (await house.scheduling.visit(without, VISIT)).view.video_actions
    body = ServiceCodePut(name="Nursing", allows_virtual_care=False)
    await house.registers.put_service_code(ADMIN_KEY, "nursing", body)
    assert not (await house.scheduling.visit(staff(ANNA), VISIT)).view.video_actions


async def test_a_session_that_exists_keeps_its_video_actions(house: House) -> None:
    await house.link()
    without = staff(ANNA, may_initiate_virtual_visits=False)
    view = (await house.scheduling.visit(without, VISIT)).view
    assert (view.video_actions, view.invite_refusal) == (True, "forbidden")


@pytest.mark.parametrize("there", Presence)
async def test_who_is_in_the_call_now(house: House, there: Presence) -> None:
    house.watch.seen = {Role.CAREGIVER: there, Role.CLIENT: there}
    view = (await house.scheduling.visit(staff(ANNA), VISIT)).view
    assert (view.caregiver_in_call, view.client_presence) == (there is Presence.PRESENT, there.value)
