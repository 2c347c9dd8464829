-- Rooms: who set the topic, what IRC calls modes, other rules than bans.
ALTER TABLE settings ADD topic_by TEXT NOT NULL DEFAULT '';
ALTER TABLE settings ADD topic_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settings ADD made_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settings ADD moderated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settings ADD topic_rule TEXT NOT NULL DEFAULT 'voices';
ALTER TABLE settings ADD secret INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settings ADD external INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settings ADD no_ctcp INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settings ADD people_most INTEGER NOT NULL DEFAULT 0;
UPDATE settings SET made_at = ifnull(
    (SELECT at FROM message WHERE message.room = settings.room ORDER BY seq LIMIT 1), 0
);

ALTER TABLE ban RENAME TO old_ban;
CREATE TABLE ban (
    room INTEGER NOT NULL,
    kind TEXT NOT NULL,
    mask TEXT NOT NULL,
    shown TEXT NOT NULL,
    until INTEGER,
    reason TEXT NOT NULL,
    "by" TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (room, kind, mask)
) WITHOUT ROWID;
INSERT INTO ban SELECT room, 'ban', mask, shown, until, reason, "by", 0 FROM old_ban;
DROP TABLE old_ban;

-- What knows a proof of the password (SCRAM-SHA-256); empty for accounts made before.
ALTER TABLE account ADD scram TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD always_on INTEGER NOT NULL DEFAULT 0;

-- Accounts (by key) that are always on, and the rooms that they stay in.
CREATE TABLE stay (
    room INTEGER NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (room, account)
);

-- What accounts (`account:KEY`) and rooms (`room:ID`) tell about themselves.
CREATE TABLE fact (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (owner, key)
);

-- Of this server alone, and told to nobody.
CREATE TABLE secret (value BLOB NOT NULL);
INSERT INTO secret VALUES (randomblob(32));

-- `author` is the identity of who said it, if that outlives a connection; `account` has its name.
ALTER TABLE message ADD author TEXT;
ALTER TABLE message ADD account TEXT;
ALTER TABLE message ADD reply_to TEXT;

-- By the account, or without one by the user.
CREATE TABLE reaction (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL,
    reaction TEXT NOT NULL,
    nick TEXT NOT NULL,
    user TEXT NOT NULL,
    account TEXT
);

CREATE UNIQUE INDEX reaction_by ON reaction (message, ifnull(account, user), reaction);

CREATE TRIGGER message_gone AFTER DELETE ON message
BEGIN
    DELETE FROM reaction WHERE message = old.id;
END;

CREATE TRIGGER message_taken_back AFTER UPDATE OF deleted_at ON message
BEGIN
    DELETE FROM reaction WHERE message = old.id;
END;

-- Up to when an account has read what is in a place: `#` and a room's name, or `@` and a key.
CREATE TABLE mark (
    account TEXT NOT NULL,
    place TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, place)
) WITHOUT ROWID;

CREATE TRIGGER room_renamed AFTER UPDATE OF name ON room
BEGIN
    UPDATE OR REPLACE mark SET place = '#' || new.name WHERE place = '#' || old.name;
END;
