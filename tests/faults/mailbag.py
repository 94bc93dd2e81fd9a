"""Many mails to many clients, an SMTP server that knows which of them it may see twice, and the count at the end."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from aiosmtpd.smtp import SMTP

from signaling.domain.invite import Delivery, Invite
from signaling.domain.session import State
from signaling.mail.outbox import Outbox, Sender
from signaling.mail.render import Renderer
from signaling.ports import Clock, Database, Notifier, Session, Unit
from tests.smtp import letters
from tests.smtp.post import RandomIds
from tests.smtp.servers import Desk, Taken

# Late enough for every try that a mail may need.
STARTS = letters.NOON + 20 * letters.HOUR


def link_of(invite: Invite) -> str:
    """A link that tells whose it is."""
    return f"https://visits.agency.example/v#link-of-{invite.id}"


def address_of(number: int) -> str:
    return f"client-{number}@client.example"


def fill(unit: Unit, count: int) -> None:
    """As many visits, each with its own client who was just invited by mail."""
    letters.found(unit)
    unit.outbox.update(replace(letters.MAIL, state=Delivery.DROPPED))
    for n in range(count):
        unit.people.put_client(replace(letters.CLIENT, id=f"client-{n}", email=address_of(n)))
        visit = replace(
            letters.VISIT, id=f"visit-{n}", client=f"client-{n}", starts_at=STARTS, ends_at=STARTS + letters.HOUR
        )
        unit.visits.put_visit(visit)
        unit.sessions.put_session(Session(visit.id, State.INVITED, 1, letters.NOON))
        invite = replace(letters.INVITE, id=f"invite-{n}", visit=visit.id, address=address_of(n), starts_at=STARTS)
        unit.invites.add(invite, b"digest %d" % n)
        mail = replace(letters.MAIL, id=f"mail-{n}", visit=visit.id, invite=invite.id, message_id=f"message-{n}")
        unit.outbox.add(replace(mail, address=address_of(n)))


def unsent(unit: Unit, count: int) -> set[int]:
    """The numbers of the mails that are not recorded as sent."""
    mails = {n: unit.outbox.mail(f"mail-{n}") for n in range(count)}
    return {n for n, mail in mails.items() if mail is None or mail.state is not Delivery.SENT}


def outbox(database: Database, sender: Sender, clock: Clock, notifier: Notifier) -> Outbox:
    """The product's own outbox, as `serve` runs it."""
    return Outbox(database, sender, Renderer(letters.AGENCY), link_of, clock=clock, ids=RandomIds(), notifier=notifier)


class Tally(NamedTuple):
    """What became of the mails: never taken, not for their client, taken again, and again without a reason."""

    lost: int
    wrong: int
    twice: int
    needless: int


@dataclass
class Bag(Desk):
    """A desk that counts the copies of each mail that it may get: the first, and one for each doubt."""

    doubts: Counter[int] = field(default_factory=Counter)

    def cut(self, phase: str, server: SMTP) -> bool:
        done = super().cut(phase, server)
        if done and phase == "dot":
            self.doubts[number_of(self.taken[-1])] += 1
        return done

    def tally(self, count: int) -> Tally:
        copies = Counter(number_of(taken) for taken in self.taken)
        return Tally(
            lost=sum(not copies[n] for n in range(count)),
            wrong=sum(not is_right(taken) for taken in self.taken),
            twice=sum(many - 1 for many in copies.values()),
            needless=sum(max(0, many - 1 - self.doubts[n]) for n, many in copies.items()),
        )


def number_of(taken: Taken) -> int:
    """Whose mail it is, by the address that it was taken for."""
    (address,) = taken.recipients
    found = re.fullmatch(r"client-(\d+)@client\.example", address)
    assert found is not None
    return int(found[1])


def is_right(taken: Taken) -> bool:
    """Whether the mail has its own Message-ID, its own client and nobody else's link."""
    n = number_of(taken)
    body = taken.message.get_body(("plain",))
    assert body is not None
    links = set(re.findall(r"link-of-([\w-]+)", body.get_content()))
    return (
        taken.message["Message-ID"] == f"<message-{n}@visits.agency.example>"
        and address_of(n) in str(taken.message["To"])
        and links == {f"invite-{n}"}
    )
