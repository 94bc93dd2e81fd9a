"""The power goes while the storage commits and checkpoints: nothing acknowledged is gone (DESIGN §3.3)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

import storage.database
from storage.database import open_database
from tests.faults.figures import Figures
from tests.faults.images import Replay
from tests.faults.killing import is_sound
from tests.faults.vfs import FaultyVfs, Step
from tests.storage import agency
from tests.storage.writer_process import append

TOGETHER = 8
EACH = 40
# Small, so that a recording has many checkpoints and a log that begins anew many times.
CHECKPOINT_PAGES = 30
# Images of one recording.
IMAGES = 200
SYNCHRONOUS = "PRAGMA synchronous = FULL"


class Recording(NamedTuple):
    """A database's file before, and what was done to it since."""

    base: bytes
    steps: list[Step]


async def record(path: Path, vfs: FaultyVfs, dice: random.Random) -> Recording:
    """Let a few writers append events, as in a busy moment, and close."""
    async with open_database(path, wait=0) as database:
        await database.write(agency.found)
    vfs.steps.clear()
    base = await asyncio.to_thread(path.read_bytes)
    async with open_database(path, wait=0) as database:
        writer = database._writer
        assert writer is not None
        await writer.run(lambda raw, _: raw.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}").fetchall())

        async def write(first: int) -> None:
            for number in range(first, first + EACH):
                await database.write(append(number, "x" * dice.randrange(3000)))
                vfs.note(number)

        await asyncio.gather(*(write(n * EACH) for n in range(TOGETHER)))
    return Recording(base, list(vfs.steps))


async def _fate(path: Path, acknowledged: set[int]) -> str:
    """What the product finds on an image: ok, lost or corrupt."""
    try:
        async with open_database(path, wait=0) as database:
            events = await database.read(lambda unit: unit.sessions.events("v1"))
        sound = is_sound(path)
    except Exception:
        # Whatever it is: a row that can't be understood is as bad as a page.
        return "corrupt"
    if not sound:
        return "corrupt"
    return "ok" if acknowledged <= {int(event.data["number"]) for event in events} else "lost"


async def cut(folder: Path, vfs: FaultyVfs, images: int, dice: random.Random) -> Counter[str]:
    """The fates of so many images of recordings."""
    fates: Counter[str] = Counter()
    for first in range(0, images, IMAGES):
        path = folder / f"recorded-{first}.db"
        recording = await record(path, vfs, dice)
        assert {step.kind for step in recording.steps} >= {"write", "acknowledged"}
        assert sum(step.kind == "acknowledged" for step in recording.steps) == TOGETHER * EACH
        replay = Replay(recording.base, recording.steps)
        moments = sorted(dice.randrange(len(recording.steps) + 1) for _ in range(min(IMAGES, images - first)))
        for moment in moments:
            replay.go(moment)
            replay.image(folder / "image.db", dice)
            fates[await _fate(folder / "image.db", replay.acknowledged)] += 1
        path.unlink()
    return fates


async def test_a_power_cut_loses_nothing(
    tmp_path: Path, vfs: FaultyVfs, full: bool, dice: random.Random, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    fates = await cut(tmp_path, vfs, 10_000 if full else 200, dice)
    assert SYNCHRONOUS in storage.database._WRITER_PRAGMAS
    controls = {}
    for weaker in ("NORMAL", "OFF"):
        pragmas = [p.replace("FULL", weaker) if p == SYNCHRONOUS else p for p in storage.database._WRITER_PRAGMAS]
        with monkeypatch.context() as patch:
            patch.setattr(storage.database, "_WRITER_PRAGMAS", tuple(pragmas))
            controls[weaker] = await cut(tmp_path, vfs, 400 if full else 100, dice)
    figures.add(
        f"power cut while committing and checkpointing, {fates.total():,} images",
        "0 lost, 0 corrupt",
        f"{fates['lost']} lost, {fates['corrupt']} corrupt",
        "; ".join(
            f"`synchronous={weaker}`: {control['lost']} lost, {control['corrupt']} corrupt of {control.total():,}"
            for weaker, control in controls.items()
        ),
    )
    assert set(fates) == {"ok"}
    for control in controls.values():
        assert control["lost"] + control["corrupt"]


async def test_the_recording_is_what_the_disk_holds(tmp_path: Path, vfs: FaultyVfs, dice: random.Random) -> None:
    """Replayed to its end without a cut, it gives the very file: nothing passes by the hand in between."""
    recording = await record(tmp_path / "visits.db", vfs, dice)
    replay = Replay(recording.base, [*recording.steps, Step("sync", "db")])
    replay.go(len(recording.steps) + 1)
    replay.image(tmp_path / "image.db", dice)
    assert (tmp_path / "image.db").read_bytes() == (tmp_path / "visits.db").read_bytes()
