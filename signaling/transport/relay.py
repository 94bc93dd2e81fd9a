"""Signaling between the two pages of a pair: passed on as it came. What it means is for the receiving page to judge."""

from __future__ import annotations

from collections import Counter
from typing import Any

from signaling.errors import Code, Refused
from signaling.transport import frames
from signaling.transport.connections import Connection
from signaling.transport.rooms import Rooms


class Relay:
    """Passes `signal` on within a pair. `counts` tells how often one was dropped, and why."""

    def __init__(self, rooms: Rooms, counts: Counter[str]) -> None:
        self._rooms = rooms
        self._counts = counts

    def signal(self, connection: Connection, arguments: list[Any], *, wants_answer: bool) -> None:
        """Pass `[pair, object]` on to the other page, if both are of this pair.

        What belongs to another pair, or has nobody to go to, is dropped: the pages negotiate anew when they are back.
        Raises Refused(VALIDATION_FAILED) for anything that is no such message.
        """
        if wants_answer:
            raise Refused(Code.VALIDATION_FAILED, "A signal is not answered.")
        if len(arguments) != 2 or not isinstance(arguments[0], str) or not isinstance(arguments[1], dict):
            raise Refused(Code.VALIDATION_FAILED, "A signal is a pair and an object.")
        pair, payload = arguments
        try:
            room, role = self._rooms.seat_of(connection)
        except Refused as refused:
            self._counts[f"signal {refused.code}"] += 1
            return
        other = room.seats[role.other].connection
        if room.pair is None or pair != str(room.pair) or other is None:
            self._counts["signal of another pair" if other is not None else "signal to nobody"] += 1
            return
        other.send(frames.event("signal", pair, payload))
