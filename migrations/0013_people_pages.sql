-- What the person browser needs: names found by how they begin, what happened to one person, and files that wait for
-- an operator's yes.

-- The words of names, folded as people type them; see domain::search_words.
CREATE TABLE person_words (
    word        TEXT NOT NULL,
    person_id   UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (word, person_id)
) CLUSTERED;
CREATE INDEX person_words_person ON person_words (person_id);

-- Whose words are still to be written.
CREATE TABLE person_word_queue (
    person_id   UUID PRIMARY KEY,
    changes     INTEGER NOT NULL
) CLUSTERED;
INSERT INTO person_word_queue (person_id, changes) SELECT id, 1 FROM people;

CREATE INDEX audit_subject ON audit (subject_id, number);

-- A file sent for an import, kept between its preview and the yes. It is removed with the yes, or after an hour.
CREATE TABLE uploads (
    id          UUID PRIMARY KEY,
    person_id   UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,              -- the file's name, as the browser gave it
    bytes       BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX uploads_person ON uploads (person_id);

CREATE TABLE upload_parts (
    upload_id   UUID NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    part        INTEGER NOT NULL,           -- from 0
    content     BYTEA NOT NULL,
    PRIMARY KEY (upload_id, part)
);
