"""Every message: instances that are taken, and instances that are refused."""

from __future__ import annotations

from typing import Any

import jsonschema
import msgspec
import pytest

from signaling.errors import Code, Refused
from signaling.protocol import codec
from signaling.protocol.messages import COMMANDS, FACTS, Error, Message
from signaling.protocol.tables import schemas

JOIN = {"protocol": 1, "visitId": "v1", "legId": "leg-1"}
MEDIA = {"camera": "on", "microphone": "off"}
LAST = {
    "how": "email",
    "madeAt": "2026-03-02T12:00:00Z",
    "sentAt": None,
    "to": "rose@home.example",
    "delivery": "sending",
    "reason": None,
}
VISIT = {
    "startsAt": "2026-03-02T12:00:00Z",
    "endsAt": "2026-03-02T13:00:00Z",
    "timeZone": "Europe/Paris",
    "language": "fr",
    "agencyName": "Willow",
    "phone": None,
    "clockedIn": True,
    "lastInvite": LAST,
}
SNAPSHOT = {
    "protocol": 1,
    "visitId": "v1",
    "legId": "leg-1",
    "role": "client",
    "generation": 1,
    "state": "joined",
    "rev": 2,
    "pair": "1.1.1",
    "polite": True,
    "peer": {"name": "Anna", "presence": "present", "media": MEDIA, "grade": "good"},
    "iceServers": [{"urls": ["stun:a"]}, {"urls": ["turn:b"], "username": "u", "credential": "c"}],
    "iceTtlSeconds": 600,
    "relayOnly": False,
    "visit": VISIT,
    "serverTime": "2026-03-02T12:00:00Z",
}
ENDED = {"state": "terminated", "rev": 3, "alreadyOver": False}

VALID: dict[str, list[dict[str, Any]]] = {
    "Join": [JOIN, JOIN | {"resume": True, "takeover": True, "pair": "1.2.3", "media": MEDIA}, JOIN | {"pair": None}],
    "Snapshot": [SNAPSHOT, SNAPSHOT | {"pair": None, "visit": VISIT | {"lastInvite": None}}],
    "Watch": [{"protocol": 1}],
    "Watching": [{"protocol": 1, "serverTime": "2026-03-02T12:00:00Z"}],
    "MediaState": [MEDIA, {"camera": "none", "microphone": "none"}],
    "Quality": [{"grade": grade} for grade in ("good", "fair", "poor", "lost")],
    "Renegotiate": [{"pair": "1.1.1"}, {"pair": "999999999.1.1"}],
    "HangUp": [{"commandId": "a"}, {"commandId": "A-z.0_" + "9" * 58}],
    "EndSession": [{"commandId": "a"}],
    "Ended": [ENDED],
    "Leave": [{"why": "closed"}, {"why": "left"}],
    "Done": [{}],
    "Error": [{"code": "internal", "detail": "x"}, {"code": "validation_failed", "detail": "x", "field": "legId"}],
    "SessionChanged": [{"visitId": "v1", "rev": 1, "state": "invited"}],
    "PeerChanged": [
        {"visitId": "v1", "role": "client", "presence": "unknown", "pair": None},
        {"visitId": "v1", "role": "caregiver", "presence": "left", "pair": "1.1.1", "name": "Anna"},
    ],
    "PeerMedia": [MEDIA],
    "PeerQuality": [{"grade": "lost"}],
    "VisitChanged": [{"visitId": "v1"}],
    "InviteChanged": [{"visitId": "v1", "lastInvite": LAST}, {"visitId": "v1", "lastInvite": None}],
    "Replaced": [{}],
    "LegClosed": [{"code": "link_revoked"}],
    "Draining": [{"spreadMs": 3000}],
}
INVALID: dict[str, list[Any]] = {
    "Join": [
        JOIN | {"protocol": "1"},
        JOIN | {"protocol": 1.5},
        JOIN | {"protocol": True},
        JOIN | {"visitId": ""},
        JOIN | {"visitId": "x" * 65},
        JOIN | {"visitId": "v/1"},
        JOIN | {"legId": "leg\n"},
        JOIN | {"legId": None},
        JOIN | {"resume": 1},
        JOIN | {"takeover": None},
        JOIN | {"pair": "1.1"},
        JOIN | {"pair": "1.1.1\n"},
        JOIN | {"pair": "1.1.\u0661"},
        JOIN | {"pair": "1.1.-1"},
        JOIN | {"media": {"camera": "on"}},
        JOIN | {"media": []},
    ],
    "Snapshot": [SNAPSHOT | {"role": "watch"}, SNAPSHOT | {"peer": None}, SNAPSHOT | {"iceServers": [{}]}],
    "Watch": [{"protocol": "1"}, {"protocol": None}],
    "Watching": [{"protocol": 1, "serverTime": 0}],
    "MediaState": [{"camera": "On", "microphone": "on"}, {"camera": True, "microphone": True}],
    "Quality": [{"grade": "excellent"}, {"grade": 1}],
    "Renegotiate": [{"pair": None}, {"pair": "1.1.1.1"}, {"pair": "1234567890.1.1"}],
    "HangUp": [{"commandId": "x y"}, {"commandId": 1}],
    "EndSession": [{"commandId": ""}],
    "Ended": [{"state": "over", "rev": 1}],
    "Leave": [{"why": "lost"}, {"why": ""}],
    "Done": [],
    "Error": [{"code": 1, "detail": "x"}],
    "SessionChanged": [{"visitId": "v1", "rev": "1", "state": "invited"}],
    "PeerChanged": [{"visitId": "v1", "role": "client", "presence": "gone", "pair": None}],
    "PeerMedia": [{"camera": "on", "microphone": None}],
    "PeerQuality": [{"grade": None}],
    "VisitChanged": [{"visitId": None}],
    "InviteChanged": [{"visitId": "v1", "lastInvite": LAST | {"delivery": "lost"}}],
    "Replaced": [],
    "LegClosed": [{"code": None}],
    "Draining": [{"spreadMs": "3"}],
}
KINDS: tuple[type[Message], ...] = (*(kind for pair in COMMANDS.values() for kind in pair), *FACTS.values(), Error)
TYPES = {kind.__name__: kind for kind in KINDS}
SCHEMAS = schemas(TYPES.values())


def fits_schema(name: str, value: Any) -> bool:
    """Whether the published schema takes it."""
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMAS}
    return bool(jsonschema.Draft202012Validator(schema).is_valid(value))


def test_there_are_instances_of_every_message() -> None:
    assert TYPES.keys() == VALID.keys() == INVALID.keys()
    assert all(VALID.values())


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in VALID.items() for value in values])
def test_valid(name: str, value: dict[str, Any]) -> None:
    message = codec.convert(value, TYPES[name])
    assert value.items() <= codec.plain(message).items()
    assert codec.decode(codec.encode(message), TYPES[name]) == message
    assert fits_schema(name, value)


def wrong(name: str) -> list[Any]:
    """The invalid instances, and what is wrong for every message: a field too much or too few, no object."""
    whole = VALID[name][0]
    fields = msgspec.inspect.type_info(TYPES[name])
    assert isinstance(fields, msgspec.inspect.StructType)
    needed = [field.encode_name for field in fields.fields if field.required]
    lacking = [{key: value for key, value in whole.items() if key != field} for field in needed]
    return [*INVALID[name], *lacking, whole | {"more": 1}, [], None, "text", 1]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in TYPES for value in wrong(name)])
def test_invalid(name: str, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        codec.convert(value, TYPES[name])
    assert refused.value.code is Code.VALIDATION_FAILED
    assert not fits_schema(name, value)
