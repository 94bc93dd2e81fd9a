"""JSON in and out, strictly: what is not exactly a message's type is refused before anybody sees it."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from signaling.domain.values import BadValue
from signaling.errors import Code, Refused

DEPTH_MAX = 16
BODY_MAX = 256 * 1024
MESSAGE_MAX = 64 * 1024
NUMBER_MAX = 2**53 - 1

_SURROGATE = re.compile("[\ud800-\udfff]")

T = TypeVar("T")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadValue("has the same key twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise BadValue("has a number that JSON does not know")


def _whole(text: str) -> int:
    # Beyond this, JavaScript and databases would each read another number (RFC 8259, section 6).
    if len(text) > 17 or abs(int(text)) > NUMBER_MAX:
        raise BadValue("has a number that is too large")
    return int(text)


def _fraction(text: str) -> float:
    number = float(text)
    if not abs(number) <= NUMBER_MAX:
        raise BadValue("has a number that is too large")
    return number


def _check(value: Any, depth: int = 1) -> None:
    if depth > DEPTH_MAX:
        raise BadValue(f"is nested more than {DEPTH_MAX} levels deep")
    if isinstance(value, str):
        # JSON can spell half a character (RFC 8259, section 8.2); nothing can store one.
        if _SURROGATE.search(value):
            raise BadValue("has half a character")
    elif isinstance(value, dict):
        for key, child in value.items():
            _check(key, depth)
            _check(child, depth + 1)
    elif isinstance(value, list):
        for child in value:
            _check(child, depth + 1)


def parse(raw: bytes | str, limit: int = BODY_MAX) -> Any:
    """JSON text as plain values.

    Raises Refused(VALIDATION_FAILED) for text that is no JSON, or has a key twice, NaN, half a character, a number
    beyond 2⁵³, or more than 16 levels; Refused(TOO_LARGE) beyond `limit` bytes.
    """
    if len(raw) > limit:
        raise Refused(Code.TOO_LARGE)
    try:
        value = json.loads(
            raw,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_whole,
            parse_float=_fraction,
        )
        _check(value)
    except BadValue as why:
        raise Refused(Code.VALIDATION_FAILED, f"The request {why}.") from None
    except (ValueError, RecursionError):
        raise Refused(Code.VALIDATION_FAILED, "The request is not JSON.") from None
    return value


def convert(value: Any, type_: type[T]) -> T:
    """Plain values as a message. Raises Refused(VALIDATION_FAILED) with `field` naming the first faulty one."""
    try:
        return msgspec.convert(value, type_, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Refused(Code.VALIDATION_FAILED, _plain(str(error)), field=_field(str(error))) from None


def decode(raw: bytes | str, type_: type[T], limit: int = BODY_MAX) -> T:
    """`parse`, then `convert`."""
    return convert(parse(raw, limit), type_)


def plain(message: Any) -> Any:
    """A message as plain values, camelCase, ready for JSON."""
    return msgspec.to_builtins(message)


def encode(message: Any) -> bytes:
    """A message as JSON."""
    return msgspec.json.encode(message)


def _field(text: str) -> str:
    """The place that msgspec's message names ("… - at `$.tasks[0].id`") as `tasks[0].id`."""
    place = text.rpartition(" - at `$")[2].rstrip("`") if " - at `$" in text else ""
    return place.removeprefix(".")


def _plain(text: str) -> str:
    """What is wrong, without the value that was sent: msgspec quotes unknown field names and enum values."""
    what = text.rpartition(" - at `$")[0] or text
    if what.startswith("Object contains unknown field"):
        what = "There is a field that is not known here"
    if what.startswith("Invalid enum value"):
        what = "The value is not one of those allowed"
    return f"{what}."
