"""The live side of a server for work that is done without one."""

from __future__ import annotations

from collections.abc import Iterable

from signaling.domain.presence import Presence
from signaling.domain.session import Role
from signaling.ports import Fact


class NoPages:
    """Nobody is in a call, no page is open, and no mail leaves before a server starts.

    It is `ports.CallWatch`, `ports.Notifier`, `ports.MailQueue` and `signing_in.InCall` at once.
    """

    def presence(self, visit: str, role: Role) -> Presence:  # noqa: ARG002
        """Nobody came."""
        return Presence.NEVER

    def in_call(self, employee: str) -> bool:  # noqa: ARG002
        """Nobody is."""
        return False

    def publish(self, facts: Iterable[Fact]) -> None:
        """There is nobody to tell."""

    def wake(self) -> None:
        """The mail worker looks when it starts."""
