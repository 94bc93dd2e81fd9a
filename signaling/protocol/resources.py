"""The bodies of the HTTP interface, one type each; OpenAPI is generated from them.

What comes in are `…Put` and the commands, what goes out are the `…View`s. Times are RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from signaling.domain.invite import How
from signaling.domain.session import State
from signaling.domain.visit import Language, Position, Status
from signaling.protocol.messages import Generation, Id, LastInvite, Message

CommandId = Id
Text = Annotated[str, Meta(min_length=1, max_length=2000)]


class ServiceCodePut(Message):
    """A kind of service; `allowsVirtualCare` makes its visits virtual visits."""

    name: Text
    allows_virtual_care: bool


class ServiceCodeView(ServiceCodePut):
    """A service code as stored."""

    id: str


class ServiceCodeList(Message):
    """The agency's service codes, by id."""

    service_codes: list[ServiceCodeView]


class EmployeePut(Message):
    """An employee. `shownName` is what clients read; left out, it is the first word of `name`."""

    name: Text
    email: Text
    role: Position
    may_initiate_virtual_visits: bool
    language: Language
    active: bool
    shown_name: Text | None = None


class EmployeeView(Message):
    """An employee as stored."""

    id: str
    name: str
    email: str
    role: Position
    may_initiate_virtual_visits: bool
    language: Language
    active: bool
    shown_name: str


class EmployeeList(Message):
    """The agency's employees, by id."""

    employees: list[EmployeeView]


class ClientPut(Message):
    """A client. An optional field left out is removed."""

    name: Text
    language: Language
    email: Text | None = None
    phone: Text | None = None


class ClientView(Message):
    """A client as stored."""

    id: str
    name: str
    email: str | None
    phone: str | None
    language: Language


class ClientList(Message):
    """The agency's clients, by id."""

    clients: list[ClientView]


class TaskPut(Message):
    """One task of a visit."""

    id: Id
    title: Text


class VisitPut(Message):
    """A visit. Times are RFC 3339 with an offset; `timeZone` is an IANA name."""

    service_code: Id
    employee: Id
    client: Id
    starts_at: Text
    ends_at: Text
    time_zone: Text
    tasks: list[TaskPut] = field(default_factory=list)


class SessionView(Message):
    """The visit's video session."""

    state: State
    rev: int
    last_invite: LastInvite | None


class ServiceView(Message):
    """A visit's service."""

    id: str
    name: str
    allows_virtual_care: bool


class EmployeeBrief(Message):
    """A visit's employee."""

    id: str
    name: str


class ClientBrief(Message):
    """A visit's client, as the caregiver needs them."""

    id: str
    name: str
    phone: str | None
    email: str | None
    language: Language


class VisitView(Message):
    """A visit with its clock times and session.

    `service`, `assigned` and `person` spell out `serviceCode`, `employee` and `client`. `clientPresence` is who is
    at the client's end now; `caregiverInCall` whether the caregiver's page is in the call. `movedSinceInvite`: the
    start moved after the last invite. `actions` are what the asker may do now, by name (`invite copy_link clock_in
    clock_out join end_session document edit cancel revoke_links`); `inviteRefusal` is the code that sending an invite
    would answer with now, null if it would not be refused. `videoActions` says whether the page shows the video
    actions at all (gates 1 and 2 of SPEC §2, or a session).
    """

    id: str
    rev: int
    service_code: str
    employee: str
    client: str
    starts_at: str
    ends_at: str
    time_zone: str
    tasks: list[TaskPut]
    status: Status
    cancelled_at: str | None
    clocked_in_at: str | None
    clocked_out_at: str | None
    session: SessionView | None
    service: ServiceView
    assigned: EmployeeBrief
    person: ClientBrief
    client_presence: Literal["never", "present", "lost", "closed", "left", "unknown"]
    caregiver_in_call: bool
    moved_since_invite: bool
    actions: list[str]
    invite_refusal: str | None
    video_actions: bool


class VisitList(Message):
    """Visits of a span of time, oldest first."""

    visits: list[VisitView]


class EventView(Message):
    """One line of a visit's log: what, who, when, from which connection."""

    seq: int
    at: str
    kind: str
    actor: str
    connection: str | None
    data: dict[str, Any]


class EventList(Message):
    """The log of a visit, oldest first."""

    events: list[EventView]


class InviteCommand(Message):
    """Make an invite: mail it, or only make its link."""

    delivery: How
    command_id: CommandId


class InviteView(Message):
    """The invite that was made. `link` only for a copied link."""

    delivery: str
    link: str | None
    session: SessionView


class ClockInCommand(Message):
    """Clock in. `confirm` holds the questions that were answered with yes."""

    confirm: list[Literal["otherDay", "again"]] = field(default_factory=list)


class ClockOutCommand(Message):
    """Clock out. `confirmActiveSession`: although the session goes on."""

    confirm_active_session: bool = False


class EndSessionCommand(Message):
    """End the session for good; from a call page with its leg and generation."""

    command_id: CommandId
    leg_id: Id | None = None
    generation: Generation | None = None


class LegCommand(Message):
    """A command of a call page over HTTP, for when the socket is down."""

    command_id: CommandId
    leg_id: Id
    generation: Generation


class FarewellCommand(Message):
    """A page's farewell, sent while it closes (Beacon API)."""

    leg_id: Id
    generation: Generation
    why: Literal["closed", "left"]


class EndedView(Message):
    """The session after a hang-up."""

    state: State
    rev: int
    already_over: bool


class TaskOutcomePut(Message):
    """Whether a task was done: null while undecided; `reason` when it was not."""

    task: Id
    done: bool | None
    reason: Annotated[str, Meta(max_length=2000)] = ""


class DocumentationPut(Message):
    """Notes and tasks. `version` is the one that this text was written over; another one is refused as `stale`."""

    version: Annotated[int, Meta(ge=0)]
    notes: str
    tasks: list[TaskOutcomePut] = field(default_factory=list)


class DocumentationView(Message):
    """Notes and tasks as saved; `version` 0: nothing was saved yet."""

    version: int
    notes: str
    tasks: list[TaskOutcomePut]
    saved_at: str | None
    saved_by: str | None


class SignInCommand(Message):
    """Sign in."""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=1024)]


class MeView(Message):
    """The employee who is signed in."""

    id: str
    name: str
    role: Position
    language: Language
    may_initiate_virtual_visits: bool


class TicketView(Message):
    """A ticket for one socket connection: single use, 30 seconds. `serverTime` sets the page's clock."""

    ticket: str
    expires_in: int
    server_time: str


class AgencyView(Message):
    """What anybody may know of the agency. `demo` says that this is a demonstration."""

    name: str
    phone: str
    language: Language
    time_zone: str
    server_time: str
    demo: bool


class TokenCommand(Message):
    """The token of an invite link."""

    token: Annotated[str, Meta(max_length=512)]


class PreviewView(Message):
    """What the client's page shows before the button. It changes nothing."""

    visit_id: str
    agency_name: str
    agency_phone: str
    caregiver_name: str
    starts_at: str
    ends_at: str
    time_zone: str
    language: Language
    server_time: str


class ExchangeView(Message):
    """The link was exchanged for a cookie; the socket's ticket comes from `/visits/{visitId}/client-ticket`."""

    visit_id: str


class Problem(Message):
    """RFC 9457 problem details, with a stable `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
