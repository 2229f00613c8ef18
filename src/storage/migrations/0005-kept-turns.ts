/**
 * What an answer leaves beside its text: the sources that were offered and the steps that were taken, as snapshots. And when a
 * process that was asked to end left it unfinished: another one goes on with it by itself.
 */
export const sql = `
ALTER TABLE messages ADD COLUMN sources TEXT NOT NULL DEFAULT '[]';
ALTER TABLE messages ADD COLUMN steps TEXT NOT NULL DEFAULT '[]';
ALTER TABLE messages ADD COLUMN handed_over_at INTEGER;
CREATE INDEX messages_handed_over ON messages (handed_over_at) WHERE handed_over_at IS NOT NULL;
-- A deleted chat can be brought back for a while; afterwards its row goes, and its messages with it.
CREATE INDEX chats_deleted ON chats (deleted_at) WHERE deleted_at IS NOT NULL;
`
