"""The commands of the socket, one method each, by the names of `COMMANDS`. They answer, or raise Refused."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from signaling.domain.presence import Pair, Presence
from signaling.domain.session import Role
from signaling.domain.values import rfc3339
from signaling.errors import Code, Refused
from signaling.ports import Clock, IceServer, IceServers
from signaling.protocol.messages import (
    PROTOCOL,
    SUPPORTED,
    Done,
    Ended,
    EndSession,
    HangUp,
    IceServerInfo,
    Join,
    Leave,
    MediaState,
    PeerInfo,
    Quality,
    Renegotiate,
    Snapshot,
    Watch,
    Watching,
)
from signaling.protocol.resources import EndedView
from signaling.services.calls import Calls, LegRef
from signaling.services.joining import Entrant, Joined, Joining
from signaling.transport.connections import Connection
from signaling.transport.rooms import Arrival, Rooms
from signaling.transport.seats import Room


@dataclass(frozen=True, slots=True)
class Media:
    """What pages are told of the way their media take."""

    ice: IceServers
    relay_only: bool


class Commands:
    """Carries the commands out; one page's come one after the other."""

    def __init__(self, rooms: Rooms, joining: Joining, calls: Calls, clock: Clock, media: Media) -> None:
        self._rooms = rooms
        self._joining = joining
        self._calls = calls
        self._clock = clock
        self._media = media

    async def join(self, connection: Connection, message: Join) -> Snapshot:
        """Enter the call, or come back to it; also asked again for fresh ICE servers."""
        _require_protocol(message.protocol)
        entrant = _entrant(connection, message)
        offered = None if message.pair is None else _pair(message.pair)
        room = self._rooms.room(entrant.visit)
        room.entering.add(connection)
        connection.hold()
        try:
            async with room.door:
                joined = await self._joining.join(entrant, message, connection.id)
                return self._enter(connection, room, entrant, joined, message, offered)
        finally:
            room.entering.discard(connection)
            if connection.closed:
                # It went while it waited at the door, and perhaps left an empty room behind.
                self._rooms.detach(connection)
            # The answer is queued without a pause after this method, so what was held comes after it.
            asyncio.get_running_loop().call_soon(connection.release)

    def _enter(
        self,
        connection: Connection,
        room: Room,
        entrant: Entrant,
        joined: Joined,
        message: Join,
        offered: Pair | None,
    ) -> Snapshot:
        arrival = Arrival(
            visit=entrant.visit,
            role=entrant.role,
            leg=joined.leg,
            other_leg=joined.other_leg,
            pair=offered,
            name=joined.own_name,
            media=message.media,
            employee=entrant.employee,
        )
        self._rooms.enter(connection, arrival)
        connection.require_wanted()
        return self._snapshot(room, entrant.role, joined)

    def _snapshot(self, room: Room, role: Role, joined: Joined) -> Snapshot:
        now = self._clock.now()
        servers, ttl = self._media.ice.for_leg(joined.leg.id, now)
        other = room.seats[role.other]
        return Snapshot(
            protocol=PROTOCOL,
            visit_id=room.visit,
            leg_id=joined.leg.id,
            role=role,
            generation=joined.leg.generation,
            state=joined.session.state,
            rev=joined.session.rev,
            pair=None if room.pair is None else str(room.pair),
            polite=role is Role.CLIENT,
            peer=PeerInfo(
                name=joined.peer_name,
                presence=self._rooms.presence(room.visit, role.other),
                media=other.media,
                grade=other.grade,
            ),
            ice_servers=[_ice_server(server) for server in servers],
            ice_ttl_seconds=ttl,
            relay_only=self._media.relay_only,
            visit=joined.visit,
            server_time=rfc3339(now),
        )

    async def watch(self, connection: Connection, message: Watch) -> Watching:
        """Follow the schedule."""
        _require_protocol(message.protocol)
        if connection.entry is None or connection.entry.role != "watch":
            raise Refused(Code.FORBIDDEN)
        connection.watches = True
        return Watching(protocol=PROTOCOL, server_time=rfc3339(self._clock.now()))

    async def media_state(self, connection: Connection, message: MediaState) -> Done:
        """The page's devices changed."""
        self._rooms.set_media(connection, message)
        return Done()

    async def quality(self, connection: Connection, message: Quality) -> Done:
        """The page's connection is measured."""
        self._rooms.set_grade(connection, message.grade)
        return Done()

    async def renegotiate(self, connection: Connection, message: Renegotiate) -> Done:
        """The page gives up its pair."""
        self._rooms.renegotiate(connection, _pair(message.pair))
        return Done()

    async def hang_up(self, connection: Connection, message: HangUp) -> Ended:
        """The client leaves."""
        room, leg = self._leg(connection, Role.CLIENT)
        return _ended(await self._calls.hang_up(connection.asker, room.visit, message.command_id, leg))

    async def end_session(self, connection: Connection, message: EndSession) -> Ended:
        """The caregiver ends the session for good."""
        room, leg = self._leg(connection, Role.CAREGIVER)
        return _ended(await self._calls.end_session(connection.asker, room.visit, message.command_id, leg))

    async def leave(self, connection: Connection, message: Leave) -> Done:
        """The page goes; the state stays."""
        room, role = self._rooms.seat_of(connection)
        _, leg = self._leg(connection, role)
        await self._calls.farewell(connection.asker, room.visit, role, leg, Presence(message.why))
        return Done()

    def _leg(self, connection: Connection, only: Role) -> tuple[Room, LegRef]:
        room, role = self._rooms.seat_of(connection)
        leg = room.seats[role].leg
        if role is not only:
            raise Refused(Code.FORBIDDEN)
        if leg is None:
            raise Refused(Code.NOT_IN_CALL)
        return room, LegRef(leg.id, leg.generation)


def _require_protocol(protocol: int) -> None:
    if protocol not in SUPPORTED:
        raise Refused(Code.PROTOCOL_UNSUPPORTED)


def _entrant(connection: Connection, message: Join) -> Entrant:
    """Whom the ticket lets in: it alone names role and visit (DESIGN §4)."""
    entry, role = connection.entry, connection.role
    if entry is None or role is None or entry.visit is None:
        raise Refused(Code.FORBIDDEN)
    if message.visit_id != entry.visit:
        raise Refused(Code.NOT_FOUND)
    return Entrant(role, entry.visit, entry.employee, entry.client_pass)


def _pair(text: str) -> Pair:
    try:
        return Pair.parse(text)
    except ValueError:
        raise Refused(Code.VALIDATION_FAILED, "The pair is not in its usual form.", field="pair") from None


def _ice_server(server: IceServer) -> IceServerInfo:
    found: dict[str, Any] = {"urls": list(server.urls)}
    if server.username is not None and server.credential is not None:
        found |= {"username": server.username, "credential": server.credential}
    return IceServerInfo(**found)


def _ended(view: EndedView) -> Ended:
    return Ended(state=view.state, rev=view.rev, already_over=view.already_over)
