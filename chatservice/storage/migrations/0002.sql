-- A room that was never set up has no settings; members and bans may come before their room.
CREATE TABLE settings (
    room INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    password TEXT,
    invite_only INTEGER NOT NULL,
    history TEXT NOT NULL,
    keep_messages INTEGER NOT NULL,
    keep_days INTEGER NOT NULL
);

CREATE TABLE member (
    room INTEGER NOT NULL,
    identity TEXT NOT NULL,
    role TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (room, identity)
) WITHOUT ROWID;

CREATE TABLE ban (
    room INTEGER NOT NULL,
    mask TEXT NOT NULL,
    shown TEXT NOT NULL,
    until INTEGER,
    reason TEXT NOT NULL,
    "by" TEXT NOT NULL,
    PRIMARY KEY (room, mask)
) WITHOUT ROWID;

CREATE TABLE account (
    "key" TEXT PRIMARY KEY,
    nick TEXT NOT NULL,
    password TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) WITHOUT ROWID;

ALTER TABLE message ADD edited_at INTEGER;
ALTER TABLE message ADD deleted_at INTEGER;

-- Search. Indexing costs more than all else that an insert does, so it is done later, for many
-- messages at once: `words` holds those up to `indexed.message`.
CREATE VIRTUAL TABLE words USING fts5(
    text,
    content = 'message',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO words (words) VALUES ('rebuild');

CREATE TABLE indexed (message INTEGER NOT NULL);
INSERT INTO indexed SELECT ifnull(max(id), 0) FROM message;

CREATE TRIGGER message_changed AFTER UPDATE OF text ON message
WHEN old.id <= (SELECT message FROM indexed)
BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO words (rowid, text) VALUES (new.id, new.text);
END;

CREATE TRIGGER message_forgotten AFTER DELETE ON message
WHEN old.id <= (SELECT message FROM indexed)
BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, old.text);
END;
