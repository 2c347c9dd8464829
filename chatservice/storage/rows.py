"""Records as rows of SQLite's tables, and back."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import groupby
from types import NoneType
from typing import Any

from chatservice.domain.commands import TopicRule
from chatservice.domain.events import Message, Reaction
from chatservice.domain.records import (
    AccountKept,
    BanKept,
    Deleted,
    Edited,
    FactKept,
    KeptRoom,
    Lasting,
    MarkKept,
    MemberKept,
    ReactionKept,
    RenamedRoom,
    RoomKept,
    Said,
    SeenKept,
    StayKept,
)

MESSAGES = """
    SELECT message.id, author, room, seq, at, kind, nick, user, message.text, edited_at, deleted_at,
        account, reply_to, (
            SELECT json_group_array(json_array(reaction, nick, user, account))
            FROM (SELECT * FROM reaction WHERE message = message.id ORDER BY id)
        )
    FROM message
"""
"""The columns that `numbered` takes."""

_MAYBE_INT, _MAYBE_STR = (int, NoneType), (str, NoneType)
_TYPES: tuple[Any, ...] = (
    int,
    int,
    int,
    str,
    str,
    str,
    str,
    *[_MAYBE_INT] * 2,
    *[_MAYBE_STR] * 2,
    str,
)
"""Of these columns, without the first two."""

_SAID = """
    INSERT INTO message
        (room, seq, at, kind, nick, user, text, client, client_id, author, account, reply_to)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_EDITED = """
    UPDATE message SET text = :text, edited_at = :at
    WHERE room = :room_id AND seq = :seq AND deleted_at IS NULL
"""
_DELETED = """
    UPDATE message SET text = '', deleted_at = :at
    WHERE room = :room_id AND seq = :seq AND deleted_at IS NULL
"""
_REACTION = """
    INSERT OR IGNORE INTO reaction (message, reaction, nick, user, account)
    SELECT id, :reaction, :nick, :user, :account FROM message
    WHERE room = :room_id AND seq = :seq AND deleted_at IS NULL
"""
_NO_REACTION = """
    DELETE FROM reaction
    WHERE message = (SELECT id FROM message WHERE room = :room_id AND seq = :seq)
        AND ifnull(account, user) = ifnull(:account, :user) AND reaction = :reaction
"""
_MARK = "REPLACE INTO mark VALUES (:account, :place, :at)"
_SETTINGS = (
    "REPLACE INTO settings VALUES (:room_id, :topic, :password, :invite_only, :history,"
    " :keep_messages, :keep_days, :topic_by, :topic_at, :made_at, :moderated, :topic_rule,"
    " :secret, :external, :no_ctcp, :people_most)"
)
_RENAMED = "UPDATE room SET name = :name WHERE id = :room_id"
_MEMBER = "REPLACE INTO member VALUES (:room_id, :identity, :role, :since)"
_NO_MEMBER = "DELETE FROM member WHERE room = :room_id AND identity = :identity"
_BAN = "REPLACE INTO ban VALUES (:room_id, :kind, :mask, :shown, :until, :reason, :by, :at)"
_NO_BAN = "DELETE FROM ban WHERE room = :room_id AND kind = :kind AND mask = :mask"
_ACCOUNT = (
    "REPLACE INTO account VALUES (:key, :nick, :password, :made_at, :seen_at, :scram, :always_on)"
)
_STAYS = "REPLACE INTO stay VALUES (:room_id, :account)"
_STAYS_NO_MORE = "DELETE FROM stay WHERE room = :room_id AND account = :account"
_FACT = (
    "INSERT INTO fact VALUES (:owner, :key, :value)"
    " ON CONFLICT (owner, key) DO UPDATE SET value = :value"
)
_NO_FACT = "DELETE FROM fact WHERE owner = :owner AND key = :key"
_SEEN = "UPDATE account SET seen_at = :at WHERE key = :key"

_ROOMS = """
    SELECT room.id, room.name, ifnull(message.seq, 0), ifnull(message.at, 0),
        settings.room IS NOT NULL, topic, password, invite_only, history,
        keep_messages, keep_days, topic_by, topic_at, made_at, moderated, topic_rule,
        secret, external, no_ctcp, people_most
    FROM room LEFT JOIN settings ON settings.room = room.id
    LEFT JOIN message ON message.room = room.id
        AND message.seq = (SELECT max(seq) FROM message WHERE room = room.id)
    ORDER BY room.id
"""


def statements(records: Iterable[Lasting]) -> Iterator[tuple[str, Iterator[Any]]]:
    """What to execute, in order, each for many rows."""
    for statement, group in groupby(records, _statement):
        yield statement, map(_row, group)


def numbered(names: Mapping[int, str], columns: Iterable[Any]) -> tuple[int, Message]:
    """A message and the number of its row, from `MESSAGES` and the names of the rooms."""
    number, _, *others = columns
    return number, _message(names, *others)


def authored(names: Mapping[int, str], columns: Iterable[Any]) -> tuple[Message, str | None]:
    """The same message, and the identity of who said it."""
    _, author, *others = columns
    return _message(names, *others), author


def _message(names: Mapping[int, str], *columns: Any) -> Message:
    """A message; what damage has made of a row is none."""
    if not all(isinstance(value, kind) for value, kind in zip(columns, _TYPES, strict=True)):
        damage = sqlite3.DatabaseError("a message is not made of what it should be")
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage
    return _made(names, *columns)


def _made(
    names: Mapping[int, str],
    room_id: int,
    seq: int,
    at: int,
    kind: Any,
    nick: str,
    user: str,
    text: str,
    edited_at: int | None,
    deleted_at: int | None,
    account: str | None,
    reply_to: str | None,
    reactions: str,
) -> Message:
    return Message(
        room=names[room_id],
        seq=seq,
        id=f"{room_id}-{seq}",
        nick=nick,
        user=user,
        at=at,
        text=text,
        kind=kind,
        edited_at=edited_at,
        deleted=deleted_at is not None,
        account=account,
        reply_to=reply_to,
        reactions=() if reactions == "[]" else _reactions(reactions),
    )


def _reactions(listed: str) -> tuple[Reaction, ...]:
    return tuple(
        Reaction(reaction=reaction, nick=nick, user=user, account=account)
        for reaction, nick, user, account in json.loads(listed)
    )


def load_rooms(db: sqlite3.Connection) -> tuple[KeptRoom, ...]:
    """All rooms, with what they are set to and who is what in them."""
    members: dict[int, list[MemberKept]] = defaultdict(list)
    for room_id, identity, role, since in db.execute("SELECT * FROM member"):
        member = MemberKept(room_id=room_id, identity=identity, role=role, since=since)
        members[room_id].append(member)
    bans: dict[int, list[BanKept]] = defaultdict(list)
    for room_id, kind, mask, shown, until, reason, by, at in db.execute("SELECT * FROM ban"):
        ban = BanKept(
            room_id=room_id,
            kind=kind,
            mask=mask,
            shown=shown,
            until=until,
            reason=reason,
            by=by,
            at=at,
        )
        bans[room_id].append(ban)
    return tuple(
        KeptRoom(
            id=room_id,
            name=name,
            seq=seq,
            at=at,
            settings=_settings(room_id, name, *settings) if is_set_up else None,
            members=tuple(members[room_id]),
            bans=tuple(bans[room_id]),
        )
        for room_id, name, seq, at, is_set_up, *settings in db.execute(_ROOMS)
    )


def load_accounts(db: sqlite3.Connection) -> tuple[AccountKept, ...]:
    """All accounts."""
    return tuple(
        AccountKept(
            key=key,
            nick=nick,
            password=password,
            made_at=made_at,
            seen_at=seen_at,
            scram=scram,
            always_on=bool(always_on),
        )
        for key, nick, password, made_at, seen_at, scram, always_on in db.execute(
            "SELECT * FROM account"
        )
    )


def load_facts(db: sqlite3.Connection) -> tuple[FactKept, ...]:
    """What everybody and every room tells."""
    return tuple(
        FactKept(owner=owner, key=key, value=value)
        for owner, key, value in db.execute("SELECT owner, key, value FROM fact ORDER BY rowid")
    )


def load_stays(db: sqlite3.Connection) -> tuple[StayKept, ...]:
    """Who stays where, in the order of coming."""
    return tuple(
        StayKept(room_id=room_id, account=account, stays=True)
        for room_id, account in db.execute("SELECT room, account FROM stay ORDER BY rowid")
    )


def load_marks(db: sqlite3.Connection) -> tuple[MarkKept, ...]:
    """Up to when each account has read what."""
    return tuple(
        MarkKept(account=account, place=place, at=at)
        for account, place, at in db.execute("SELECT * FROM mark")
    )


def _statement(record: Lasting) -> str:
    match record:
        case Said():
            return _SAID
        case Edited():
            return _EDITED
        case Deleted():
            return _DELETED
        case ReactionKept():
            return _REACTION if record.active else _NO_REACTION
        case FactKept():
            return _NO_FACT if record.value is None else _FACT
        case StayKept():
            return _STAYS if record.stays else _STAYS_NO_MORE
        case MarkKept():
            return _MARK
        case RoomKept():
            return _SETTINGS
        case RenamedRoom():
            return _RENAMED
        case MemberKept():
            return _NO_MEMBER if record.role is None else _MEMBER
        case BanKept():
            return _NO_BAN if record.lifted else _BAN
        case AccountKept():
            return _ACCOUNT
        case SeenKept():
            return _SEEN


def _row(record: Lasting) -> Any:
    if not isinstance(record, Said):
        return asdict(record)
    message = record.message
    client, client_id = record.client, message.re
    if not (client and client_id):
        client = client_id = None
    return (
        record.room_id,
        message.seq,
        message.at,
        message.kind,
        message.nick,
        message.user,
        message.text,
        client,
        client_id,
        record.author,
        message.account,
        message.reply_to,
    )


def _settings(
    room_id: int,
    name: str,
    topic: str,
    password: str | None,
    invite_only: int,
    history: str,
    keep_messages: int,
    keep_days: int,
    topic_by: str,
    topic_at: int,
    made_at: int,
    moderated: int,
    topic_rule: TopicRule,
    *switches: int,
) -> RoomKept:
    secret, external, no_ctcp, people_most = switches
    return RoomKept(
        room_id=room_id,
        name=name,
        topic=topic,
        password=password,
        invite_only=bool(invite_only),
        history=history,
        keep_messages=keep_messages,
        keep_days=keep_days,
        topic_by=topic_by,
        topic_at=topic_at,
        made_at=made_at,
        moderated=bool(moderated),
        topic_rule=topic_rule,
        secret=bool(secret),
        external=bool(external),
        no_ctcp=bool(no_ctcp),
        people_most=people_most,
    )
