/** Vectors of passages, by generation; see search/generations.ts and search/vector-codes.ts. All of it can be made again. */
export const sql = `
ALTER TABLE index_generations ADD COLUMN dimension INTEGER;
ALTER TABLE index_generations ADD COLUMN centre BLOB;
-- Rolled back by a person; marked to be taken away.
ALTER TABLE index_generations ADD COLUMN set_aside_at INTEGER;
ALTER TABLE index_generations ADD COLUMN discarded_at INTEGER;
-- In a row, and the last of them.
ALTER TABLE index_generations ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE index_generations ADD COLUMN error_code TEXT;
ALTER TABLE index_generations ADD COLUMN error_message TEXT;
CREATE UNIQUE INDEX index_generations_active ON index_generations (kind) WHERE state = 'active';

CREATE TABLE vectors (
  passage_id    INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
  generation_id INTEGER NOT NULL,
  block_id      INTEGER NOT NULL,
  vector        BLOB NOT NULL,
  PRIMARY KEY (passage_id, generation_id)
) STRICT, WITHOUT ROWID;

-- The signs of up to 256 vectors, to be read one block after the other.
CREATE TABLE vector_blocks (
  id            INTEGER PRIMARY KEY,
  generation_id INTEGER NOT NULL,
  entries       INTEGER NOT NULL,
  codes         BLOB NOT NULL
) STRICT;
CREATE INDEX vector_blocks_by_generation ON vector_blocks (generation_id);
CREATE INDEX vector_blocks_with_room ON vector_blocks (generation_id) WHERE entries < 256;

-- Readings of which every passage has its vector, or was refused by the model.
CREATE TABLE embedded_readings (
  reading_id    INTEGER NOT NULL REFERENCES readings (id) ON DELETE CASCADE,
  generation_id INTEGER NOT NULL,
  PRIMARY KEY (reading_id, generation_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE refused_passages (
  passage_id    INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
  generation_id INTEGER NOT NULL,
  PRIMARY KEY (passage_id, generation_id)
) STRICT, WITHOUT ROWID;
`
