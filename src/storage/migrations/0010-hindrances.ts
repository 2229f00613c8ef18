/** Why a job does not go on, for whoever looks: what the attempt that runs waits for, or what the last one gave up for. */
export const sql = `
ALTER TABLE jobs ADD COLUMN hindrance TEXT;
ALTER TABLE jobs ADD COLUMN hindrance_message TEXT;
ALTER TABLE jobs ADD COLUMN hindered_at INTEGER;
`
