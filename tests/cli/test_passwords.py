"""What a password must be, and how it is kept."""

from __future__ import annotations

import unicodedata

import pytest

from signaling.domain.values import BadValue
from signaling.services.passwords import check_password, hash_password, needs_new_hash, verify_password


@pytest.mark.parametrize("password", ["four random words", "12 characters"[:12], "motdepasse é à ü", "x1y2z3" * 100])
def test_good(password: str) -> None:
    assert check_password(password, "Anna Martin", "anna@willow.example") == password


@pytest.mark.parametrize(
    "password",
    ["", "11 letters.", "a" * 20, "abab" * 5, "ANNA@willow.example", "x1y2z3" * 200, "four\x00random words"],
)
def test_bad(password: str) -> None:
    with pytest.raises(BadValue) as caught:
        check_password(password, "Anna Martin", "anna@willow.example")
    assert not password or password not in str(caught.value)


def test_hashes() -> None:
    first, second = hash_password("four random words"), hash_password("four random words")
    assert first != second, "each has its own salt"
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert verify_password(first, "four random words")
    assert not verify_password(first, "four random word")
    assert not verify_password("no hash at all", "four random words")
    assert not needs_new_hash(first)
    assert needs_new_hash(first.replace("t=3", "t=2"))


def test_an_accent_is_the_same_however_the_keyboard_writes_it() -> None:
    composed = unicodedata.normalize("NFC", "été à la montagne")
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert verify_password(hash_password(composed), decomposed)
