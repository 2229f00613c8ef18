/**
 * Chats and their messages. A message is what the events of its stream amount to: while it is written, the journal has more
 * than the row. Citations are snapshots, so that they survive the document.
 */
export const sql = `
CREATE TABLE chats (
  id         INTEGER PRIMARY KEY,
  public_id  TEXT NOT NULL UNIQUE,
  owner_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  title      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX chats_by_owner ON chats (owner_id) WHERE deleted_at IS NULL;

CREATE TABLE messages (
  id            INTEGER PRIMARY KEY,
  public_id     TEXT NOT NULL UNIQUE,
  chat_id       INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
  role          TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  state         TEXT NOT NULL CHECK (state IN ('writing', 'complete', 'stopped', 'interrupted', 'failed')),
  content       TEXT NOT NULL,
  -- Of an answer: its question, and the attempt that is being written or was the last.
  question_id   INTEGER REFERENCES messages (id) ON DELETE CASCADE,
  stream        TEXT,
  citations     TEXT NOT NULL DEFAULT '[]',
  unsupported   TEXT NOT NULL DEFAULT '[]',
  not_found     INTEGER NOT NULL DEFAULT 0,
  mode          TEXT CHECK (mode IN ('model', 'quotes')),
  error_code    TEXT,
  error_message TEXT,
  -- Of a question: where it may look, as it was asked. JSON.
  scope         TEXT NOT NULL DEFAULT '{}',
  created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_by_chat ON messages (chat_id);
CREATE INDEX messages_writing ON messages (id) WHERE state = 'writing';
`
