/**
 * The full-text index may merge two segments of a size where it is told to (`merge` in search/lexical-index.ts): four is what it
 * waits for by itself, and every look-up of a word asks every segment.
 */
export const sql = `
INSERT INTO lexical_1 (lexical_1, rank) VALUES ('usermerge', 2);
`
