-- The first schema: the agency's registers, visits, sessions, invites and the outbox.
--
-- Conventions, here and in every later migration:
-- * ids are the agency's own or random text; no number is ever shown as an id;
-- * times are whole microseconds since 1970-01-01 UTC (BIGINT): exact, in order, free of locale. To read one:
--   SELECT datetime(at / 1000000, 'unixepoch') FROM events;
-- * rev is the revision of the API's ETag and rises by one at every change of the row;
-- * words of a fixed set are checked here as well as in signaling/domain;
-- * every foreign key is checked at once, never at the commit: a commit is shared by many units of work;
-- * WITHOUT ROWID where the primary key is how rows are found: one tree to write in place of two.

-- A row that /readyz writes and commits: the only proof that the database can.
CREATE TABLE readiness (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    beats BIGINT  NOT NULL
);

CREATE TABLE service_codes (
    id                  TEXT    NOT NULL PRIMARY KEY,
    name                TEXT    NOT NULL,
    allows_virtual_care BOOLEAN NOT NULL CHECK (allows_virtual_care IN (FALSE, TRUE)),
    rev                 BIGINT  NOT NULL
) WITHOUT ROWID;

-- email_key is the address without regard to case: what somebody signs in with.
CREATE TABLE employees (
    id                          TEXT    NOT NULL PRIMARY KEY,
    name                        TEXT    NOT NULL,
    email                       TEXT    NOT NULL,
    email_key                   TEXT    NOT NULL UNIQUE,
    position                    TEXT    NOT NULL CHECK (position IN ('caregiver', 'coordinator', 'administrator')),
    may_initiate_virtual_visits BOOLEAN NOT NULL CHECK (may_initiate_virtual_visits IN (FALSE, TRUE)),
    language                    TEXT    NOT NULL CHECK (language IN ('en', 'fr')),
    shown_name                  TEXT    NOT NULL,
    active                      BOOLEAN NOT NULL CHECK (active IN (FALSE, TRUE)),
    rev                         BIGINT  NOT NULL
) WITHOUT ROWID;

-- Apart from employees, so that no list of employees can ever carry a hash.
CREATE TABLE passwords (
    employee TEXT NOT NULL PRIMARY KEY REFERENCES employees (id),
    hashed   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE clients (
    id       TEXT   NOT NULL PRIMARY KEY,
    name     TEXT   NOT NULL,
    email    TEXT,
    phone    TEXT,
    language TEXT   NOT NULL CHECK (language IN ('en', 'fr')),
    rev      BIGINT NOT NULL
) WITHOUT ROWID;

-- Secrets that somebody carries (keys, cookies, links) are found by the SHA-256 of what they carry.
CREATE TABLE api_keys (
    digest     BLOB   NOT NULL PRIMARY KEY,
    id         TEXT   NOT NULL UNIQUE,
    name       TEXT   NOT NULL,
    scope      TEXT   NOT NULL CHECK (scope IN ('schedule', 'admin')),
    created_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sign_ins (
    digest     BLOB   NOT NULL PRIMARY KEY,
    employee   TEXT   NOT NULL REFERENCES employees (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_ins_of_employee ON sign_ins (employee);

-- A visit lasts 24 hours at most: whoever looks for those that overlap a span need not look back further than that.
-- tasks is a JSON array of [id, title].
CREATE TABLE visits (
    id             TEXT    NOT NULL PRIMARY KEY,
    service_code   TEXT    NOT NULL REFERENCES service_codes (id),
    employee       TEXT    NOT NULL REFERENCES employees (id),
    client         TEXT    NOT NULL REFERENCES clients (id),
    starts_at      BIGINT  NOT NULL,
    ends_at        BIGINT  NOT NULL,
    time_zone      TEXT    NOT NULL,
    tasks          TEXT    NOT NULL,
    cancelled_at   BIGINT,
    clocked_in_at  BIGINT,
    clocked_out_at BIGINT,
    sequence       INTEGER NOT NULL,
    rev            BIGINT  NOT NULL,
    CHECK (ends_at > starts_at AND ends_at - starts_at <= 86400000000),
    CHECK (clocked_out_at IS NULL OR clocked_in_at IS NOT NULL)
) WITHOUT ROWID;
CREATE INDEX visits_by_start ON visits (starts_at, id);
CREATE INDEX visits_of_employee ON visits (employee, starts_at, id);
CREATE INDEX visits_of_client ON visits (client, starts_at, id);

-- Every version that was ever saved. tasks is a JSON array of [task, done, reason].
CREATE TABLE documentation (
    visit    TEXT   NOT NULL REFERENCES visits (id),
    version  BIGINT NOT NULL CHECK (version > 0),
    notes    TEXT   NOT NULL,
    tasks    TEXT   NOT NULL,
    saved_at BIGINT NOT NULL,
    saved_by TEXT   NOT NULL,
    PRIMARY KEY (visit, version)
);

-- One per visit, ever.
CREATE TABLE sessions (
    visit      TEXT   NOT NULL PRIMARY KEY REFERENCES visits (id),
    state      TEXT   NOT NULL CHECK (state IN ('invited', 'joined', 'client_hung_up', 'terminated')),
    rev        BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_open ON sessions (visit) WHERE state <> 'terminated';

-- A generation belongs to one leg for ever: it is the fencing token of DESIGN §3.5.
CREATE TABLE legs (
    visit      TEXT   NOT NULL REFERENCES sessions (visit),
    role       TEXT   NOT NULL CHECK (role IN ('caregiver', 'client')),
    generation BIGINT NOT NULL,
    id         TEXT   NOT NULL,
    ended      TEXT   CHECK (ended IN ('closed', 'left')),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (visit, role, generation)
) WITHOUT ROWID;

-- seq counts from 1 within a visit, without gaps. data is a JSON object of ids and words of the field, never names.
CREATE TABLE events (
    visit      TEXT   NOT NULL REFERENCES visits (id),
    seq        BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    connection TEXT,
    data       TEXT   NOT NULL,
    PRIMARY KEY (visit, seq)
) WITHOUT ROWID;

-- What a command answered the first time (DESIGN §3.4); a second row for it is a fault, and undoes what it did.
CREATE TABLE command_results (
    scope      TEXT   NOT NULL,
    command_id TEXT   NOT NULL,
    result     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (scope, command_id)
) WITHOUT ROWID;

-- digest is the SHA-256 of the link's token; the token itself is nowhere. number is the order in which they were made.
CREATE TABLE invites (
    number    INTEGER NOT NULL PRIMARY KEY,
    id        TEXT    NOT NULL UNIQUE,
    digest    BLOB    NOT NULL UNIQUE,
    visit     TEXT    NOT NULL REFERENCES visits (id),
    how       TEXT    NOT NULL CHECK (how IN ('email', 'link')),
    address   TEXT,
    made_at   BIGINT  NOT NULL,
    made_by   TEXT    NOT NULL,
    starts_at BIGINT  NOT NULL,
    standing  TEXT    NOT NULL CHECK (standing IN ('live', 'moved', 'replaced', 'revoked')),
    seed      BLOB    NOT NULL
);
CREATE INDEX invites_of_visit ON invites (visit, number);

-- The cookies that links were exchanged for.
CREATE TABLE client_passes (
    digest  BLOB   NOT NULL PRIMARY KEY,
    invite  TEXT   NOT NULL REFERENCES invites (id),
    made_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Mails to send and mails sent. No body: it is made when the mail leaves.
CREATE TABLE mails (
    number      INTEGER NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL CHECK (kind IN ('invite', 'cancellation')),
    visit       TEXT    NOT NULL REFERENCES visits (id),
    invite      TEXT    REFERENCES invites (id),
    address     TEXT    NOT NULL,
    language    TEXT    NOT NULL CHECK (language IN ('en', 'fr')),
    message_id  TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('sending', 'sent', 'delayed', 'failed', 'dropped')),
    attempts    INTEGER NOT NULL,
    next_try_at BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    accepted_at BIGINT,
    reason      TEXT
);
CREATE INDEX mails_of_visit ON mails (visit, number);
CREATE INDEX mails_waiting ON mails (next_try_at, number) WHERE state IN ('sending', 'delayed');

-- Append-only: not even a fault in the code can rewrite what has happened. REPLACE deletes first, and fires the
-- second of each pair because the writer sets recursive_triggers.
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_never_go BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER documentation_never_changes BEFORE UPDATE ON documentation
BEGIN SELECT RAISE(ABORT, 'documentation is append-only'); END;
CREATE TRIGGER documentation_never_goes BEFORE DELETE ON documentation
BEGIN SELECT RAISE(ABORT, 'documentation is append-only'); END;

-- Terminated is final (SPEC §5).
CREATE TRIGGER terminated_is_final BEFORE UPDATE OF state ON sessions
WHEN OLD.state = 'terminated' AND NEW.state <> 'terminated'
BEGIN SELECT RAISE(ABORT, 'a terminated session is final'); END;
CREATE TRIGGER sessions_never_go BEFORE DELETE ON sessions
BEGIN SELECT RAISE(ABORT, 'a visit has one session, ever'); END;
