"""The tables of PROTOCOL.md, made from the types and rules themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from signaling.domain.access import WHEN, WHO, Party
from signaling.domain.session import State, diagram
from signaling.errors import MEANINGS
from signaling.protocol.messages import COMMANDS, FACTS, Error, Message

Schema = Mapping[str, Any]


def schemas(types: Iterable[type[Message]]) -> dict[str, Schema]:
    """The JSON Schema of every type and of all they refer to, by name."""
    return msgspec.json.schema_components(types)[1]


def description(schema: Schema) -> str:
    """What the type's docstring says, in one paragraph a paragraph."""
    text = inspect.cleandoc(schema.get("description", ""))
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def target(schema: Schema) -> str | None:
    """The name of the type that a `$ref` refers to."""
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join([_row(*head), "|" + "---|" * len(head), *(_row(*row) for row in rows)])


def words(schema: Schema) -> str:
    """A field's type in words: its JSON type, the words it may be, its limits."""
    name = target(schema)
    if name is not None:
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(words(part) for part in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {words(schema['items'])}"
    limits = [f"`{schema['pattern']}`"] if "pattern" in schema else []
    limits += [f"at least {schema[key]}" for key in ("minimum", "minLength") if key in schema]
    limits += [f"at most {schema[key]}" for key in ("maximum", "maxLength") if key in schema]
    return ", ".join([schema.get("type", "any"), *limits])


_SENT: tuple[type[Message], ...] = (*(answer for _, answer in COMMANDS.values()), *FACTS.values(), Error)
_FROM_SERVER = {kind.__name__ for kind in _SENT}
_VIEWS = ("View", "List", "Brief", "Info")


def is_always_there(name: str, field: str, schema: Schema) -> bool:
    """Whether a message of the type `name` never lacks the field: the server writes its defaults out, too."""
    if field in schema.get("required", ()):
        return True
    return "default" in schema["properties"][field] and (name in _FROM_SERVER or name.endswith(_VIEWS))


def _fields(name: str, schema: Schema) -> str:
    rows = []
    for field, kind in schema["properties"].items():
        if is_always_there(name, field, schema):
            need = "always"
        elif "default" in kind:
            need = f"default `{msgspec.json.encode(kind['default']).decode()}`"
        else:
            need = "may be absent"
        rows.append((f"`{field}`", words(kind), need))
    return table(("field", "type", "there"), rows)


def _message_tables() -> str:
    kinds = [kind for pair in COMMANDS.values() for kind in pair] + [*FACTS.values(), Error]
    parts = []
    for name, schema in sorted(schemas(kinds).items()):
        body = _fields(name, schema) if schema.get("properties") else ""
        if "enum" in schema:
            body = "One of " + words(schema) + "."
        if not body:
            body = "No fields."
        parts.append(f"### {name}\n\n{description(schema)}\n\n{body}")
    return "\n\n".join(parts)


def _doc(kind: type[Message]) -> str:
    return description({"description": kind.__doc__ or ""}).partition("\n")[0]


def _link(kind: type[Message]) -> str:
    return f"[{kind.__name__}](#{kind.__name__.lower()})"


def _commands() -> str:
    rows = [(f"`{name}`", _link(sent), _link(answer), _doc(sent)) for name, (sent, answer) in COMMANDS.items()]
    return table(("command", "message", "answer", "meaning"), rows)


def _facts() -> str:
    return table(
        ("fact", "message", "meaning"), [(f"`{name}`", _link(kind), _doc(kind)) for name, kind in FACTS.items()]
    )


def _errors() -> str:
    rows = [(f"`{code}`", str(meaning.status), meaning.sentence) for code, meaning in MEANINGS.items()]
    return table(("code", "HTTP status", "sentence"), rows)


def _who() -> str:
    rows = [
        (f"`{action}`", *("yes" if row[party] is None else f"`{row[party]}`" for party in Party))
        for action, row in WHO.items()
    ]
    return table(("action", *(party.value.replace("_", " ") for party in Party)), rows)


def _when() -> str:
    states = (None, *State)
    rows = [
        (f"`{action}`", *(f"`{row[state]}`" if state in row else "yes" for state in states))
        for action, row in WHEN.items()
    ]
    return table(("action", "no session", *(f"`{state}`" for state in State)), rows)


def _states() -> str:
    return f"```mermaid\n{diagram()}```"


TABLES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "commands": _commands,
        "facts": _facts,
        "messages": _message_tables,
        "errors": _errors,
        "states": _states,
        "who": _who,
        "when": _when,
    }
)
