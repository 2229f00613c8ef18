/**
 * The first schema. Times are Unix milliseconds; public ids are UUIDv7 strings, integer ids never leave storage.
 *
 * Two ideas carry the rest. A *reading* is one pass over a document: pages and passages belong to (document, reading) and
 * never change; reading again makes the next one, and a document points at the last reading that is ready. A *collection*
 * holds documents, every document is in exactly one, and every query says which collections it may look into.
 */
export const sql = `
CREATE TABLE secrets (
  purpose TEXT PRIMARY KEY,
  value   BLOB NOT NULL
) STRICT;

-- Who acts. 'person' signs in; 'system' is the fixed user of the bootstrap key; 'local' is the shell on this machine.
CREATE TABLE users (
  id            INTEGER PRIMARY KEY,
  public_id     TEXT NOT NULL UNIQUE,
  kind          TEXT NOT NULL CHECK (kind IN ('person', 'system', 'local')),
  name          TEXT NOT NULL UNIQUE COLLATE NOCASE,
  role          TEXT NOT NULL CHECK (role IN ('administrator', 'member')),
  password_hash TEXT,
  created_at    INTEGER NOT NULL,
  disabled_at   INTEGER,
  -- Removed, nameless, and waiting for the purge of the last document.
  removed_at    INTEGER
) STRICT;

CREATE TABLE collections (
  id         INTEGER PRIMARY KEY,
  public_id  TEXT NOT NULL UNIQUE,
  owner_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX collections_by_owner ON collections (owner_id);

-- A session is known by the SHA-256 of its opaque id; the id itself is only in the cookie.
CREATE TABLE sessions (
  token_hash   BLOB PRIMARY KEY,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  user_agent   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_keys (
  id           INTEGER PRIMARY KEY,
  public_id    TEXT NOT NULL UNIQUE,
  user_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  secret_hash  BLOB NOT NULL,
  scopes       TEXT NOT NULL DEFAULT '["read","write","chat"]',
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  last_used_at INTEGER
) STRICT;
CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE TABLE documents (
  id              INTEGER PRIMARY KEY,
  public_id       TEXT NOT NULL UNIQUE,
  -- No cascade: index entries do not follow foreign keys, so that only the purge removes a document.
  owner_id        INTEGER NOT NULL REFERENCES users (id),
  collection_id   INTEGER NOT NULL REFERENCES collections (id),
  name            TEXT NOT NULL,
  type            TEXT NOT NULL,
  bytes           INTEGER NOT NULL,
  sha256          TEXT NOT NULL,
  language        TEXT,
  status          TEXT NOT NULL CHECK (status IN ('queued', 'reading', 'ready', 'failed')),
  -- The last reading that is ready: what search looks at. NULL until there is one.
  reading_id      INTEGER,
  pages_total     INTEGER,
  pages_done      INTEGER NOT NULL DEFAULT 0,
  unreadable      TEXT NOT NULL DEFAULT '[]',
  passages        INTEGER NOT NULL DEFAULT 0,
  error_code      TEXT,
  error_message   TEXT,
  created_at      INTEGER NOT NULL,
  ready_at        INTEGER,
  deleted_at      INTEGER,
  -- From then on nothing can be restored; 0 once the purge has begun.
  purge_at        INTEGER
) STRICT;
CREATE UNIQUE INDEX documents_same_bytes ON documents (owner_id, sha256) WHERE deleted_at IS NULL;
CREATE INDEX documents_by_collection ON documents (collection_id, public_id) WHERE deleted_at IS NULL;
CREATE INDEX documents_by_sha256 ON documents (sha256);
CREATE INDEX documents_unfinished ON documents (id) WHERE status IN ('queued', 'reading');

CREATE TABLE readings (
  id          INTEGER PRIMARY KEY,
  document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  number      INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open', 'ready', 'failed', 'superseded')),
  language    TEXT,
  pages_total INTEGER,
  title       TEXT,
  passages    INTEGER NOT NULL DEFAULT 0,
  -- A page with many passages is written in several transactions: this one lacks some of them.
  incomplete_page INTEGER,
  started_at  INTEGER NOT NULL,
  ended_at    INTEGER,
  UNIQUE (document_id, number)
) STRICT;

-- One row per page once it is durable; words is packed by documents/words.ts, headings is JSON.
CREATE TABLE pages (
  reading_id   INTEGER NOT NULL REFERENCES readings (id) ON DELETE CASCADE,
  number       INTEGER NOT NULL,
  text         TEXT NOT NULL,
  source       TEXT NOT NULL CHECK (source IN ('text', 'ocr', 'both', 'none')),
  confidence   REAL,
  language     TEXT,
  width        REAL,
  height       REAL,
  words        BLOB,
  headings     TEXT NOT NULL DEFAULT '[]',
  error_code   TEXT,
  error_message TEXT,
  PRIMARY KEY (reading_id, number)
) STRICT, WITHOUT ROWID;

-- start and end count UTF-16 code units of the page's text; text is that slice, so that search needs no page.
CREATE TABLE passages (
  id          INTEGER PRIMARY KEY,
  document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  reading_id  INTEGER NOT NULL REFERENCES readings (id) ON DELETE CASCADE,
  page        INTEGER NOT NULL,
  ordinal     INTEGER NOT NULL,
  start       INTEGER NOT NULL,
  "end"       INTEGER NOT NULL,
  text        TEXT NOT NULL,
  heading     TEXT NOT NULL DEFAULT '',
  -- Numbers of words per field, counted as the index counts them.
  words_text    INTEGER NOT NULL DEFAULT 0,
  words_title   INTEGER NOT NULL DEFAULT 0,
  words_heading INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX passages_by_reading ON passages (reading_id, page, ordinal);
CREATE INDEX passages_by_document ON passages (document_id);

-- A generation is one way of making an index: the version of the word analysis, or an embedding model and its dimension.
CREATE TABLE index_generations (
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('lexical', 'vector')),
  version    TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('building', 'active', 'retired')),
  -- Sums that BM25 needs, kept in the same transaction as the rows.
  passages      INTEGER NOT NULL DEFAULT 0,
  words_text    INTEGER NOT NULL DEFAULT 0,
  words_title   INTEGER NOT NULL DEFAULT 0,
  words_heading INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

-- Contentless: the passage's text is stored once, in passages. The tokens come finished, separated by spaces.
-- '~' marks a prefix token (see search/words.ts). scope holds '~~' and the reading's id, for queries of few documents.
CREATE VIRTUAL TABLE lexical_1 USING fts5 (
  text, heading, title, scope,
  content = '', contentless_delete = 1,
  tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co' tokenchars '~'"
);
-- Left alone, FTS5 rewrites a segment of which a tenth was deleted, all at once: 360 ms of one purge's transaction, measured
-- with a text of 10 MB. Deleted entries are skipped by queries and go when segments are merged anyway.
INSERT INTO lexical_1 (lexical_1, rank) VALUES ('deletemerge', 0);
CREATE VIRTUAL TABLE lexical_1_words USING fts5vocab (lexical_1, row);

-- One piece of work. key serialises: of jobs with the same key at most one runs. place is the order of claiming: it counts
-- like a time (Unix milliseconds), and says when the job would be done if every owner had a machine of its own.
CREATE TABLE jobs (
  id          INTEGER PRIMARY KEY,
  public_id   TEXT NOT NULL UNIQUE,
  task        TEXT NOT NULL,
  key         TEXT,
  owner_id    INTEGER REFERENCES users (id) ON DELETE CASCADE,
  payload     TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  cost_ms     INTEGER NOT NULL,
  place       INTEGER NOT NULL,
  -- Counted when claimed: whoever completes must hold the attempt that is running.
  attempt     INTEGER NOT NULL DEFAULT 0,
  failures    INTEGER NOT NULL DEFAULT 0,
  crashes     INTEGER NOT NULL DEFAULT 0,
  run_at      INTEGER NOT NULL,
  claimed_by  TEXT,
  claimed_at  INTEGER,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  error_code  TEXT,
  error_message TEXT,
  created_at  INTEGER NOT NULL,
  ended_at    INTEGER
) STRICT;
CREATE INDEX jobs_waiting ON jobs (place, id, run_at, key) WHERE state = 'queued';
CREATE INDEX jobs_by_time ON jobs (run_at) WHERE state = 'queued';
CREATE INDEX jobs_by_owner ON jobs (owner_id, cost_ms, place) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (key) WHERE state = 'running';
CREATE INDEX jobs_by_key ON jobs (key) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;

-- An answer as it is written: one row per batch of events of one stream.
CREATE TABLE journal (
  stream     TEXT NOT NULL,
  seq        INTEGER NOT NULL,
  events     TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (stream, seq)
) STRICT, WITHOUT ROWID;

INSERT INTO index_generations (kind, version, state, created_at) VALUES ('lexical', '1', 'active', 0);
`
