"""What may come in from a page, before any library reads it. Pure.

python-engineio lets a malformed frame raise outside its error handling, which logs what was sent and leaves the
connection half open; python-socketio waits for the attachments that a frame announces. So the form is checked here.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import orjson
from engineio import payload
from socketio import packet

from signaling.protocol import codec

# Engine.IO 4: close, pong and probe, upgrade, no-op; a message (4) with a Socket.IO 5 packet of the main namespace:
# CONNECT (0), DISCONNECT (1), EVENT (2) with an optional ack id. The server asks for no acks and takes no attachments.
_FRAME = re.compile(r"1|2probe|3(?:probe)?|5|6|40(?:\{.*\})?|41|42[0-9]{0,9}\[.*\]", re.ASCII | re.DOTALL)
SEPARATOR = "\x1e"
# A browser on long polling sends all that has gathered at once: a negotiation's candidates are some dozens.
PAYLOAD_FRAMES_MAX = 256
payload.Payload.max_decode_packets = PAYLOAD_FRAMES_MAX


def is_frame(text: object) -> bool:
    """Whether this is one Engine.IO frame that a page may send. Bytes never are."""
    return isinstance(text, str) and _FRAME.fullmatch(text) is not None


def payload_frames(body: bytes) -> list[str]:
    """The frames of a long-polling body; none if it is no such body, or one of its frames may not be sent."""
    try:
        found = body.decode().split(SEPARATOR)
    except UnicodeDecodeError:
        return []
    return found if len(found) <= PAYLOAD_FRAMES_MAX and all(map(is_frame, found)) else []


def _loads(text: str) -> Any:
    return codec.parse(text, codec.MESSAGE_MAX)


def _dumps(value: Any, **_: Any) -> str:
    return orjson.dumps(value).decode()


class Packet(packet.Packet):  # type: ignore[misc]
    """Socket.IO packets with the strict JSON of the codec, and without attachments."""

    uses_binary_events = False
    json = SimpleNamespace(loads=_loads, dumps=_dumps)


def event(name: str, *arguments: Any) -> str:
    """An event for a page, encoded."""
    return str(Packet(packet.EVENT, data=[name, *arguments]).encode())
