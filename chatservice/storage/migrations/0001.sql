CREATE TABLE server (id TEXT NOT NULL);

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- `at` is UTC in milliseconds. `client` (a hash) and `client_id` are both set or both null.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    nick TEXT NOT NULL,
    user TEXT NOT NULL,
    text TEXT NOT NULL,
    client BLOB,
    client_id TEXT,
    UNIQUE (room, seq)
);

CREATE INDEX message_client ON message (client, client_id) WHERE client IS NOT NULL;
