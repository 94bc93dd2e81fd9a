"""Every refusal the product can give: one stable code, one HTTP status, one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class Code(StrEnum):
    """The stable name of a refusal, the same over HTTP, on the socket and in the pages' catalogues."""

    CLIENT_HAS_NO_EMAIL = "client_has_no_email"
    NOT_ASSIGNED = "not_assigned"
    NOT_VIRTUAL = "not_virtual"
    FORBIDDEN = "forbidden"
    NOT_SIGNED_IN = "not_signed_in"
    WRONG_CREDENTIALS = "wrong_credentials"
    CLOCK_IN_REQUIRED = "clock_in_required"
    NOT_CLOCKED_IN = "not_clocked_in"
    NO_SESSION = "no_session"
    SESSION_OVER = "session_over"
    SESSION_STILL_ACTIVE = "session_still_active"
    VISIT_CANCELLED = "visit_cancelled"
    CONFIRMATION_NEEDED = "confirmation_needed"
    CALL_OPEN_ELSEWHERE = "call_open_elsewhere"
    LEG_REPLACED = "leg_replaced"
    NOT_IN_CALL = "not_in_call"
    LINK_OVER = "link_over"
    LINK_MOVED = "link_moved"
    LINK_CANCELLED = "link_cancelled"
    LINK_REPLACED = "link_replaced"
    LINK_REVOKED = "link_revoked"
    LINK_TOO_EARLY = "link_too_early"
    LINK_EXPIRED = "link_expired"
    LINK_INCOMPLETE = "link_incomplete"
    LINK_UNKNOWN = "link_unknown"
    TICKET_INVALID = "ticket_invalid"
    PROTOCOL_UNSUPPORTED = "protocol_unsupported"
    VALIDATION_FAILED = "validation_failed"
    TOO_LARGE = "too_large"
    CONFLICT = "conflict"
    STALE = "stale"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    ORIGIN_REFUSED = "origin_refused"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class Meaning(NamedTuple):
    """HTTP status and English sentence of a code; the pages have their own catalogues."""

    status: int
    sentence: str


MEANINGS: Mapping[Code, Meaning] = MappingProxyType(
    {
        Code.CLIENT_HAS_NO_EMAIL: Meaning(409, "Client has no email."),
        Code.NOT_ASSIGNED: Meaning(
            403, "You need to be assigned to the visit to be able to send an invitation to the client."
        ),
        Code.NOT_VIRTUAL: Meaning(409, "The service of this visit does not allow virtual care."),
        Code.FORBIDDEN: Meaning(403, "You are not allowed to do this."),
        Code.NOT_SIGNED_IN: Meaning(401, "Please sign in."),
        Code.WRONG_CREDENTIALS: Meaning(401, "The email or the password is not right."),
        Code.CLOCK_IN_REQUIRED: Meaning(409, "Clock in to join the video session."),
        Code.NOT_CLOCKED_IN: Meaning(409, "You are not clocked in to this visit."),
        Code.NO_SESSION: Meaning(409, "The client has not been invited yet."),
        Code.SESSION_OVER: Meaning(409, "The video session is over."),
        Code.SESSION_STILL_ACTIVE: Meaning(
            409,
            "The video session with your client is still active. Clocking out will not close the video"
            " session so make sure you hang up on the video session as well. Would you like to clock out"
            " anyway?",
        ),
        Code.VISIT_CANCELLED: Meaning(409, "The visit is cancelled."),
        Code.CONFIRMATION_NEEDED: Meaning(409, "This needs to be confirmed first."),
        Code.CALL_OPEN_ELSEWHERE: Meaning(409, "The call is open on another device or tab."),
        Code.LEG_REPLACED: Meaning(409, "The call was moved to another device or tab."),
        Code.NOT_IN_CALL: Meaning(409, "This page has not joined the call."),
        Code.LINK_OVER: Meaning(410, "The visit is over."),
        Code.LINK_MOVED: Meaning(410, "The visit was moved. Your agency will send you a new mail."),
        Code.LINK_CANCELLED: Meaning(410, "The visit was cancelled."),
        Code.LINK_REPLACED: Meaning(410, "This link was replaced by a newer one."),
        Code.LINK_REVOKED: Meaning(410, "This link is no longer valid."),
        Code.LINK_TOO_EARLY: Meaning(409, "It is too early to join this visit."),
        Code.LINK_EXPIRED: Meaning(410, "This link has expired."),
        Code.LINK_INCOMPLETE: Meaning(400, "This link is incomplete."),
        Code.LINK_UNKNOWN: Meaning(404, "This link is not known here."),
        Code.TICKET_INVALID: Meaning(401, "The ticket is used, too old or unknown."),
        Code.PROTOCOL_UNSUPPORTED: Meaning(426, "This page is too old for the server. Reload it."),
        Code.VALIDATION_FAILED: Meaning(422, "Something in the request is not right."),
        Code.TOO_LARGE: Meaning(413, "The request is too large."),
        Code.CONFLICT: Meaning(409, "This can't be done in the present state of the visit."),
        Code.STALE: Meaning(412, "It was changed by somebody else in the meantime."),
        Code.NOT_FOUND: Meaning(404, "There is nothing here."),
        Code.METHOD_NOT_ALLOWED: Meaning(405, "This can't be asked of this address."),
        Code.UNSUPPORTED_MEDIA_TYPE: Meaning(415, "The request must be JSON."),
        Code.ORIGIN_REFUSED: Meaning(403, "The request came from another site."),
        Code.TOO_MANY_REQUESTS: Meaning(429, "Too many requests. Please wait a moment."),
        Code.UNAVAILABLE: Meaning(503, "The server can't save anything right now. Please try again."),
        Code.INTERNAL: Meaning(500, "Something went wrong on the server."),
    }
)


class Refused(Exception):
    """A request that is refused and has changed nothing.

    `sentence` replaces the code's own sentence; `extra` holds further members of the problem document
    (RFC 9457, section 3.2). Neither may hold a secret: both go to the asker.
    """

    def __init__(self, code: Code, sentence: str | None = None, **extra: Any) -> None:
        super().__init__(code.value)
        self.code = code
        self.sentence = sentence if sentence is not None else MEANINGS[code].sentence
        self.status = MEANINGS[code].status
        self.extra = extra
