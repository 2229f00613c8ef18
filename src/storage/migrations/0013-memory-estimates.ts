/** What readings took of memory, beside what they were reckoned at: one factor for each type of document. */
export const sql = `
CREATE TABLE memory_estimates (
  type     TEXT PRIMARY KEY,
  factor   REAL NOT NULL,
  readings INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
