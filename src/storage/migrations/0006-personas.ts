/** Instructions that people save for how answers are written. At most one of each person is active; a chat has one or none. */
export const sql = `
CREATE TABLE personas (
  id           INTEGER PRIMARY KEY,
  public_id    TEXT NOT NULL UNIQUE,
  owner_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  instructions TEXT NOT NULL,
  is_active    INTEGER NOT NULL DEFAULT 0,
  created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX personas_by_owner ON personas (owner_id);
CREATE UNIQUE INDEX personas_active ON personas (owner_id) WHERE is_active = 1;
ALTER TABLE chats ADD COLUMN persona_id INTEGER REFERENCES personas (id) ON DELETE SET NULL;
CREATE INDEX chats_by_persona ON chats (persona_id) WHERE persona_id IS NOT NULL;
`
