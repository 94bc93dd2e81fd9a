"""Every Nth write, sync or open fails, N = 1 … until none does any more: refused, never half kept, healed at once."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from signaling.errors import Code, Refused
from storage import DatabaseUnusable
from storage.database import open_database
from tests.faults.figures import Figures
from tests.faults.killing import is_sound
from tests.faults.vfs import CANTOPEN, FULL, IOERR_FSYNC, IOERR_TRUNCATE, IOERR_WRITE, FaultyVfs
from tests.storage import agency
from tests.storage.writer_process import append

KINDS = {"write": ("write", "truncate"), "sync": ("sync",), "open": ("open",)}
TOGETHER = 4
EACH = 6
HEALED_WITHIN = 1.0


class EveryNth:
    """Every `n`th call of a kind fails; with `reopening` every third sync too, so that files are opened anew."""

    def __init__(self, kind: str, n: int, dice: random.Random, *, reopening: bool = False) -> None:
        self._kind, self._n, self._dice, self._reopening = kind, n, dice, reopening
        self._calls = 0
        self._syncs = 0
        self.failed = 0

    def __call__(self, kind: str) -> int | None:
        if self._reopening and kind == "sync":
            self._syncs += 1
            return IOERR_FSYNC if self._syncs % 3 == 0 else None
        if kind not in KINDS[self._kind]:
            return None
        self._calls += 1
        if self._calls % self._n:
            return None
        self.failed += 1
        disk = self._dice.choice((IOERR_WRITE, FULL))
        return {"write": disk, "truncate": IOERR_TRUNCATE, "sync": IOERR_FSYNC, "open": CANTOPEN}[kind]


@dataclass
class Run:
    """What one N did. Healing in seconds."""

    failed: int = 0
    refused: int = 0
    started: bool = True
    kept: set[int] = field(default_factory=set)
    lost: int = 0
    # Refused, and there all the same.
    there: int = 0
    sound: bool = True
    healed: float = 0.0


async def work(path: Path, vfs: FaultyVfs, fault: EveryNth, run: Run, *, early: bool) -> None:
    """Let a few writers append events while the storage fails, and then let it work again."""
    async with open_database(path, wait=0) as database:
        vfs.fault = fault
        writer = database._writer
        assert writer is not None
        await writer.run(lambda raw, _: raw.execute("PRAGMA wal_autocheckpoint = 8").fetchall())

        async def write(first: int) -> None:
            for number in range(first, first + EACH):
                if early:
                    run.kept.add(number)
                try:
                    await database.write(append(number, "x" * 3000))
                    run.kept.add(number)
                except Refused as refusal:
                    run.refused += refusal.code is Code.UNAVAILABLE

        async with asyncio.timeout(30):
            await asyncio.gather(*(write(n * EACH) for n in range(TOGETHER)))
        vfs.fault = lambda kind: None
        mended = time.perf_counter()
        await database.ready()
        run.healed = time.perf_counter() - mended


async def suffer(path: Path, vfs: FaultyVfs, fault: EveryNth, *, early: bool = False) -> Run:
    """One run on a database of its own, and what is found afterwards."""
    run = Run()
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
    try:
        await work(path, vfs, fault, run, early=early)
    finally:
        vfs.fault = lambda kind: None
    run.failed = fault.failed
    async with open_database(path, wait=0) as database:
        events = await database.read(lambda unit: unit.sessions.events("v1"))
    found = [int(event.data["number"]) for event in events]
    assert len(found) == len(set(found))
    run.lost, run.there, run.sound = len(run.kept - set(found)), len(set(found) - run.kept), is_sound(path)
    return run


def steps(full: bool) -> Iterator[int]:
    """N = 1, 2, 3 …; the short form takes ever larger steps."""
    n = 1
    while True:
        yield n
        n += 1 if full else 1 + n // 3


@pytest.mark.parametrize("kind", KINDS)
async def test_every_nth_call_fails(
    kind: str,
    tmp_path: Path,
    vfs: FaultyVfs,
    full: bool,
    dice: random.Random,
    figures: Figures,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)
    path = tmp_path / "visits.db"
    runs: list[Run] = []
    for n in steps(full):
        runs.append(await suffer(path, vfs, EveryNth(kind, n, dice, reopening=kind == "open")))
        if not runs[-1].failed:
            break
    control = await suffer(path, vfs, EveryNth("sync", 2, dice), early=True)
    figures.add(
        f"every Nth {kind} fails, N = 1 … {n}",
        "0 acknowledged without a commit, 0 crashes, healed < 1 s",
        f"{sum(r.failed for r in runs):,} failures, {sum(r.refused for r in runs):,} refused "
        f"({sum(r.there for r in runs)} of them kept all the same), "
        f"{sum(r.lost for r in runs)} of {sum(len(r.kept) for r in runs):,} acknowledged lost, "
        f"{sum(not r.sound for r in runs)} corrupt, healed in {max(r.healed for r in runs) * 1000:.0f} ms at most",
        f"acknowledged before the commit: {control.lost} lost",
    )
    assert runs[0].failed
    assert runs[0].refused
    assert len(runs[-1].kept) == TOGETHER * EACH or kind == "open"
    for run in runs:
        assert run.refused + len(run.kept) == TOGETHER * EACH
        assert run.sound
        assert run.lost == 0
        assert run.healed < HEALED_WITHIN
    assert control.lost


@pytest.mark.parametrize("kind", KINDS)
async def test_a_first_start_fails_anywhere(
    kind: str,
    tmp_path: Path,
    vfs: FaultyVfs,
    full: bool,
    dice: random.Random,
    figures: Figures,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The database is being made: either it says that it can't be opened, and the next start can, or it works."""
    caplog.set_level(logging.CRITICAL)
    runs: list[Run] = []
    for n in steps(full):
        runs.append(await start(tmp_path / "visits.db", vfs, EveryNth(kind, n, dice)))
        if not runs[-1].failed:
            break
    figures.add(
        f"the database's first start while every Nth {kind} fails, N = 1 … {n}",
        "it says so, and the next start works",
        f"{sum(not r.started for r in runs)} of {len(runs)} said so, {sum(not r.sound for r in runs)} corrupt",
        "N = 1 must not start",
    )
    assert not runs[0].started
    assert runs[-1].started
    assert all(run.sound for run in runs)


async def start(path: Path, vfs: FaultyVfs, fault: EveryNth) -> Run:
    """Make the database while the storage fails; afterwards, when it works again."""
    run = Run()
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    vfs.fault = fault
    try:
        async with open_database(path, wait=0):
            vfs.fault = lambda kind: None
    except DatabaseUnusable:
        run.started = False
    finally:
        vfs.fault = lambda kind: None
    run.failed = fault.failed
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
    run.sound = is_sound(path)
    return run
