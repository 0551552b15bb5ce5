-- Who there is: people, their groups, attributes and system roles.
--
-- One text serves SQLite and PostgreSQL; store/src/dialect.rs says what little is translated:
-- TEXT is compared by bytes on both, INTEGER PRIMARY KEY is 64 bits wide on both, and CLUSTERED
-- keeps a table in the order of its primary key where the database can (SQLite's WITHOUT ROWID).
-- A word out of three or more is checked with OR where rows are written by the million: for IN (…) SQLite fills a
-- table in memory each time.
-- Times are milliseconds since 1970 UTC in BIGINT columns whose names end in _at.

CREATE TABLE roles (
    id          UUID PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    rank        INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 3),
    built_in    BOOLEAN NOT NULL,
    permissions TEXT NOT NULL,              -- JSON array of permission names
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE TABLE people (
    id                  UUID PRIMARY KEY,   -- UUIDv7
    username            TEXT NOT NULL UNIQUE, -- canonical form
    address             TEXT,               -- as given; mail goes here and nowhere else
    address_canonical   TEXT,               -- for looking up only, never for sending
    given_name          TEXT NOT NULL,
    family_name         TEXT NOT NULL,
    display_name        TEXT NOT NULL,
    language            TEXT,               -- BCP 47
    time_zone           TEXT,               -- IANA
    external_id         TEXT UNIQUE,
    blocked             BOOLEAN NOT NULL,
    verified            BOOLEAN NOT NULL,
    undeliverable       TEXT,               -- the cause; NULL: deliverable
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    -- a system role makes a system user
    role_id             UUID REFERENCES roles (id),
    user_type           TEXT CHECK (user_type = 'ui' OR user_type = 'api' OR user_type = 'hybrid'),
    expires_at          BIGINT,
    -- the password and what is known of it
    password_hash       TEXT,               -- PHC string; NULL: no valid chosen password
    password_set        TEXT CHECK (password_set IN ('chosen', 'mailed')),
    password_changed_at BIGINT,
    must_change         BOOLEAN NOT NULL,
    password_mailed_at  BIGINT,             -- last acceptance of a mailed password by the relay
    last_login_at       BIGINT,
    failed_logins       INTEGER NOT NULL,   -- consecutive
    failed_login_at     BIGINT,
    last_run_id         UUID,
    last_run_outcome    TEXT,
    CHECK ((role_id IS NULL) = (user_type IS NULL))
);
CREATE INDEX people_address ON people (address_canonical);
CREATE INDEX people_role ON people (role_id) WHERE role_id IS NOT NULL;

-- Named groups, because GROUPS is a word of the language in newer SQL.
CREATE TABLE "groups" (
    id          UUID PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE group_members (
    group_id    UUID NOT NULL REFERENCES "groups" (id) ON DELETE CASCADE,
    person_id   UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    added_at    BIGINT NOT NULL,
    PRIMARY KEY (group_id, person_id)
) CLUSTERED;
CREATE INDEX group_members_person ON group_members (person_id);

CREATE TABLE attributes (
    name        TEXT PRIMARY KEY,           -- lower case
    kind        TEXT NOT NULL CHECK (kind IN ('string', 'number', 'boolean', 'date_time')),
    label       TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

-- One row a value; exactly one value column is filled, the one of the attribute's kind.
CREATE TABLE attribute_values (
    person_id    UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    attribute    TEXT NOT NULL REFERENCES attributes (name) ON DELETE CASCADE,
    string_value TEXT,
    number_value DOUBLE PRECISION,
    boolean_value BOOLEAN,
    date_value_at BIGINT,
    PRIMARY KEY (person_id, attribute)
) CLUSTERED;
-- Filters fold A to Z and compare numbers; see docs/decisions/0003-filter-semantics.md.
CREATE INDEX attribute_values_string ON attribute_values (attribute, LOWER(string_value));
CREATE INDEX attribute_values_number ON attribute_values (attribute, number_value) WHERE number_value IS NOT NULL;

INSERT INTO roles (id, name, rank, built_in, permissions, created_at, updated_at) VALUES
    ({uuid:00000000-0000-7000-8000-000000000003}, 'Owner', 3, TRUE, '["*"]', 0, 0),
    ({uuid:00000000-0000-7000-8000-000000000002}, 'Administrator', 2, TRUE, '["*"]', 0, 0),
    ({uuid:00000000-0000-7000-8000-000000000001}, 'Manager', 1, TRUE,
     '["people.view","people.edit","people.import","people.export","credentials.mail","automations.view","automations.edit","automations.activate","automations.run","runs.view","runs.control","selections.view","selections.edit","mailings.view","mailings.draft","mailings.offer_link","templates.view"]', 0, 0),
    ({uuid:00000000-0000-7000-8000-000000000000}, 'Helper', 0, TRUE,
     '["people.view","automations.view","runs.view","selections.view","mailings.view"]', 0, 0);
