"""Mails while the SMTP server cuts connections off, and while the worker is killed (DESIGN §5)."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from signaling.mail.outbox import Sender
from signaling.mail.smtp import Accepted, Outcome, SmtpSender
from storage.database import open_database
from tests.faults.figures import Figures
from tests.faults.killing import FORKS
from tests.faults.mail_worker import work
from tests.faults.mailbag import Bag, fill, number_of, outbox, unsent
from tests.smtp.post import Facts, SetClock
from tests.smtp.servers import CUTS, serving

# Mails between two kills, on average.
LIFE = 10
# Mails of a control, and of the short form.
FEW = 60


class Trusting:
    """Believes that every mail has left: the control."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        await self._sender.send(sender, recipient, message)
        return Accepted()


async def deliver(path: Path, count: int, bag: Bag, *, trusting: bool = False) -> set[int]:
    """Send that many mails, with time passing as it must; which of them are not recorded as sent."""
    clock, facts = SetClock(), Facts()
    async with open_database(path, wait=0) as database, serving(bag) as port:
        await database.write(lambda unit: fill(unit, count))
        smtp = SmtpSender("127.0.0.1", port, "none", timeout=30, data_timeout=30)
        worker = outbox(database, Trusting(smtp) if trusting else smtp, clock, facts)
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(600):
            while True:
                facts.news.clear()
                next_at = await database.read(lambda unit: unit.outbox.next_try_at())
                if next_at is None:
                    break
                if next_at > clock.now():
                    clock.move(next_at - clock.now())
                    worker.wake()
                await facts.news.wait()
        await worker.stop()
        await running
        return await database.read(lambda unit: unsent(unit, count))


async def test_connections_cut_at_every_phase(
    tmp_path: Path, full: bool, dice: random.Random, figures: Figures
) -> None:
    count = 1000 if full else FEW
    cuts = [dice.choice(CUTS) for _ in range(count)]
    cuts += [phase for phase in CUTS if phase not in cuts]
    bag = Bag(cuts=list(cuts))
    left = await deliver(tmp_path / "visits.db", count, bag)
    tally = bag.tally(count)
    control = Bag(cuts=cuts[:FEW])
    await deliver(tmp_path / "control.db", FEW, control, trusting=True)
    figures.add(
        f"SMTP cut at every phase, {count:,} mails",
        "0 lost, 0 to a wrong address, twice only where the cut was ambiguous",
        f"{len(cuts) - len(bag.cuts):,} cuts, {tally.lost} lost, {tally.wrong} wrong, {tally.twice} came twice after "
        f"{bag.doubts.total()} cuts behind the final dot, {tally.needless} without that",
        f"a worker that believes every mail has left: {control.tally(FEW).lost} of {FEW} lost",
    )
    assert left == set()
    assert not bag.cuts
    assert (tally.lost, tally.wrong, tally.needless) == (0, 0, 0)
    # Where nobody could know, it was sent again rather than never.
    assert tally.twice == bag.doubts.total() > 0
    assert control.tally(FEW).lost


@dataclass
class Executioner(Bag):
    """Kills the worker when it says goodbye: the mail was accepted, and that is not recorded yet."""

    process: BaseProcess | None = None
    lives: int = 0
    mails_left: int = 0
    # By connection: whose mail it carried, and in which of the worker's lives.
    carried: dict[str, int] = field(default_factory=dict)
    life_of: dict[str, int] = field(default_factory=dict)
    # Number and life of every mail that was taken.
    seen: list[tuple[int, int]] = field(default_factory=list)
    victim: int | None = None

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.life_of[str(session.peer)] = self.lives
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        number = number_of(self.taken[-1])
        self.carried[str(session.peer)] = number
        self.seen.append((number, self.life_of[str(session.peer)]))
        return answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails_left -= 1
        if self.mails_left == 0 and self.process is not None:
            self.process.kill()
            self.victim = self.carried[str(session.peer)]
        return "221 Bye"


async def kill_again_and_again(path: Path, count: int, desk: Executioner, dice: random.Random, *, hasty: bool) -> int:
    """Kill and restart the worker until all mails are gone; how many kills fell between acceptance and record."""
    between = 0
    async with open_database(path, wait=0) as database:
        await database.write(lambda unit: fill(unit, count))
    left = set(range(count))
    async with serving(desk) as port:
        while left:
            desk.lives += 1
            desk.victim, desk.mails_left = None, dice.randrange(1, 2 * LIFE)
            desk.process = FORKS.Process(target=work, args=(path, port, hasty), daemon=True)
            desk.process.start()
            await asyncio.to_thread(desk.process.join, 60)
            assert desk.process.exitcode == (0 if desk.victim is None else -9)
            async with open_database(path, wait=5) as database:
                after = await database.read(lambda unit: unsent(unit, count))
            between += desk.victim in after
            # What is not recorded when the worker dies may come again in its next life, once.
            desk.doubts.update({number for number, life in desk.seen if life == desk.lives} & after)
            left = after
    return between


async def test_a_worker_killed_between_acceptance_and_record(
    tmp_path: Path, full: bool, dice: random.Random, figures: Figures
) -> None:
    count = 1000 if full else FEW
    desk = Executioner()
    between = await kill_again_and_again(tmp_path / "visits.db", count, desk, dice, hasty=False)
    tally = desk.tally(count)
    control = Executioner()
    await kill_again_and_again(tmp_path / "control.db", FEW, control, dice, hasty=True)
    figures.add(
        f"mail worker killed between acceptance and record, {count:,} mails",
        "0 lost, 0 to a wrong address, twice only what was not recorded",
        f"{between} kills, {tally.lost} lost, {tally.wrong} wrong, {tally.twice} came twice, "
        f"{tally.needless} of them although recorded",
        f"a worker that records before the server accepts: {control.tally(FEW).lost} of {FEW} lost",
    )
    assert between == desk.lives - 1 > 0
    assert (tally.lost, tally.wrong, tally.needless) == (0, 0, 0)
    # The mail that was accepted and not recorded comes again.
    assert tally.twice >= between
    # Never twice in one life.
    assert len(desk.seen) == len(set(desk.seen))
    assert control.tally(FEW).lost
