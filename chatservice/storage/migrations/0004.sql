-- Search finds what is written without blanks, such as Chinese and Thai: `apart`, which the server
-- gives its connection, cuts that into pairs of letters.
DROP TRIGGER message_changed;
DROP TRIGGER message_forgotten;
DROP TABLE words;

CREATE VIEW searched AS SELECT id, apart(text) AS text FROM message;

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
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, apart(old.text));
    INSERT INTO words (rowid, text) VALUES (new.id, apart(new.text));
END;

CREATE TRIGGER message_forgotten AFTER DELETE ON message
WHEN old.id <= (SELECT message FROM indexed)
BEGIN
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.id, apart(old.text));
END;
