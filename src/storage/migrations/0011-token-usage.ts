/** What models have read and written for each person, by day (of UTC, counted from 1970). */
export const sql = `
CREATE TABLE token_usage (
  owner_id      INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  day           INTEGER NOT NULL,
  input_tokens  INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  PRIMARY KEY (owner_id, day)
) STRICT, WITHOUT ROWID;
`
