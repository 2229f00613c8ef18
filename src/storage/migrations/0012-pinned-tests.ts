/** Answers that somebody wants to stay as they are: what was asked, what has to be quoted and said, and what came of the last run. */
export const sql = `
CREATE TABLE pinned_tests (
  id            INTEGER PRIMARY KEY,
  public_id     TEXT NOT NULL UNIQUE,
  owner_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  question      TEXT NOT NULL,
  -- A snapshot, as citations are: another reading or another upload of the document may answer as well.
  document_name TEXT,
  page          INTEGER,
  quote         TEXT,
  must_contain  TEXT NOT NULL DEFAULT '[]',
  must_refuse   INTEGER NOT NULL DEFAULT 0,
  is_passed     INTEGER,
  reasons       TEXT NOT NULL DEFAULT '[]',
  ran_at        INTEGER,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX pinned_tests_by_owner ON pinned_tests (owner_id);
`
