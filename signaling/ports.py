"""The small interfaces through which services speak to the world.

Storage works in units: a function over a `Unit`, run on the writer's thread inside one transaction. All of it
becomes durable or nothing does, and `Database.write` returns only after that (DESIGN §3.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from signaling.domain.invite import Delivery, Invite, Standing
from signaling.domain.presence import Leg, Presence
from signaling.domain.session import Role, State
from signaling.domain.visit import Client, Employee, Language, ServiceCode, Visit

T = TypeVar("T")


class Kept(NamedTuple, Generic[T]):
    """A stored value and its revision, which rises by one at every change (the ETag of the API)."""

    rev: int
    value: T


@dataclass(frozen=True, slots=True)
class Session:
    """The video session of a visit; `rev` rises with every change of state or of its invites."""

    visit: str
    state: State
    rev: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One line of a visit's append-only log. `data` holds ids and words of the field only, never names."""

    visit: str
    at: datetime
    kind: str
    actor: str
    connection: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0


class MailKind(StrEnum):
    """What a mail is for; its words are made when it is sent, never stored."""

    INVITE = "invite"
    CANCELLATION = "cancellation"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail on its way. `invite` is None for a cancellation; `message_id` is kept over all tries."""

    id: str
    kind: MailKind
    visit: str
    invite: str | None
    address: str
    language: Language
    message_id: str
    state: Delivery
    attempts: int
    next_try_at: datetime
    created_at: datetime
    accepted_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the agency's own systems; `scope` is `schedule` or `admin`."""

    id: str
    name: str
    scope: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """An employee signed in at one browser."""

    employee: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ClientPass:
    """What a client's cookie stands for: the invite whose link was exchanged for it."""

    invite: str
    visit: str


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """Whether a task was done; `reason` when it was not."""

    task: str
    done: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class Documentation:
    """A visit's notes and tasks; `version` rises with every save, 0 before the first."""

    visit: str
    version: int
    notes: str
    tasks: tuple[TaskOutcome, ...]
    saved_at: datetime | None
    saved_by: str | None


class PeopleStore(Protocol):
    """Service codes, employees, clients, API keys and sign-ins."""

    def service_code(self, id: str) -> Kept[ServiceCode] | None: ...
    def service_codes(self) -> Sequence[Kept[ServiceCode]]: ...
    def put_service_code(self, value: ServiceCode) -> int:
        """Insert or replace; the new revision."""
        ...

    def employee(self, id: str) -> Kept[Employee] | None: ...
    def employee_by_email(self, email: str) -> Kept[Employee] | None:
        """By address, without regard to case."""
        ...

    def employees(self) -> Sequence[Kept[Employee]]: ...
    def put_employee(self, value: Employee) -> int:
        """Insert or replace; the new revision. Raises DuplicateEmail if another employee has the address."""
        ...

    def password_hash(self, employee: str) -> str | None: ...
    def set_password_hash(self, employee: str, hashed: str) -> None: ...
    def client(self, id: str) -> Kept[Client] | None: ...
    def clients(self) -> Sequence[Kept[Client]]: ...
    def put_client(self, value: Client) -> int: ...
    def add_api_key(self, key: ApiKey, digest: bytes) -> None: ...
    def api_key(self, digest: bytes) -> ApiKey | None: ...
    def api_keys(self) -> Sequence[ApiKey]:
        """The oldest first."""
        ...

    def remove_api_key(self, id: str) -> bool:
        """Whether there was one."""
        ...

    def add_sign_in(self, digest: bytes, sign_in: SignIn) -> None: ...
    def sign_in(self, digest: bytes) -> SignIn | None: ...
    def touch_sign_in(self, digest: bytes, seen_at: datetime) -> None: ...
    def remove_sign_in(self, digest: bytes) -> None: ...
    def remove_sign_ins_of(self, employee: str) -> None: ...
    def forget_sign_ins(self, before: datetime) -> None:
        """Remove those that were seen last before this moment."""
        ...


class VisitStore(Protocol):
    """Visits with their tasks, clock times and documentation."""

    def visit(self, id: str) -> Kept[Visit] | None: ...
    def put_visit(self, value: Visit) -> int: ...
    def between(self, start: datetime, end: datetime, employee: str | None = None) -> Sequence[Kept[Visit]]:
        """Visits that overlap [start, end), ordered by start, then id."""
        ...

    def of_client(self, client: str) -> Sequence[Kept[Visit]]: ...
    def documentation(self, visit: str) -> Documentation:
        """The latest version; version 0, empty, where nothing was saved."""
        ...

    def save_documentation(self, value: Documentation) -> None:
        """Append a version; earlier ones are kept."""
        ...


class SessionStore(Protocol):
    """Sessions, their legs, their append-only log, and the results of commands."""

    def session(self, visit: str) -> Session | None: ...
    def put_session(self, value: Session) -> None: ...
    def leg(self, visit: str, role: Role) -> Leg | None:
        """The leg of the highest generation."""
        ...

    def put_leg(self, visit: str, role: Role, leg: Leg, at: datetime) -> None: ...
    def open_legs(self, since: datetime) -> Sequence[tuple[str, Role, Leg]]:
        """Visit, role and latest leg of every session that is not terminated, of legs begun or ended since then."""
        ...

    def append(self, event: EventRecord) -> None: ...
    def events(self, visit: str) -> Sequence[EventRecord]: ...
    def command_result(self, scope: str, command_id: str) -> Mapping[str, Any] | None:
        """What the command answered the first time; `scope` names who gave it and for which visit."""
        ...

    def remember_command(self, scope: str, command_id: str, result: Mapping[str, Any], at: datetime) -> None: ...
    def forget_commands(self, before: datetime) -> None: ...


class InviteStore(Protocol):
    """Invites and the cookies that their links were exchanged for."""

    def add(self, invite: Invite, digest: bytes) -> None: ...
    def invite(self, id: str) -> Invite | None: ...
    def by_digest(self, digest: bytes) -> Invite | None: ...
    def of_visit(self, visit: str) -> Sequence[Invite]:
        """Oldest first."""
        ...

    def end_live(self, visit: str, standing: Standing) -> int:
        """Give every live invite of the visit this standing; how many there were."""
        ...

    def replace_all(self, visit: str) -> int:
        """Replace every invite of the visit that is not revoked; how many were not replaced before."""
        ...

    def revoke_all(self, visit: str) -> int:
        """Revoke every invite of the visit, whatever its standing."""
        ...

    def add_pass(self, digest: bytes, client_pass: ClientPass, at: datetime) -> None: ...
    def client_pass(self, digest: bytes) -> ClientPass | None: ...
    def forget_passes(self, before: datetime) -> None:
        """Remove those that were made before this moment."""
        ...


class OutboxStore(Protocol):
    """Mails that are to leave, and what became of them."""

    def add(self, mail: Mail) -> None: ...
    def mail(self, id: str) -> Mail | None: ...
    def update(self, mail: Mail) -> None: ...
    def due(self, now: datetime, limit: int) -> Sequence[Mail]:
        """Mails in `sending` or `delayed` whose next try is due, the oldest first."""
        ...

    def next_try_at(self) -> datetime | None:
        """When the next unsent mail is due."""
        ...

    def of_visit(self, visit: str) -> Sequence[Mail]:
        """Oldest first."""
        ...


class Unit(Protocol):
    """One transaction's view of everything that is stored. Use it on the thread it was given on, and no longer."""

    @property
    def people(self) -> PeopleStore: ...
    @property
    def visits(self) -> VisitStore: ...
    @property
    def sessions(self) -> SessionStore: ...
    @property
    def invites(self) -> InviteStore: ...
    @property
    def outbox(self) -> OutboxStore: ...


class DuplicateEmail(Exception):
    """Another employee has this address."""


class Database(Protocol):
    """Where units of work are carried out."""

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run `work` in a transaction and return its result once it is durable.

        What `work` raises is raised here, and none of its changes are kept. Raises `Refused(UNAVAILABLE)` if
        the storage can't make it durable.
        """
        ...

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run `work` on one consistent snapshot. It must not write."""
        ...


class Clock(Protocol):
    """The server's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        ...


class Ids(Protocol):
    """Where randomness comes from."""

    def id(self) -> str:
        """A new id, unguessable, in the form of `check_id`."""
        ...

    def bytes(self, count: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that has happened and is durable; pages are told.

    `employees` are those whose schedule it shows in, or whose sign-in ended. The kinds, and their `data`:
    `session_changed` (`rev`, `state`), `leg_ended` (`role`, `generation`, `why`: `closed` or `left`),
    `visit_changed`, `invite_changed`, `links_revoked`, `visit_cancelled`, `employee_switched_off`, `signed_out`
    (`signIn`: the digest of the one cookie that ended; without it, all of the employee's).
    """

    kind: str
    visit: str | None = None
    employees: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


class Notifier(Protocol):
    """Tells the pages what has happened, after the commit. Never raises and never waits for a page."""

    def publish(self, facts: Iterable[Fact]) -> None: ...


class CallWatch(Protocol):
    """Who is in a call now, as far as this server knows."""

    def presence(self, visit: str, role: Role) -> Presence: ...


class MailQueue(Protocol):
    """The mail worker's bell."""

    def wake(self) -> None:
        """A mail was queued: look now."""
        ...


@dataclass(frozen=True, slots=True)
class IceServer:
    """One RTCIceServer (webrtc-pc, section 4.2.4)."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


class IceServers(Protocol):
    """STUN and TURN servers for one leg."""

    def for_leg(self, leg: str, now: datetime) -> tuple[Sequence[IceServer], int]:
        """The servers and for how many seconds their credentials live."""
        ...
