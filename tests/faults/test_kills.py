"""The storage alone, killed with SIGKILL while it commits (DESIGN §3.3)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.faults.figures import Figures
from tests.faults.killing import Kill, kill

# The control stops at the first loss; that long it may take.
CONTROL_KILLS = 100


def control_losses(path: Path, dice: random.Random) -> Iterator[tuple[int, Kill]]:
    """The kills at which a writer that acknowledges before the commit loses something."""
    for n in range(1, CONTROL_KILLS + 1):
        killed = kill(path, "append-early", dice.randrange(1, 400))
        assert killed.sound
        if killed.lost:
            yield n, killed


def test_a_killed_writer_loses_nothing(tmp_path: Path, full: bool, dice: random.Random, figures: Figures) -> None:
    path = tmp_path / "visits.db"
    kills = [kill(path, "append", dice.randrange(1, 400)) for _ in range(1000 if full else 20)]
    n, control = next(control_losses(path, dice), (CONTROL_KILLS, Kill(0, 0, True)))
    figures.add(
        f"storage alone, SIGKILL {len(kills):,} times while committing",
        "0 lost, 0 corrupt",
        f"{sum(k.lost for k in kills)} lost of {sum(k.acknowledged for k in kills):,} acknowledged, "
        f"{sum(not k.sound for k in kills)} corrupt",
        f"acknowledged before the commit: {control.lost} lost at kill {n}",
    )
    assert [k for k in kills if k.lost or not k.sound] == []
    assert control.lost
