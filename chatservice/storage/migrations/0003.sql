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

-- Of this server alone, and told to nobody.
CREATE TABLE secret (value BLOB NOT NULL);
INSERT INTO secret VALUES (randomblob(32));
