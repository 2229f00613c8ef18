/**
 * What is said in chats, found by pieces of three letters and more, in every script. A row is a message, or the title of a chat
 * under its negated id; `owner` is a word that only texts of this owner have. Contentless: the texts are stored once.
 */
export const sql = `
CREATE VIRTUAL TABLE chat_texts USING fts5 (
  owner, text, content = '', contentless_delete = 1, tokenize = 'trigram remove_diacritics 1'
);
INSERT INTO chat_texts (rowid, owner, text)
  SELECT -id, 'u' || owner_id || 'u', title FROM chats
  UNION ALL SELECT messages.id, 'u' || owner_id || 'u', content FROM messages JOIN chats ON chats.id = chat_id
  WHERE content <> '';

CREATE TRIGGER chats_text_added AFTER INSERT ON chats BEGIN
  INSERT INTO chat_texts (rowid, owner, text) VALUES (-new.id, 'u' || new.owner_id || 'u', new.title);
END;
CREATE TRIGGER chats_text_changed AFTER UPDATE OF title ON chats WHEN old.title <> new.title BEGIN
  DELETE FROM chat_texts WHERE rowid = -old.id;
  INSERT INTO chat_texts (rowid, owner, text) VALUES (-new.id, 'u' || new.owner_id || 'u', new.title);
END;
CREATE TRIGGER chats_text_removed AFTER DELETE ON chats BEGIN
  DELETE FROM chat_texts WHERE rowid = -old.id;
END;
CREATE TRIGGER messages_text_added AFTER INSERT ON messages WHEN new.content <> '' BEGIN
  INSERT INTO chat_texts (rowid, owner, text)
    SELECT new.id, 'u' || owner_id || 'u', new.content FROM chats WHERE id = new.chat_id;
END;
CREATE TRIGGER messages_text_changed AFTER UPDATE OF content ON messages WHEN old.content <> new.content BEGIN
  DELETE FROM chat_texts WHERE rowid = old.id;
  INSERT INTO chat_texts (rowid, owner, text)
    SELECT new.id, 'u' || owner_id || 'u', new.content FROM chats WHERE id = new.chat_id;
END;
CREATE TRIGGER messages_text_removed AFTER DELETE ON messages BEGIN
  DELETE FROM chat_texts WHERE rowid = old.id;
END;
`
