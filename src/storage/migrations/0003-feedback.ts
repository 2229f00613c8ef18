/** What people say of an answer. */
export const sql = `
ALTER TABLE messages ADD COLUMN feedback TEXT CHECK (feedback IN ('up', 'down'));
ALTER TABLE messages ADD COLUMN feedback_reason TEXT;
`
