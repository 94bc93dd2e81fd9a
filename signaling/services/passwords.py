"""Passwords of employees: what they must be, and argon2id (RFC 9106) over them.

Hashing takes some 0.1 s and 64 MiB on purpose: call it from a bounded pool, never on the event loop.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from signaling.domain.values import BadValue

LENGTH_MIN = 12
LENGTH_MAX = 1024
_DIFFERENT_MIN = 5
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def check_password(password: str, *known: str) -> str:
    """A password that may be set: long enough, no single key held down, none of the words `known` of its owner.

    No rules of composition: they make passwords worse (NIST SP 800-63B-4, section 3.1.1.2). Raises BadValue.
    """
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise BadValue(f"must have at least {LENGTH_MIN} characters; three or four random words do well")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in password):
        raise BadValue("must not contain control characters")
    if len(set(password)) < _DIFFERENT_MIN:
        raise BadValue("is too easy to guess: it has too few different characters")
    if password.casefold() in {word.casefold() for word in known}:
        raise BadValue("is too easy to guess: it is the name or the email")
    return password


def hash_password(password: str) -> str:
    """The password's argon2id hash with its own salt, in PHC form."""
    return _hasher.hash(_normal(password))


def verify_password(hashed: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    try:
        return _hasher.verify(hashed, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def needs_new_hash(hashed: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hashed)


def _normal(password: str) -> str:
    # Keyboards write the same accent as one character or as two (NIST SP 800-63B-4, section 3.1.1.2).
    return unicodedata.normalize("NFC", password)
