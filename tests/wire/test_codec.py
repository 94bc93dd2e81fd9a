"""JSON in, strictly; and what is refused is not quoted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.errors import Code, Refused
from signaling.protocol import codec
from signaling.protocol.messages import COMMANDS, Join, Message
from signaling.transport import frames

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def outcome(work: Callable[[], object]) -> Code | None:
    """The code that it is refused with; None if it is not."""
    try:
        work()
    except Refused as refused:
        return refused.code
    return None


@given(plain)
def test_json_comes_back(value: Any) -> None:
    assert codec.parse(json.dumps(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(raw: bytes) -> None:
    assert outcome(lambda: codec.parse(raw)) in {None, Code.VALIDATION_FAILED}


@given(st.sampled_from([sent for sent, _ in COMMANDS.values()]), plain)
def test_any_value_is_a_message_or_refused(kind: type[Message], value: Any) -> None:
    assert outcome(lambda: codec.convert(value, kind)) in {None, Code.VALIDATION_FAILED}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        "{'a':1}",
        "NaN",
        "[Infinity]",
        '{"a":1,"a":1}',
        "[" * 17 + "]" * 17,
        "[" * 100_000,
        "1 2",
        "1e999",
        "-1e16",
        "9007199254740992",
        "9" * 5000,
        '"\\ud800"',
        '{"\\udc00":1}',
    ],
)
def test_what_is_not_strictly_json(text: str) -> None:
    with pytest.raises(Refused) as refused:
        codec.parse(text)
    assert refused.value.code is Code.VALIDATION_FAILED


def test_sixteen_levels_are_fine() -> None:
    assert codec.parse("[" * 16 + "]" * 16)


def test_too_large() -> None:
    with pytest.raises(Refused) as refused:
        codec.parse('"' + "x" * 100 + '"', limit=100)
    assert refused.value.code is Code.TOO_LARGE


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"legId": "s3cret value"}, "legId"),
        ({"s3cret": 1}, ""),
        ({"media": {"camera": "s3cret", "microphone": "on"}}, "media.camera"),
        ({"protocol": "s3cret"}, "protocol"),
        ({"pair": "s3cret"}, "pair"),
    ],
)
def test_a_refusal_names_the_place_and_not_the_value(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        codec.convert({"protocol": 1, "visitId": "v1", "legId": "l"} | change, Join)
    assert refused.value.extra["field"] == field
    assert "s3cret" not in refused.value.sentence


@pytest.mark.parametrize(
    "text", ["1", "2probe", "3", "3probe", "5", "6", "40", '40{"ticket":"x"}', "41", '42["a"]', '4217["a",{}]']
)
def test_frames_that_a_page_sends(text: str) -> None:
    assert frames.is_frame(text)


@given(st.text() | st.binary())
def test_other_frames_do_not_pass(text: str | bytes) -> None:
    if frames.is_frame(text):
        assert isinstance(text, str)
        assert text[0] in "123456"
    assert not frames.is_frame(f"45{text!r}")
    assert not frames.is_frame(f"b{text!r}")


@given(st.lists(plain, min_size=1, max_size=3))
def test_events_are_encoded_as_the_library_reads_them(arguments: list[Any]) -> None:
    packet = frames.Packet(encoded_packet=frames.event("fact", *arguments))
    assert packet.data == ["fact", *arguments]
    assert packet.attachment_count == 0
