"""What a value must look like: lists of good and bad ones for each check (DESIGN §5, inputs)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from signaling.domain.values import (
    BadValue,
    check_email,
    check_id,
    check_name,
    check_notes,
    check_phone,
    check_span,
    check_text,
    check_time,
    check_zone,
    rfc3339,
    zone,
)

SEED = random.randrange(2**32)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

# Each of these makes text read as something else, or breaks out of a line.
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
CONTROLS = "\x00\x01\x07\x08\x0b\x0c\x0e\x1b\x1f\x7f\x80\x85\x9f\u2028\u2029\ud800"
LABEL63 = "d" * 63

GOOD: dict[Callable[[str], Any], list[str]] = {
    check_id: ["a", "A-Z_0.9", "x" * 64, "...", "0", "-", "2026-03-01.v7"],
    check_name: ["Anna", "Soins à domicile", "李小龍", "O’Neil = Ross?", "🌻", "x" * 200, "שרה", "a\u200bb"],
    check_email: [
        "a@b.co",
        "Rosa.Marin+visits@Example.org",
        "x" * 64 + "@example.org",
        "root@localhost",
        "o'neil@sub.example.org",
        f"a@{LABEL63}.{LABEL63}.{LABEL63}.org",
        "a@xn--bcher-kva.example",
    ],
    check_phone: ["911", "+1 555 0100", "(02) 555-0100", "01.23.45.67.89", "+49/30/123"],
    check_zone: ["Europe/Paris", "America/Argentina/Buenos_Aires", "UTC", "Pacific/Apia"],
    check_notes: ["", "One\nTwo\n\tThree", "é" * (32 * 1024), "x" * (64 * 1024), "שלום \u202eabc"],
}
BAD: dict[Callable[[str], Any], list[str]] = {
    check_id: ["", ".", "..", "x" * 65, "a b", "a/b", "é", "a\n", "a%2f", "١", "a:b"],
    check_name: [
        "",
        "   ",
        "x" * 201,
        "=?utf-8?q?evil?=",
        "a =? b",
        "Anna\r\nBcc: x@example.org",
        "two\nlines",
        "a\tb",
        *(f"a{char}b" for char in BIDI),
        *(f"a{char}b" for char in CONTROLS),
    ],
    check_email: [
        "",
        "a",
        "@b.co",
        "a@",
        "a@b",
        "a@b.",
        "a@.b.co",
        "a@-b.co",
        "a@b-.co",
        "a b@c.co",
        "a@b.co,c@d.co",
        "a@b.co;c@d.co",
        "Rosa <a@b.co>",
        '"a b"@c.co',
        "a@[127.0.0.1]",
        ".a@b.co",
        "a.@b.co",
        "a..b@c.co",
        "é@b.co",
        "a@é.co",
        "a=?b@c.co",
        "a@b.co\r\nBcc: x@y.zz",
        "a@b.co\x00",
        "x" * 65 + "@example.org",
        f"a@{'d' * 64}.org",
        f"{'a' * 64}@{LABEL63}.{LABEL63}.{LABEL63}.org",
        "a@b@c.co",
    ],
    check_phone: ["", "12", "call me", "+1 555 0100;ext=1", "0" * 42, "(---)", "١٢٣٤", "123\n456", "javascript:1234"],
    check_zone: ["", "Paris", "Europe/Nowhere", "europe/paris", "+01:00", "../etc/passwd", "Europe/Paris\x00", "CEST"],
    check_notes: ["x" * (64 * 1024 + 1), "é" * (32 * 1024) + "x", "a\x00b", "a\rb", "a\x1bb", "a\x85b", "\ud800"],
}


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, row in GOOD.items() for value in row])
def test_good_ones_come_back(check: Callable[[str], Any], value: str) -> None:
    assert check(value) == value


@pytest.mark.parametrize(("check", "value"), [(check, value) for check, row in BAD.items() for value in row])
def test_bad_ones_are_refused_without_being_quoted(check: Callable[[str], Any], value: str) -> None:
    with pytest.raises(BadValue) as caught:
        check(value)
    assert len(value) < 9 or value not in str(caught.value)


@pytest.mark.parametrize(
    ("check", "value", "expected"),
    [
        (check_name, "  Anna  ", "Anna"),
        (check_name, " " * 300 + "Anna", "Anna"),
        (check_email, " a@b.co ", "a@b.co"),
        (check_phone, " 911 ", "911"),
        (check_notes, "one\r\ntwo", "one\ntwo"),
    ],
)
def test_what_is_tidied_up(check: Callable[[str], Any], value: str, expected: str) -> None:
    assert check(value) == expected


def test_a_text_is_one_line() -> None:
    assert check_text("x" * 200) == "x" * 200
    for value in ("a\x00b", "a\rb", "a\nb", "a\tb", "a\u2028b", "a\u202eb", "x" * 201, " "):
        with pytest.raises(BadValue):
            check_text(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01t12:00:00z", NOON),
        ("2026-03-01 12:00:00Z", NOON),
        ("2026-03-01T13:00:00+01:00", NOON),
        ("2026-03-01T06:30:00-05:30", NOON),
        ("2026-03-01T12:00:00-00:00", NOON),
        ("2026-03-01T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-03-01T12:00:00.123456Z", NOON + timedelta(microseconds=123456)),
        # Some systems write seven or nine digits; RFC 3339 sets no limit.
        ("2026-03-01T13:00:00.0000000+01:00", NOON),
        ("2026-03-01T12:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        # Both sides of the night when Paris's clocks go forward, then of the one when they go back.
        ("2026-03-29T01:59:59+01:00", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)),
        ("2026-03-29T03:00:00+02:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30:00+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_times(value: str, expected: datetime) -> None:
    moment = check_time(value)
    assert moment == expected
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-03-01T12:00Z",
        "2026-03-01T12:00:00+0100",
        "2026-03-01T12:00:00+01",
        "2026-03-01T12:00:00,5Z",
        "2026-03-01T12:00:00.Z",
        "20260301T120000Z",
        "2026-W09-7T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-03-01T24:00:01Z",
        "2026-03-01T12:60:00Z",
        "2026-03-01T12:00:60Z",
        "2026-03-01T12:00:00+24:00",
        "2026-03-01T12:00:00 +01:00",
        "2026-03-01T12:00:00Z\n",
        " 2026-03-01T12:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "1969-12-31T23:59:59Z",
        "٢٠٢٦-03-01T12:00:00Z",
        "1772366400",
        "now",
    ],
)
def test_what_is_no_time_with_an_offset(value: str) -> None:
    with pytest.raises(BadValue):
        check_time(value)


@pytest.mark.parametrize("lasts", [timedelta(seconds=1), timedelta(hours=1), timedelta(hours=24)])
def test_spans(lasts: timedelta) -> None:
    check_span(NOON, NOON + lasts)


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(seconds=-1), timedelta(hours=24, microseconds=1)])
def test_what_is_no_span_of_a_visit(lasts: timedelta) -> None:
    with pytest.raises(BadValue):
        check_span(NOON, NOON + lasts)


def test_a_visit_of_24_hours_across_a_change_of_the_clocks() -> None:
    starts_at = check_time("2026-03-28T12:00:00+01:00")
    check_span(starts_at, check_time("2026-03-29T13:00:00+02:00"))
    with pytest.raises(BadValue):
        check_span(starts_at, check_time("2026-03-29T13:00:01+02:00"))


def test_zones_know_their_clocks() -> None:
    paris = zone("Europe/Paris")
    assert datetime(2026, 3, 29, 1, tzinfo=UTC).astimezone(paris).hour == 3
    assert datetime(2026, 3, 29, 0, 59, tzinfo=UTC).astimezone(paris).hour == 1


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOON, "2026-03-01T12:00:00.000Z"),
        (NOON + timedelta(microseconds=999), "2026-03-01T12:00:00.000Z"),
        (NOON.astimezone(zone("Asia/Tokyo")), "2026-03-01T12:00:00.000Z"),
    ],
)
def test_how_times_are_written(moment: datetime, expected: str) -> None:
    assert rfc3339(moment) == expected


@seed(SEED)
@settings(max_examples=200, deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(8999, 1, 1)))  # noqa: DTZ001 -- the zone comes next
def test_what_is_written_is_read_again(naive: datetime) -> None:
    print(f"seed {SEED}")
    moment = naive.replace(tzinfo=UTC, microsecond=naive.microsecond // 1000 * 1000)
    assert check_time(rfc3339(moment)) == moment


@seed(SEED)
@settings(max_examples=300, deadline=None)
@given(st.text(max_size=220))
def test_a_name_that_passes_is_safe_in_a_header(value: str) -> None:
    print(f"seed {SEED}")
    try:
        name = check_name(value)
    except BadValue:
        return
    assert name == name.strip() != ""
    assert "=?" not in name
    assert len(name.splitlines()) == 1
    assert not set(name) & set(BIDI + CONTROLS)
    assert len(name) <= 200
    name.encode()
