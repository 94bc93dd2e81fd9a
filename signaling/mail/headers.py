"""What may enter a mail header, and how headers are written (RFC 5322, RFC 2047).

Python below 3.11.15 decodes an encoded word inside a header's value and can write its line breaks out again, so
that a name becomes a header of its own. Two guards, each enough: such values are refused, and every header is
looked at once more after it was written.
"""

from __future__ import annotations

import re
from email.header import Header
from email.headerregistry import Address, AddressHeader
from email.policy import EmailPolicy
from typing import Any

from signaling.domain.values import BadValue, check_name

_DOT_ATOM = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*", re.ASCII)
# A line of a header after its first one begins with white space, or it is another header (RFC 5322, section 2.2.3).
_ANOTHER_HEADER = re.compile(r"\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n|\0")


def check_header(value: str) -> str:
    """A text for a header of ours; raises BadValue for control characters, text-direction characters and `=?`."""
    return check_name(value)


def message_id(id: str, host: str) -> str:
    """A mail's Message-ID (RFC 5322, section 3.6.4) from the id that it keeps over all tries; raises BadValue."""
    if not (_DOT_ATOM.fullmatch(id) and _DOT_ATOM.fullmatch(host)):
        raise BadValue("must be a message id")
    return f"<{id}@{host}>"


def mailbox(address: str, name: str = "") -> Address:
    """An address with the name that mail programs show for it. Both must have been checked."""
    return Address(display_name=name, addr_spec=address)


def _encoded(name: str, words: str) -> str:
    return f"{name}: " + Header(words, "utf-8", header_name=name).encode(linesep="\r\n")


def _fold_unicode(name: str, value: Any) -> str | None:
    """A header of ours that is not ASCII, as it is sent; None where Python's own way serves.

    Python loses blanks where it breaks a text between encoded words.
    """
    text = str(value)
    if text.isascii():
        return None
    if isinstance(value, AddressHeader) and len(value.addresses) == 1:
        return f"{_encoded(name, value.addresses[0].display_name)}\r\n <{value.addresses[0].addr_spec}>\r\n"
    return f"{_encoded(name, text)}\r\n" if name.lower() == "subject" else None


class OneHeaderEach(EmailPolicy):
    """Writes 7-bit mails with CRLF, and never lets one header become two. Raises BadValue instead."""

    def fold(self, name: str, value: Any) -> str:
        """One header as it is sent."""
        folded = _fold_unicode(name, value)
        if folded is None:
            folded = super().fold(name, value)
        if not folded.endswith("\r\n") or _ANOTHER_HEADER.search(folded[:-2]):
            raise BadValue("would become a header of its own")
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same in bytes."""
        return self.fold(name, value).encode("ascii")


POLICY = OneHeaderEach(linesep="\r\n", cte_type="7bit")
