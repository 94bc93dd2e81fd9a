"""One page's connection, as the server holds it: whom its ticket let in, what it may still send, how it is told."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from types import MappingProxyType
from typing import Protocol

from signaling.domain.session import Role
from signaling.domain.visit import Employee
from signaling.errors import Code, Refused
from signaling.protocol import codec
from signaling.protocol.messages import FACTS, LegClosed, Message, Replaced
from signaling.services.asker import Asker
from signaling.transport import frames
from signaling.transport.tickets import Entry

# An honest page sends some dozens of candidates at once, and a few messages a minute otherwise.
RATE = 100.0
BURST = 300.0
# A large message counts for several: a relayed one fills the other page's queue.
COST_SIZE = 4096
# What a page is told last must reach it before it is cut off.
FAREWELL_SECONDS = 2.0

_NAMES = MappingProxyType({kind: name for name, kind in FACTS.items()})


class Outlet(Protocol):
    """Where messages to pages go."""

    def send(self, line: str, packet: str) -> None: ...
    def cut(self, line: str) -> None: ...


class Bucket:
    """A token bucket: RATE messages a second, BURST at once. Times are seconds of any steady clock."""

    def __init__(self, now: float) -> None:
        self._level = BURST
        self._at = now

    def take(self, size: int, now: float) -> bool:
        """Count a message of `size` characters; False once the sender is a whole burst beyond the limit."""
        self._level = min(BURST, self._level + (now - self._at) * RATE) - 1 - size // COST_SIZE
        self._at = now
        return self._level > -BURST

    @property
    def overdrawn(self) -> bool:
        """Whether the sender is beyond the limit."""
        return self._level < 0


class Connection:
    """A page's connection. `id` names it in logs; `line` is a secret of the wire."""

    def __init__(self, outlet: Outlet, line: str, now: float) -> None:
        self.id = f"socket:{secrets.token_hex(6)}"
        self.line = line
        self.entry: Entry | None = None
        self.employee: Employee | None = None
        self.watches = False
        self.joined = False
        self.dismissed: Code | None = None
        self.closed = False
        self.heard_at = now
        self.turn = asyncio.Lock()
        self.bucket = Bucket(now)
        self._outlet = outlet
        self._held: list[str] | None = None
        self._deadline: asyncio.TimerHandle | None = None

    @property
    def role(self) -> Role | None:
        """The role in the call that the ticket gives; None for one that only watches."""
        return Role(self.entry.role) if self.entry is not None and self.entry.role != "watch" else None

    @property
    def asker(self) -> Asker:
        """Who gives the commands of this page. Raises Refused(NOT_SIGNED_IN) before anybody was let in."""
        if self.employee is not None:
            return Asker(employee=self.employee, connection=self.id)
        if self.entry is None or self.entry.client_pass is None:
            raise Refused(Code.NOT_SIGNED_IN)
        return Asker(client_pass=self.entry.client_pass, connection=self.id)

    def require_wanted(self) -> None:
        """Raises Refused with the reason if the page was told to go, or is gone."""
        if self.dismissed is not None:
            raise Refused(self.dismissed)
        if self.closed:
            raise Refused(Code.NOT_IN_CALL)

    @property
    def is_settled(self) -> bool:
        """Whether the page does what it came for: it is in a call, or watches."""
        return self.joined or self.watches

    def tell(self, fact: Message) -> None:
        """Tell the page a fact."""
        self.send(frames.event(_NAMES[type(fact)], codec.plain(fact)))

    def send(self, packet: str) -> None:
        """Queue an encoded event for the page."""
        if self.closed:
            return
        if self._held is not None:
            self._held.append(packet)
        else:
            self._outlet.send(self.line, packet)

    def hold(self) -> None:
        """Keep what the page is told from now on, until `release`: it must come after the snapshot."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Send what was kept."""
        held, self._held = self._held or [], None
        for packet in held:
            self.send(packet)

    def within(self, seconds: float, done: Callable[[Connection], bool]) -> None:
        """Cut the page off unless `done` holds after `seconds`; replaces an earlier deadline."""
        self._forget_deadline()

        def check() -> None:
            if not done(self):
                self.cut()

        self._deadline = asyncio.get_running_loop().call_later(seconds, check)

    def replace(self) -> None:
        """Tell the page that the call was moved to another one, and cut it off."""
        self.dismissed = Code.LEG_REPLACED
        self.tell(Replaced())
        self._cut_after_farewell()

    def expel(self, code: Code) -> None:
        """Tell the page that it may not go on, and cut it off; also in the middle of a join."""
        self.dismissed = code
        self.release()
        self.tell(LegClosed(code=code.value))
        self._cut_after_farewell()

    def cut(self) -> None:
        """Hang up on the page; nothing that it has sent counts any more."""
        if not self.closed:
            self.closed = True
            self._outlet.cut(self.line)
        self._forget_deadline()

    def gone(self) -> None:
        """The connection is closed."""
        self.closed = True
        self._forget_deadline()

    def _cut_after_farewell(self) -> None:
        self.within(FAREWELL_SECONDS, lambda _: False)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Register:
    """Every connection of this server, by its line."""

    def __init__(self) -> None:
        self._by_line: dict[str, Connection] = {}

    def add(self, connection: Connection) -> None:
        """A connection was opened."""
        self._by_line[connection.line] = connection

    def find(self, line: str) -> Connection | None:
        """The connection, None once it is closed."""
        return self._by_line.get(line)

    def remove(self, line: str) -> Connection | None:
        """A connection was closed."""
        return self._by_line.pop(line, None)

    def all(self) -> list[Connection]:
        """The connections there are now."""
        return list(self._by_line.values())
