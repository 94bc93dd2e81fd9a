"""What a disk may hold after the power went: images made from the steps that a writer took.

Of everything that was not synced, any part of any sector may have arrived, in any order, and so may the length of a
file. What was written beside it stays whole: SQLite's assumption too (sqlite.org/psow.html).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.vfs import Step

SECTOR = 512
SUFFIXES = {"db": "", "wal": "-wal"}


@dataclass
class _Disk:
    """A file: what is surely there (None: no such file), and what may be."""

    sure: bytearray | None = None
    pending: list[Step] = field(default_factory=list)


def apply(content: bytearray, step: Step) -> None:
    """Carry out a write or a truncation."""
    if step.kind == "truncate":
        if step.offset < len(content):
            del content[step.offset :]
        return
    end = step.offset + len(step.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[step.offset : end] = step.data


def sectors(step: Step) -> Iterator[Step]:
    """A write as its pieces, none of which goes over a sector's end."""
    start, end = step.offset, step.offset + len(step.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Step("write", step.file, start, step.data[start - step.offset : stop - step.offset])
        start = stop


def _arrived(pending: Sequence[Step], dice: random.Random) -> Iterator[Step]:
    """What of the pending steps has arrived: nothing, everything, whole writes, or single sectors in any order."""
    way = dice.choice(("nothing", "everything", "writes", "sectors", "sectors", "shuffled"))
    chance = {"nothing": 0.0, "everything": 1.0}.get(way, dice.choice((0.1, 0.5, 0.9)))
    pieces = list(pending)
    if way in ("sectors", "shuffled"):
        pieces = [piece for step in pending for piece in (sectors(step) if step.kind == "write" else [step])]
    if way == "shuffled":
        dice.shuffle(pieces)
    return (piece for piece in pieces if dice.random() < chance)


def _content(disk: _Disk, dice: random.Random) -> bytearray | None:
    content = None if disk.sure is None else bytearray(disk.sure)
    for step in _arrived(disk.pending, dice):
        if step.kind == "delete":
            content = None
        else:
            content = bytearray() if content is None else content
            apply(content, step)
    return content


class Replay:
    """The disk at the moments of a recording, one after another."""

    def __init__(self, base: bytes, steps: Sequence[Step]) -> None:
        self._disks = {"db": _Disk(bytearray(base)), "wal": _Disk()}
        self._steps = steps
        self._next = 0
        self.acknowledged: set[int] = set()

    def go(self, moment: int) -> None:
        """Go on to just before step `moment`."""
        for step in self._steps[self._next : moment]:
            if step.kind == "acknowledged":
                self.acknowledged.add(step.number)
            elif step.kind == "sync":
                disk = self._disks[step.file]
                for done in disk.pending:
                    if done.kind == "delete":
                        disk.sure = None
                    else:
                        disk.sure = bytearray() if disk.sure is None else disk.sure
                        apply(disk.sure, done)
                disk.pending = []
            else:
                self._disks[step.file].pending.append(step)
        self._next = max(self._next, moment)

    def image(self, path: Path, dice: random.Random) -> None:
        """Write what the disk may hold now; the shared memory's file, never synced, may hold anything."""
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        for name, suffix in SUFFIXES.items():
            content = _content(self._disks[name], dice)
            if content is not None:
                path.with_name(path.name + suffix).write_bytes(content)
        if dice.random() < 0.5:
            path.with_name(f"{path.name}-shm").write_bytes(dice.randbytes(32768))
