"""Presence by the clock, and pairs: what a returning page keeps, and when a new try begins."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.domain.presence import GRACE, Leg, Pair, Presence, next_pair, presence_of

LEG = Leg("leg-1", 1)
SHORT, LONG = GRACE - timedelta(milliseconds=1), GRACE


@pytest.mark.parametrize(
    ("leg", "connected", "silent_for", "running_for", "expected"),
    [
        (None, False, None, SHORT, Presence.NEVER),
        (None, True, None, LONG, Presence.NEVER),
        (LEG, True, None, SHORT, Presence.PRESENT),
        (LEG, True, LONG, LONG, Presence.PRESENT),
        (LEG, False, SHORT, LONG, Presence.PRESENT),
        (LEG, False, LONG, LONG, Presence.LOST),
        (LEG, False, SHORT, SHORT, Presence.PRESENT),
        (LEG, False, None, SHORT, Presence.UNKNOWN),
        (LEG, False, None, LONG, Presence.LOST),
        (Leg("l", 1, Presence.CLOSED), True, None, SHORT, Presence.CLOSED),
        (Leg("l", 1, Presence.LEFT), False, SHORT, SHORT, Presence.LEFT),
    ],
)
def test_presence(
    leg: Leg | None, connected: bool, silent_for: timedelta | None, running_for: timedelta, expected: Presence
) -> None:
    found = presence_of(leg, connected=connected, silent_for=silent_for, running_for=running_for)
    assert found is expected


@pytest.mark.parametrize(
    ("current", "offered", "fresh", "expected"),
    [
        # Both come for the first time.
        (None, None, True, "1.1.1"),
        # The server has started anew, and the call goes on.
        (None, "1.1.4", False, "1.1.4"),
        ("1.1.4", "1.1.4", False, "1.1.4"),
        # A page was reloaded: it has no peer connection any more.
        ("1.1.4", None, True, "1.1.5"),
        # A page that missed a new try takes it up.
        ("1.1.4", "1.1.3", False, "1.1.4"),
        # After a start the reloaded page came first; the other's peer connection belongs to nobody.
        ("1.1.1", "1.1.4", False, "1.1.5"),
        # What is held for another leg is worth nothing.
        (None, "1.2.4", False, "1.1.1"),
        ("1.1.2", "2.1.9", False, "1.1.2"),
        ("1.2.7", None, True, "1.1.1"),
        ("1.2.7", "1.1.3", False, "1.1.3"),
    ],
)
def test_next_pair(current: str | None, offered: str | None, fresh: bool, expected: str) -> None:
    found = next_pair(
        None if current is None else Pair.parse(current),
        1,
        1,
        offered=None if offered is None else Pair.parse(offered),
        fresh=fresh,
    )
    assert str(found) == expected


numbers = st.integers(1, 5)
pairs = st.builds(Pair, numbers, numbers, numbers)


@given(st.none() | pairs, numbers, numbers, st.none() | pairs)
def test_the_pair_is_always_of_these_generations_and_never_goes_back(
    current: Pair | None, caregiver: int, client: int, offered: Pair | None
) -> None:
    found = next_pair(current, caregiver, client, offered=offered, fresh=offered is None)
    assert (found.caregiver, found.client) == (caregiver, client)
    for earlier in (current, offered):
        if earlier is not None and (earlier.caregiver, earlier.client) == (caregiver, client):
            assert found.n >= earlier.n


@given(st.none() | pairs, numbers, numbers)
def test_a_page_without_a_peer_connection_gets_a_pair_nobody_has_used(
    current: Pair | None, caregiver: int, client: int
) -> None:
    assert next_pair(current, caregiver, client, offered=None, fresh=True) != current


@given(pairs)
def test_two_pages_that_hold_the_same_pair_keep_it(pair: Pair) -> None:
    first = next_pair(None, pair.caregiver, pair.client, offered=pair, fresh=False)
    assert next_pair(first, pair.caregiver, pair.client, offered=pair, fresh=False) == pair


@given(pairs)
def test_the_wire_form_comes_back(pair: Pair) -> None:
    assert Pair.parse(str(pair)) == pair


@pytest.mark.parametrize(
    "text", ["", "1", "1.1", "1.1.1.1", "1.1.x", "-1.1.1", " 1.1.1", "1.1.01", "1.1.1_0", "1.1.\u0661"]
)
def test_other_texts_are_no_pair(text: str) -> None:
    with pytest.raises(ValueError, match=r"pair|int|unpack"):
        Pair.parse(text)
