"""Everything that goes over the socket, one type a message. PROTOCOL.md and the JavaScript types come from here.

Commands go from a page to the server and are acknowledged with `{ok: true, ...}` or `{ok: false, error}`;
facts go from the server to a page. `signal` goes both ways and is relayed unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from signaling.domain.presence import Presence
from signaling.domain.session import Role, State

PROTOCOL = 1
SUPPORTED = (PROTOCOL,)

# In Python's dialect `$` alone lets a line break pass at the end; JSON Schema's has no `\Z`.
_END = r"$(?!\n)"
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}" + _END)]
PairText = Annotated[str, Meta(pattern=r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}" + _END)]
Generation = Annotated[int, Meta(ge=1, le=2**31)]


class Message(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True, omit_defaults=False):
    """What every message is: camelCase on the wire, unknown fields refused."""


class Device(StrEnum):
    """What a page's camera or microphone is doing; `none`: there is none, or it may not be used."""

    ON = "on"
    OFF = "off"
    NONE = "none"


class Grade(StrEnum):
    """The quality of a person's connection, as the other one is told it."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    LOST = "lost"


class MediaState(Message):
    """What this page's devices are doing; the other page is told with `peer_media`."""

    camera: Device
    microphone: Device


class Join(Message):
    """Enter the call, or come back to it; answered with a `Snapshot`.

    `pair` names the pair that the page still holds a peer connection for. `resume` says that this leg has joined
    before; `takeover` that the person chose this page over the one where the call is open.
    """

    protocol: int
    visit_id: Id
    leg_id: Id
    resume: bool = False
    takeover: bool = False
    pair: PairText | None = None
    media: MediaState | None = None


class Quality(Message):
    """How this person's connection is, from the page's own measurements; passed on as `peer_quality`."""

    grade: Grade


class Renegotiate(Message):
    """This page's peer connection is beyond repair: asks for a new pair. `pair` is the one given up."""

    pair: PairText


class HangUp(Message):
    """The client leaves; they can come back. Repeated with the same `commandId` it answers the same."""

    command_id: Id


class EndSession(Message):
    """The caregiver ends the session for good."""

    command_id: Id


class Leave(Message):
    """The page goes: closed, or "Leave for now". The state does not change."""

    why: Literal["closed", "left"]


class Watch(Message):
    """A staff page follows the schedule: `visit_changed`, `invite_changed`, `session_changed`, `peer_changed`."""

    protocol: int


class IceServerInfo(Message):
    """One RTCIceServer (webrtc-pc, section 4.2.4)."""

    urls: list[str]
    username: str | UnsetType = UNSET
    credential: str | UnsetType = UNSET


class PeerInfo(Message):
    """The other person: the name that may be shown here, whether they are connected, what their devices do."""

    name: str
    presence: Presence
    media: MediaState | None
    grade: Grade | None


class LastInvite(Message):
    """The last invite, for the caregiver: `sent_at` is when the SMTP server accepted it, or the link was copied."""

    how: Literal["email", "link"]
    made_at: str
    sent_at: str | None
    to: str | None
    delivery: Literal["sending", "sent", "delayed", "failed", "dropped", "copied"]
    reason: str | None


class VisitInfo(Message):
    """What a call page shows of the visit. `phone` is whom to call: the client's number, or the agency's."""

    starts_at: str
    ends_at: str
    time_zone: str
    language: str
    agency_name: str
    phone: str | None
    clocked_in: bool
    last_invite: LastInvite | None


class Snapshot(Message):
    """Everything a page needs to know after `join`; it reconciles itself to it.

    `pair` is null until both legs exist. The polite side of perfect negotiation is the client; the caregiver
    makes the first offer when `peer.presence` is `present`. `relay_only`: media may go through TURN servers only.
    """

    protocol: int
    visit_id: str
    leg_id: str
    role: Role
    generation: int
    state: State
    rev: int
    pair: str | None
    polite: bool
    peer: PeerInfo
    ice_servers: list[IceServerInfo]
    ice_ttl_seconds: int
    relay_only: bool
    visit: VisitInfo
    server_time: str


class Watching(Message):
    """The answer to `watch`."""

    protocol: int
    server_time: str


class Ended(Message):
    """The answer to `hang_up` and `end_session`. `alreadyOver`: somebody had ended it before."""

    state: State
    rev: int
    already_over: bool = False


class Done(Message):
    """The answer to a command that has nothing to tell."""


class Error(Message):
    """Why a command was refused; a `Code` and its sentence. `field` names what is wrong in the message."""

    code: str
    detail: str
    field: str | UnsetType = UNSET


class SessionChanged(Message):
    """The session's state changed. Those with a `rev` not above the known one are old news."""

    visit_id: str
    rev: int
    state: State


class PeerChanged(Message):
    """The other person came, went, or has a new pair. On a `watch` connection: who came or went."""

    visit_id: str
    role: Role
    presence: Presence
    pair: str | None
    name: str | UnsetType = UNSET


class PeerMedia(MediaState):
    """The other page's devices."""


class PeerQuality(Message):
    """The other person's connection."""

    grade: Grade


class VisitChanged(Message):
    """A visit of this person's schedule changed: read it again."""

    visit_id: str


class InviteChanged(Message):
    """The last invite's delivery changed; null on a `watch` connection, which reads the visit again."""

    visit_id: str
    last_invite: LastInvite | None


class Replaced(Message):
    """The call was moved to another page; this one releases its devices. Never answered with a new join."""


class LegClosed(Message):
    """This leg may not go on: `code` says why (`link_revoked`, `visit_cancelled`, `not_signed_in`)."""

    code: str


class Draining(Message):
    """The server goes down for a moment: connect again after a random part of `spreadMs`."""

    spread_ms: int


COMMANDS: Mapping[str, tuple[type[Message], type[Message]]] = MappingProxyType(
    {
        "join": (Join, Snapshot),
        "watch": (Watch, Watching),
        "media_state": (MediaState, Done),
        "quality": (Quality, Done),
        "renegotiate": (Renegotiate, Done),
        "hang_up": (HangUp, Ended),
        "end_session": (EndSession, Ended),
        "leave": (Leave, Done),
    }
)
FACTS: Mapping[str, type[Message]] = MappingProxyType(
    {
        "session_changed": SessionChanged,
        "peer_changed": PeerChanged,
        "peer_media": PeerMedia,
        "peer_quality": PeerQuality,
        "visit_changed": VisitChanged,
        "invite_changed": InviteChanged,
        "replaced": Replaced,
        "leg_closed": LegClosed,
        "draining": Draining,
    }
)


def schema() -> tuple[list[dict[str, object]], dict[str, dict[str, object]]]:
    """JSON Schema of every message, and the definitions they share."""
    types = [kind for pair in COMMANDS.values() for kind in pair] + list(FACTS.values()) + [Error]
    refs, definitions = msgspec.json.schema_components(types)
    return list(refs), definitions
