"""`static/js/protocol.js`: the protocol's words as constants and its messages as JSDoc types, for the pages."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from enum import StrEnum

from signaling.domain.presence import Presence
from signaling.domain.session import Role, State
from signaling.errors import Code
from signaling.protocol import resources
from signaling.protocol.messages import COMMANDS, FACTS, PROTOCOL, SUPPORTED, Device, Error, Grade, Message
from signaling.protocol.tables import Schema, description, is_always_there, schemas, target

_HEAD = """\
/**
 * What goes over the wire: words as constants, messages and HTTP bodies as types. See PROTOCOL.md.
 *
 * Generated from signaling/protocol by `make protocol`; changes belong there.
 */
"""
# A type of this name would hide the browser's own.
_RENAMED = {"Error": "Refusal"}
_CONSTANTS: Mapping[str, type[StrEnum]] = {
    "Role": Role,
    "State": State,
    "Presence": Presence,
    "Device": Device,
    "Grade": Grade,
    "Code": Code,
}


def _name(python: str) -> str:
    return _RENAMED.get(python, python)


def _type(schema: Schema) -> str:
    name = target(schema)
    if name is not None:
        return _name(name)
    if "anyOf" in schema:
        return " | ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(word) for word in schema["enum"])
    match schema.get("type"):
        case "array":
            item = _type(schema["items"])
            return f"({item})[]" if "|" in item else f"{item}[]"
        case "integer" | "number":
            return "number"
        case "object":
            return "Record<string, unknown>" if "properties" not in schema else "{}"
        case str(plain):
            return plain
        case _:
            return "unknown"


def _comment(lines: Iterable[str]) -> str:
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in lines), " */"])


def _wrapped(text: str) -> list[str]:
    return [line for part in text.split("\n\n") for line in textwrap.wrap(part, 106)]


def _typedef(name: str, schema: Schema) -> str:
    about = _wrapped(description(schema))
    if not schema.get("properties"):
        kind = _type(schema) if "enum" in schema else "{}"
        return _comment([*about, f"@typedef {{{kind}}} {_name(name)}"])
    fields = [
        f"@property {{{_type(kind)}}} {field if is_always_there(name, field, schema) else f'[{field}]'}"
        for field, kind in schema["properties"].items()
    ]
    return _comment([*about, f"@typedef {{object}} {_name(name)}", *fields])


def _constant(name: str, values: type[StrEnum]) -> str:
    pairs = "\n".join(f"  {member.name}: {json.dumps(member.value)}," for member in values)
    return f"export const {name} = Object.freeze(/** @type {{const}} */ ({{\n{pairs}\n}}));"


def _events() -> str:
    commands = [
        f"@property {{(message: {sent.__name__}, ack: (answer: Answer<{answer.__name__}>) => void) => void}} {name}"
        for name, (sent, answer) in COMMANDS.items()
    ]
    facts = [f"@property {{(fact: {kind.__name__}) => void}} {name}" for name, kind in FACTS.items()]
    signal = "@property {(pair: string, payload: unknown) => void} signal"
    return "\n\n".join(
        (
            _comment(
                ["What a command is answered with.", "@template T", "@typedef {({ok: true} & T) | Refused} Answer"]
            ),
            _comment(("A command that was refused.", "@typedef {{ok: false, error: Refusal}} Refused")),
            _comment(["The events that a page sends.", "@typedef {object} Commands", *commands, signal]),
            _comment(["The events that the server sends.", "@typedef {object} Facts", *facts, signal]),
        )
    )


def _bodies() -> list[type[Message]]:
    return [
        kind
        for kind in vars(resources).values()
        if isinstance(kind, type) and issubclass(kind, Message) and kind.__module__ == resources.__name__
    ]


def module() -> str:
    """The module's text."""
    wire = [kind for pair in COMMANDS.values() for kind in pair] + [*FACTS.values(), Error]
    found = schemas([*wire, *_bodies()])
    constants = [_constant(name, values) for name, values in _CONSTANTS.items()]
    codes = _comment(["The code of a refusal.", "@typedef {(typeof Code)[keyof typeof Code]} Code"])
    return "\n\n".join(
        (
            _HEAD
            + f"\nexport const PROTOCOL = {PROTOCOL};\n"
            + f"export const SUPPORTED = Object.freeze({list(SUPPORTED)});",
            *constants,
            codes,
            *(_typedef(name, schema) for name, schema in sorted(found.items())),
            _events() + "\n",
        )
    )
