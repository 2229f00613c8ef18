/** The best sentences of a page, as ranges of its text: [[start, end, weight in hundredths], …], best first. Made when first asked for. */
export const sql = `
CREATE TABLE page_digests (
  reading_id INTEGER NOT NULL,
  page       INTEGER NOT NULL,
  sentences  TEXT NOT NULL,
  PRIMARY KEY (reading_id, page),
  FOREIGN KEY (reading_id, page) REFERENCES pages (reading_id, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
`
