/**
 * What goes over the wire: words as constants, messages and HTTP bodies as types. See PROTOCOL.md.
 *
 * Generated from signaling/protocol by `make protocol`; changes belong there.
 */

export const PROTOCOL = 1;
export const SUPPORTED = Object.freeze([1]);

export const Role = Object.freeze(/** @type {const} */ ({
  CAREGIVER: "caregiver",
  CLIENT: "client",
}));

export const State = Object.freeze(/** @type {const} */ ({
  INVITED: "invited",
  JOINED: "joined",
  CLIENT_HUNG_UP: "client_hung_up",
  TERMINATED: "terminated",
}));

export const Presence = Object.freeze(/** @type {const} */ ({
  NEVER: "never",
  PRESENT: "present",
  LOST: "lost",
  CLOSED: "closed",
  LEFT: "left",
  UNKNOWN: "unknown",
}));

export const Device = Object.freeze(/** @type {const} */ ({
  ON: "on",
  OFF: "off",
  NONE: "none",
}));

export const Grade = Object.freeze(/** @type {const} */ ({
  GOOD: "good",
  FAIR: "fair",
  POOR: "poor",
  LOST: "lost",
}));

export const Code = Object.freeze(/** @type {const} */ ({
  CLIENT_HAS_NO_EMAIL: "client_has_no_email",
  NOT_ASSIGNED: "not_assigned",
  NOT_VIRTUAL: "not_virtual",
  FORBIDDEN: "forbidden",
  NOT_SIGNED_IN: "not_signed_in",
  WRONG_CREDENTIALS: "wrong_credentials",
  CLOCK_IN_REQUIRED: "clock_in_required",
  NOT_CLOCKED_IN: "not_clocked_in",
  NO_SESSION: "no_session",
  SESSION_OVER: "session_over",
  SESSION_STILL_ACTIVE: "session_still_active",
  VISIT_CANCELLED: "visit_cancelled",
  CONFIRMATION_NEEDED: "confirmation_needed",
  CALL_OPEN_ELSEWHERE: "call_open_elsewhere",
  LEG_REPLACED: "leg_replaced",
  NOT_IN_CALL: "not_in_call",
  LINK_OVER: "link_over",
  LINK_MOVED: "link_moved",
  LINK_CANCELLED: "link_cancelled",
  LINK_REPLACED: "link_replaced",
  LINK_REVOKED: "link_revoked",
  LINK_TOO_EARLY: "link_too_early",
  LINK_EXPIRED: "link_expired",
  LINK_INCOMPLETE: "link_incomplete",
  LINK_UNKNOWN: "link_unknown",
  TICKET_INVALID: "ticket_invalid",
  PROTOCOL_UNSUPPORTED: "protocol_unsupported",
  VALIDATION_FAILED: "validation_failed",
  TOO_LARGE: "too_large",
  CONFLICT: "conflict",
  STALE: "stale",
  NOT_FOUND: "not_found",
  METHOD_NOT_ALLOWED: "method_not_allowed",
  UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
  ORIGIN_REFUSED: "origin_refused",
  TOO_MANY_REQUESTS: "too_many_requests",
  UNAVAILABLE: "unavailable",
  INTERNAL: "internal",
}));

/**
 * The code of a refusal.
 * @typedef {(typeof Code)[keyof typeof Code]} Code
 */

/**
 * What anybody may know of the agency. `demo` says that this is a demonstration.
 * @typedef {object} AgencyView
 * @property {string} name
 * @property {string} phone
 * @property {Language} language
 * @property {string} timeZone
 * @property {string} serverTime
 * @property {boolean} demo
 */

/**
 * A visit's client, as the caregiver needs them.
 * @typedef {object} ClientBrief
 * @property {string} id
 * @property {string} name
 * @property {string | null} phone
 * @property {string | null} email
 * @property {Language} language
 */

/**
 * The agency's clients, by id.
 * @typedef {object} ClientList
 * @property {ClientView[]} clients
 */

/**
 * A client. An optional field left out is removed.
 * @typedef {object} ClientPut
 * @property {string} name
 * @property {Language} language
 * @property {string | null} [email]
 * @property {string | null} [phone]
 */

/**
 * A client as stored.
 * @typedef {object} ClientView
 * @property {string} id
 * @property {string} name
 * @property {string | null} email
 * @property {string | null} phone
 * @property {Language} language
 */

/**
 * Clock in. `confirm` holds the questions that were answered with yes.
 * @typedef {object} ClockInCommand
 * @property {("again" | "otherDay")[]} [confirm]
 */

/**
 * Clock out. `confirmActiveSession`: although the session goes on.
 * @typedef {object} ClockOutCommand
 * @property {boolean} [confirmActiveSession]
 */

/**
 * What a page's camera or microphone is doing; `none`: there is none, or it may not be used.
 * @typedef {"none" | "off" | "on"} Device
 */

/**
 * Notes and tasks. `version` is the one that this text was written over; another one is refused as `stale`.
 * @typedef {object} DocumentationPut
 * @property {number} version
 * @property {string} notes
 * @property {TaskOutcomePut[]} [tasks]
 */

/**
 * Notes and tasks as saved; `version` 0: nothing was saved yet.
 * @typedef {object} DocumentationView
 * @property {number} version
 * @property {string} notes
 * @property {TaskOutcomePut[]} tasks
 * @property {string | null} savedAt
 * @property {string | null} savedBy
 */

/**
 * The answer to a command that has nothing to tell.
 * @typedef {{}} Done
 */

/**
 * The server goes down for a moment: connect again after a random part of `spreadMs`.
 * @typedef {object} Draining
 * @property {number} spreadMs
 */

/**
 * A visit's employee.
 * @typedef {object} EmployeeBrief
 * @property {string} id
 * @property {string} name
 */

/**
 * The agency's employees, by id.
 * @typedef {object} EmployeeList
 * @property {EmployeeView[]} employees
 */

/**
 * An employee. `shownName` is what clients read; left out, it is the first word of `name`.
 * @typedef {object} EmployeePut
 * @property {string} name
 * @property {string} email
 * @property {Position} role
 * @property {boolean} mayInitiateVirtualVisits
 * @property {Language} language
 * @property {boolean} active
 * @property {string | null} [shownName]
 */

/**
 * An employee as stored.
 * @typedef {object} EmployeeView
 * @property {string} id
 * @property {string} name
 * @property {string} email
 * @property {Position} role
 * @property {boolean} mayInitiateVirtualVisits
 * @property {Language} language
 * @property {boolean} active
 * @property {string} shownName
 */

/**
 * The caregiver ends the session for good.
 * @typedef {object} EndSession
 * @property {string} commandId
 */

/**
 * End the session for good; from a call page with its leg and generation.
 * @typedef {object} EndSessionCommand
 * @property {string} commandId
 * @property {string | null} [legId]
 * @property {number | null} [generation]
 */

/**
 * The answer to `hang_up` and `end_session`. `alreadyOver`: somebody had ended it before.
 * @typedef {object} Ended
 * @property {State} state
 * @property {number} rev
 * @property {boolean} alreadyOver
 */

/**
 * The session after a hang-up.
 * @typedef {object} EndedView
 * @property {State} state
 * @property {number} rev
 * @property {boolean} alreadyOver
 */

/**
 * Why a command was refused; a `Code` and its sentence. `field` names what is wrong in the message.
 * @typedef {object} Refusal
 * @property {string} code
 * @property {string} detail
 * @property {string} [field]
 */

/**
 * The log of a visit, oldest first.
 * @typedef {object} EventList
 * @property {EventView[]} events
 */

/**
 * One line of a visit's log: what, who, when, from which connection.
 * @typedef {object} EventView
 * @property {number} seq
 * @property {string} at
 * @property {string} kind
 * @property {string} actor
 * @property {string | null} connection
 * @property {Record<string, unknown>} data
 */

/**
 * The link was exchanged for a cookie; the socket's ticket comes from `/visits/{visitId}/client-ticket`.
 * @typedef {object} ExchangeView
 * @property {string} visitId
 */

/**
 * A page's farewell, sent while it closes (Beacon API).
 * @typedef {object} FarewellCommand
 * @property {string} legId
 * @property {number} generation
 * @property {"closed" | "left"} why
 */

/**
 * The quality of a person's connection, as the other one is told it.
 * @typedef {"fair" | "good" | "lost" | "poor"} Grade
 */

/**
 * The client leaves; they can come back. Repeated with the same `commandId` it answers the same.
 * @typedef {object} HangUp
 * @property {string} commandId
 */

/**
 * How an invite reaches the client.
 * @typedef {"email" | "link"} How
 */

/**
 * One RTCIceServer (webrtc-pc, section 4.2.4).
 * @typedef {object} IceServerInfo
 * @property {string[]} urls
 * @property {string} [username]
 * @property {string} [credential]
 */

/**
 * The last invite's delivery changed; null on a `watch` connection, which reads the visit again.
 * @typedef {object} InviteChanged
 * @property {string} visitId
 * @property {LastInvite | null} lastInvite
 */

/**
 * Make an invite: mail it, or only make its link.
 * @typedef {object} InviteCommand
 * @property {How} delivery
 * @property {string} commandId
 */

/**
 * The invite that was made. `link` only for a copied link.
 * @typedef {object} InviteView
 * @property {string} delivery
 * @property {string | null} link
 * @property {SessionView} session
 */

/**
 * Enter the call, or come back to it; answered with a `Snapshot`.
 * `pair` names the pair that the page still holds a peer connection for. `resume` says that this leg has
 * joined before; `takeover` that the person chose this page over the one where the call is open.
 * @typedef {object} Join
 * @property {number} protocol
 * @property {string} visitId
 * @property {string} legId
 * @property {boolean} [resume]
 * @property {boolean} [takeover]
 * @property {string | null} [pair]
 * @property {MediaState | null} [media]
 */

/**
 * A language of the catalogues.
 * @typedef {"en" | "fr"} Language
 */

/**
 * The last invite, for the caregiver: `sent_at` is when the SMTP server accepted it, or the link was copied.
 * @typedef {object} LastInvite
 * @property {"email" | "link"} how
 * @property {string} madeAt
 * @property {string | null} sentAt
 * @property {string | null} to
 * @property {"copied" | "delayed" | "dropped" | "failed" | "sending" | "sent"} delivery
 * @property {string | null} reason
 */

/**
 * The page goes: closed, or "Leave for now". The state does not change.
 * @typedef {object} Leave
 * @property {"closed" | "left"} why
 */

/**
 * This leg may not go on: `code` says why (`link_revoked`, `visit_cancelled`, `not_signed_in`).
 * @typedef {object} LegClosed
 * @property {string} code
 */

/**
 * A command of a call page over HTTP, for when the socket is down.
 * @typedef {object} LegCommand
 * @property {string} commandId
 * @property {string} legId
 * @property {number} generation
 */

/**
 * The employee who is signed in.
 * @typedef {object} MeView
 * @property {string} id
 * @property {string} name
 * @property {Position} role
 * @property {Language} language
 * @property {boolean} mayInitiateVirtualVisits
 */

/**
 * What this page's devices are doing; the other page is told with `peer_media`.
 * @typedef {object} MediaState
 * @property {Device} camera
 * @property {Device} microphone
 */

/**
 * The other person came, went, or has a new pair. On a `watch` connection: who came or went.
 * @typedef {object} PeerChanged
 * @property {string} visitId
 * @property {Role} role
 * @property {Presence} presence
 * @property {string | null} pair
 * @property {string} [name]
 */

/**
 * The other person: the name that may be shown here, whether they are connected, what their devices do.
 * @typedef {object} PeerInfo
 * @property {string} name
 * @property {Presence} presence
 * @property {MediaState | null} media
 * @property {Grade | null} grade
 */

/**
 * The other page's devices.
 * @typedef {object} PeerMedia
 * @property {Device} camera
 * @property {Device} microphone
 */

/**
 * The other person's connection.
 * @typedef {object} PeerQuality
 * @property {Grade} grade
 */

/**
 * An employee's place in the agency. What they may do with a visit is in `access`.
 * @typedef {"administrator" | "caregiver" | "coordinator"} Position
 */

/**
 * What is known of a person's page.
 * `unknown` follows a start of the server, for GRACE; `lost` a silence of GRACE; `closed` a page's farewell;
 * `left` a hang-up or "Leave for now".
 * @typedef {"closed" | "left" | "lost" | "never" | "present" | "unknown"} Presence
 */

/**
 * What the client's page shows before the button. It changes nothing.
 * @typedef {object} PreviewView
 * @property {string} visitId
 * @property {string} agencyName
 * @property {string} agencyPhone
 * @property {string} caregiverName
 * @property {string} startsAt
 * @property {string} endsAt
 * @property {string} timeZone
 * @property {Language} language
 * @property {string} serverTime
 */

/**
 * RFC 9457 problem details, with a stable `code`.
 * @typedef {object} Problem
 * @property {string} type
 * @property {string} title
 * @property {number} status
 * @property {string} detail
 * @property {string} code
 */

/**
 * How this person's connection is, from the page's own measurements; passed on as `peer_quality`.
 * @typedef {object} Quality
 * @property {Grade} grade
 */

/**
 * This page's peer connection is beyond repair: asks for a new pair. `pair` is the one given up.
 * @typedef {object} Renegotiate
 * @property {string} pair
 */

/**
 * The call was moved to another page; this one releases its devices. Never answered with a new join.
 * @typedef {{}} Replaced
 */

/**
 * The two people of a call.
 * @typedef {"caregiver" | "client"} Role
 */

/**
 * The agency's service codes, by id.
 * @typedef {object} ServiceCodeList
 * @property {ServiceCodeView[]} serviceCodes
 */

/**
 * A kind of service; `allowsVirtualCare` makes its visits virtual visits.
 * @typedef {object} ServiceCodePut
 * @property {string} name
 * @property {boolean} allowsVirtualCare
 */

/**
 * A service code as stored.
 * @typedef {object} ServiceCodeView
 * @property {string} name
 * @property {boolean} allowsVirtualCare
 * @property {string} id
 */

/**
 * A visit's service.
 * @typedef {object} ServiceView
 * @property {string} id
 * @property {string} name
 * @property {boolean} allowsVirtualCare
 */

/**
 * The session's state changed. Those with a `rev` not above the known one are old news.
 * @typedef {object} SessionChanged
 * @property {string} visitId
 * @property {number} rev
 * @property {State} state
 */

/**
 * The visit's video session.
 * @typedef {object} SessionView
 * @property {State} state
 * @property {number} rev
 * @property {LastInvite | null} lastInvite
 */

/**
 * Sign in.
 * @typedef {object} SignInCommand
 * @property {string} email
 * @property {string} password
 */

/**
 * Everything a page needs to know after `join`; it reconciles itself to it.
 * `pair` is null until both legs exist. The polite side of perfect negotiation is the client; the caregiver
 * makes the first offer when `peer.presence` is `present`. `relay_only`: media may go through TURN servers
 * only.
 * @typedef {object} Snapshot
 * @property {number} protocol
 * @property {string} visitId
 * @property {string} legId
 * @property {Role} role
 * @property {number} generation
 * @property {State} state
 * @property {number} rev
 * @property {string | null} pair
 * @property {boolean} polite
 * @property {PeerInfo} peer
 * @property {IceServerInfo[]} iceServers
 * @property {number} iceTtlSeconds
 * @property {boolean} relayOnly
 * @property {VisitInfo} visit
 * @property {string} serverTime
 */

/**
 * Where a session stands; that no session exists is `None`.
 * @typedef {"client_hung_up" | "invited" | "joined" | "terminated"} State
 */

/**
 * A visit's status, as the agency's own systems read it.
 * @typedef {"cancelled" | "completed" | "in_progress" | "scheduled"} Status
 */

/**
 * Whether a task was done: null while undecided; `reason` when it was not.
 * @typedef {object} TaskOutcomePut
 * @property {string} task
 * @property {boolean | null} done
 * @property {string} [reason]
 */

/**
 * One task of a visit.
 * @typedef {object} TaskPut
 * @property {string} id
 * @property {string} title
 */

/**
 * A ticket for one socket connection: single use, 30 seconds. `serverTime` sets the page's clock.
 * @typedef {object} TicketView
 * @property {string} ticket
 * @property {number} expiresIn
 * @property {string} serverTime
 */

/**
 * The token of an invite link.
 * @typedef {object} TokenCommand
 * @property {string} token
 */

/**
 * A visit of this person's schedule changed: read it again.
 * @typedef {object} VisitChanged
 * @property {string} visitId
 */

/**
 * What a call page shows of the visit. `phone` is whom to call: the client's number, or the agency's.
 * @typedef {object} VisitInfo
 * @property {string} startsAt
 * @property {string} endsAt
 * @property {string} timeZone
 * @property {string} language
 * @property {string} agencyName
 * @property {string | null} phone
 * @property {boolean} clockedIn
 * @property {LastInvite | null} lastInvite
 */

/**
 * Visits of a span of time, oldest first.
 * @typedef {object} VisitList
 * @property {VisitView[]} visits
 */

/**
 * A visit. Times are RFC 3339 with an offset; `timeZone` is an IANA name.
 * @typedef {object} VisitPut
 * @property {string} serviceCode
 * @property {string} employee
 * @property {string} client
 * @property {string} startsAt
 * @property {string} endsAt
 * @property {string} timeZone
 * @property {TaskPut[]} [tasks]
 */

/**
 * A visit with its clock times and session.
 * `service`, `assigned` and `person` spell out `serviceCode`, `employee` and `client`. `clientPresence` is
 * who is at the client's end now; `caregiverInCall` whether the caregiver's page is in the call.
 * `movedSinceInvite`: the start moved after the last invite. `actions` are what the asker may do now, by
 * name (`invite copy_link clock_in clock_out join end_session document edit cancel revoke_links`);
 * `inviteRefusal` is the code that sending an invite would answer with now, null if it would not be refused.
 * `videoActions` says whether the page shows the video actions at all (gates 1 and 2 of SPEC §2, or a
 * session).
 * @typedef {object} VisitView
 * @property {string} id
 * @property {number} rev
 * @property {string} serviceCode
 * @property {string} employee
 * @property {string} client
 * @property {string} startsAt
 * @property {string} endsAt
 * @property {string} timeZone
 * @property {TaskPut[]} tasks
 * @property {Status} status
 * @property {string | null} cancelledAt
 * @property {string | null} clockedInAt
 * @property {string | null} clockedOutAt
 * @property {SessionView | null} session
 * @property {ServiceView} service
 * @property {EmployeeBrief} assigned
 * @property {ClientBrief} person
 * @property {"closed" | "left" | "lost" | "never" | "present" | "unknown"} clientPresence
 * @property {boolean} caregiverInCall
 * @property {boolean} movedSinceInvite
 * @property {string[]} actions
 * @property {string | null} inviteRefusal
 * @property {boolean} videoActions
 */

/**
 * A staff page follows the schedule: `visit_changed`, `invite_changed`, `session_changed`, `peer_changed`.
 * @typedef {object} Watch
 * @property {number} protocol
 */

/**
 * The answer to `watch`.
 * @typedef {object} Watching
 * @property {number} protocol
 * @property {string} serverTime
 */

/**
 * What a command is answered with.
 * @template T
 * @typedef {({ok: true} & T) | Refused} Answer
 */

/**
 * A command that was refused.
 * @typedef {{ok: false, error: Refusal}} Refused
 */

/**
 * The events that a page sends.
 * @typedef {object} Commands
 * @property {(message: Join, ack: (answer: Answer<Snapshot>) => void) => void} join
 * @property {(message: Watch, ack: (answer: Answer<Watching>) => void) => void} watch
 * @property {(message: MediaState, ack: (answer: Answer<Done>) => void) => void} media_state
 * @property {(message: Quality, ack: (answer: Answer<Done>) => void) => void} quality
 * @property {(message: Renegotiate, ack: (answer: Answer<Done>) => void) => void} renegotiate
 * @property {(message: HangUp, ack: (answer: Answer<Ended>) => void) => void} hang_up
 * @property {(message: EndSession, ack: (answer: Answer<Ended>) => void) => void} end_session
 * @property {(message: Leave, ack: (answer: Answer<Done>) => void) => void} leave
 * @property {(pair: string, payload: unknown) => void} signal
 */

/**
 * The events that the server sends.
 * @typedef {object} Facts
 * @property {(fact: SessionChanged) => void} session_changed
 * @property {(fact: PeerChanged) => void} peer_changed
 * @property {(fact: PeerMedia) => void} peer_media
 * @property {(fact: PeerQuality) => void} peer_quality
 * @property {(fact: VisitChanged) => void} visit_changed
 * @property {(fact: InviteChanged) => void} invite_changed
 * @property {(fact: Replaced) => void} replaced
 * @property {(fact: LegClosed) => void} leg_closed
 * @property {(fact: Draining) => void} draining
 * @property {(pair: string, payload: unknown) => void} signal
 */
