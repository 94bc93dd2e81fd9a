"""Notes and tasks: saved in versions, nothing newer overwritten unseen (SPEC §4)."""

from __future__ import annotations

from typing import Any

import pytest

from signaling.domain.session import State
from signaling.errors import Code
from signaling.protocol import codec
from signaling.protocol.resources import TaskOutcomePut
from signaling.services.asker import Asker
from tests.services.house import ADAM, ADMIN_KEY, ANNA, BEN, CORA, SCHEDULE_KEY, VISIT, House, at_once, staff

TASKS = [{"id": "t1", "title": "Pulse"}, {"id": "t2", "title": "Tea"}]
DONE = TaskOutcomePut(task="t1", done=True)
NOT_DONE = TaskOutcomePut(task="t2", done=False, reason="No tea in the house")


async def read(house: House, who: Asker | None = None) -> Any:
    return await house.documenting.documentation(who or staff(ANNA), VISIT)


async def test_before_the_first_save(house: House) -> None:
    view = await read(house)
    assert (view.version, view.notes, view.tasks, view.saved_at, view.saved_by) == (0, "", [], None, None)


async def test_saved_is_saved(house: House) -> None:
    await house.put(tasks=TASKS)
    saved = await house.document(0, "Slept well.\nAte little.", DONE, NOT_DONE)
    assert (saved.version, saved.notes, saved.tasks) == (1, "Slept well.\nAte little.", [DONE, NOT_DONE])
    assert (saved.saved_at, saved.saved_by) == ("2026-03-02T13:30:00.000Z", "anna")
    assert await read(house) == saved
    assert (await house.document(1, "Slept well.")).version == 2


async def test_over_an_older_version_is_stale_and_shows_the_present_one(house: House) -> None:
    await house.document(0, "one")
    current = await house.document(1, "two")
    for version in (0, 1, 3):
        refused = await house.refuses(Code.STALE, house.document(version, "mine"))
        assert refused.extra == {"current": codec.plain(current)}


async def test_a_repeat_whose_answer_was_lost_is_answered(house: House) -> None:
    first = await house.document(0, "one")
    assert await house.changes_nothing(house.document(0, "one")) == first
    assert await house.changes_nothing(house.document(1, "one")) == first
    # The same text over something that was never the version before it is no repeat.
    await house.document(1, "two")
    await house.document(2, "one")
    await house.refuses(Code.STALE, house.document(0, "one"))


async def test_a_repeat_with_other_line_ends_is_a_repeat(house: House) -> None:
    first = await house.document(0, "one\r\ntwo")
    assert first.notes == "one\ntwo"
    assert await house.changes_nothing(house.document(0, "one\r\ntwo")) == first


async def test_two_pages_at_once_one_is_stale(house: House) -> None:
    answers = await at_once(house.document(0, "here"), house.document(0, "there"))
    assert [getattr(answer, "code", None) for answer in answers] == [None, Code.STALE]
    assert (await read(house)).notes == "here"


@pytest.mark.parametrize("state", [None, *State])
async def test_before_during_and_after_the_call(house: House, state: State | None) -> None:
    if state is not None:
        await house.link()
    if state is State.TERMINATED:
        await house.end()
    assert (await house.document(0, "notes")).version == 1
    assert (await house.visit()).status.value == "scheduled"


async def test_earlier_versions_are_kept(house: House) -> None:
    await house.document(0, "first thoughts")
    await house.document(1, "second thoughts")
    assert any("first thoughts" in line for line in house.dump())


@pytest.mark.parametrize(
    ("who", "reads", "saves"),
    [
        (staff(ANNA), None, None),
        (staff(BEN), Code.NOT_FOUND, Code.NOT_FOUND),
        (staff(CORA), None, Code.FORBIDDEN),
        (staff(ADAM), None, Code.FORBIDDEN),
        (SCHEDULE_KEY, Code.FORBIDDEN, Code.FORBIDDEN),
        (ADMIN_KEY, Code.FORBIDDEN, Code.FORBIDDEN),
    ],
)
async def test_who_reads_and_who_saves(house: House, who: Asker, reads: Code | None, saves: Code | None) -> None:
    if reads is None:
        assert (await read(house, who)).version == 0
    else:
        await house.refuses(reads, read(house, who))
    if saves is None:
        assert (await house.document(0, "notes", who=who)).version == 1
    else:
        await house.refuses(saves, house.document(0, "notes", who=who))


async def test_after_reassignment_it_is_the_new_caregivers(house: House) -> None:
    await house.document(0, "by Anna")
    await house.put(employee="ben")
    await house.refuses(Code.NOT_FOUND, house.document(1, "more"))
    saved = await house.document(1, "by Anna and Ben", who=staff(BEN))
    assert saved.saved_by == "ben"


@pytest.mark.parametrize(
    "tasks",
    [
        [TaskOutcomePut(task="t9", done=True)],
        [DONE, TaskOutcomePut(task="t1", done=False)],
        [DONE, NOT_DONE, TaskOutcomePut(task="other", done=None)],
    ],
)
async def test_only_tasks_of_the_visit_each_once(house: House, tasks: list[TaskOutcomePut]) -> None:
    await house.put(tasks=TASKS)
    refused = await house.refuses(Code.VALIDATION_FAILED, house.document(0, "", *tasks))
    assert refused.extra == {"field": "tasks"}


@pytest.mark.parametrize("notes", ["x" * (64 * 1024 + 1), "a\x00b", "\ud800"])
async def test_notes_are_checked(house: House, notes: str) -> None:
    refused = await house.refuses(Code.VALIDATION_FAILED, house.document(0, notes))
    assert refused.extra == {"field": "notes"}


async def test_reasons_are_checked(house: House) -> None:
    await house.put(tasks=TASKS)
    bad = TaskOutcomePut(task="t1", done=False, reason="a\x00b")
    await house.refuses(Code.VALIDATION_FAILED, house.document(0, "", bad))


async def test_64_kilobytes_are_saved(house: House) -> None:
    assert len((await house.document(0, "é" * (32 * 1024))).notes) == 32 * 1024


async def test_a_visit_that_is_not_there(house: House) -> None:
    await house.refuses(Code.NOT_FOUND, house.documenting.documentation(staff(ANNA), "unknown"))
