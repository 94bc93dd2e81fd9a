"""The token of an invite link: 256 bits, computed from the invite's seed, never stored (DESIGN §5)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from signaling.domain.invite import Invite


class Links:
    """Makes the links of one agency; `link_key` is the secret of the settings, `public_url` an origin."""

    def __init__(self, link_key: bytes, public_url: str) -> None:
        self._key = link_key
        self._public_url = public_url

    def token(self, seed: bytes) -> str:
        """The token of a seed: HMAC-SHA256 in base64url, 43 characters."""
        mac = hmac.new(self._key, seed, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()

    def link(self, invite: Invite) -> str:
        """The link that is mailed or copied. The token is in the fragment, which browsers do not send."""
        return f"{self._public_url}/v#{self.token(invite.seed)}"


def digest(secret: str) -> bytes:
    """What is stored of a token, cookie or key: its SHA-256. Looking it up leaks no prefix by its timing."""
    return hashlib.sha256(secret.encode()).digest()
