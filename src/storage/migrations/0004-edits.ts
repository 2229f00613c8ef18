/** A question that was asked anew: which one it takes the place of. The indexes are for what is deleted with its question. */
export const sql = `
ALTER TABLE messages ADD COLUMN edit_of INTEGER REFERENCES messages (id) ON DELETE SET NULL;
CREATE INDEX messages_by_edit ON messages (edit_of) WHERE edit_of IS NOT NULL;
CREATE INDEX messages_by_question ON messages (question_id) WHERE question_id IS NOT NULL;
`
