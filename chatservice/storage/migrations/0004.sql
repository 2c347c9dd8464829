-- Search finds what is written without blanks, such as Chinese and Thai: `apart`, which the server
-- gives its connection, cuts that into pairs of letters. It gets bytes, as a disk may have
-- changed what once was UTF-8.
DROP TRIGGER message_changed;
DROP TRIGGER message_forgotten;
DROP TABLE words;

CREATE VIEW searched AS SELECT id, apart(CAST(text AS BLOB)) AS text FROM message;

CREATE VIRTUAL TABLE words USING fts5(
    text,
    content = 'searched',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO words (words) VALUES ('rebuild');
UPDATE indexed SET message = (SELECT ifnull(max(id), 0) FROM message);

CREATE TRIGGER message_changed AFTER UPDATE OF text ON message
WHEN old.id <= (SELECT message FROM indexed)
BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, apart(CAST(old.text AS BLOB)));
    INSERT INTO words (rowid, text) VALUES (new.id, apart(CAST(new.text AS BLOB)));
END;

CREATE TRIGGER message_forgotten AFTER DELETE ON message
WHEN old.id <= (SELECT message FROM indexed)
BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, apart(CAST(old.text AS BLOB)));
END;
