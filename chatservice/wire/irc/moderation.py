"""Who comes into rooms by invitation, who is put out, and rooms that get another name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from chatservice.domain import commands, events
from chatservice.wire.irc.codec import IrcCodec
from chatservice.wire.irc.form import ROOM, Form, source_of
from chatservice.wire.irc.line import Line
from chatservice.wire.irc.lists import too_many
from chatservice.wire.irc.personal import Ask, Personal, Request
from chatservice.wire.irc.rooms import arrived, parted, reason
from chatservice.wire.irc.verbs import Subject, Verb


def _kick(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    rooms, nicks = (
        [each for each in given.split(",") if each] for given in (line.params[0], line.params[1])
    )
    if len(rooms) == 1:
        rooms *= len(nicks)
    if len(rooms) != len(nicks):
        yield codec.numeric("ERR_NEEDMOREPARAMS", line.verb)
        return
    if refusal := too_many(codec, line.verb, nicks):
        yield from refusal
        return
    why = reason(codec, line, 2)
    for room, nick in zip(rooms, nicks, strict=True):
        if room.startswith(ROOM):
            yield Ask(commands.Kick(room=room, nick=nick, reason=why), room, about(nick))
        else:
            yield codec.numeric("ERR_NOSUCHCHANNEL", room)


def about(nick: str) -> partial[Iterable[Line] | None]:
    """The answer to a command about somebody in a room: refusals name both."""
    return partial(_about, nick)


def _about(nick: str, personal: Personal, request: Request, event: object) -> Iterable[Line] | None:
    name = _ABOUT.get(event.code) if isinstance(event, events.Failed) else None
    if name is None:
        return None
    room = () if name == "ERR_NOSUCHNICK" else (request.target,)
    return [personal.numeric(name, nick, *room)]


_ABOUT = {
    "no-such-person": "ERR_NOSUCHNICK",
    "not-there": "ERR_USERNOTINCHANNEL",
    "already-there": "ERR_USERONCHANNEL",
}


def _kicked(_form: Form, event: events.Kicked) -> Iterable[Line]:
    params = (ROOM + event.room, event.nick, event.reason or event.by)
    yield Line(verb="KICK", params=params, source=source_of(event.by, event.by_user))


def _invite(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    if not line.params:
        yield Ask(commands.ListInvitations())
        return
    if len(line.params) == 1:
        yield codec.numeric("ERR_NEEDMOREPARAMS", line.verb)
        return
    nick, room, *_ = line.params
    if room.startswith(ROOM):
        yield Ask(commands.Invite(nick=nick, room=room), room, about(nick))
    else:
        yield codec.numeric("ERR_NOSUCHCHANNEL", room)


def _invited(_form: Form, event: events.Invited) -> Iterable[Line]:
    params = (event.nick, ROOM + event.room)
    yield Line(verb="INVITE", params=params, source=source_of(event.by, event.by_user))


def _invited_other(form: Form, event: events.InvitedOther) -> Iterable[Line]:
    if form.has("invite-notify"):
        params = (event.nick, ROOM + event.room)
        yield Line(verb="INVITE", params=params, source=source_of(event.by, event.by_user))


def _inviting(
    personal: Personal, request: Request | None, event: events.InvitedOther
) -> Iterable[Line] | None:
    if request is None:
        return None
    return [personal.numeric("RPL_INVITING", event.nick, ROOM + event.room)]


def _invitations(
    personal: Personal, _request: Request | None, event: events.Invitations
) -> Iterator[Line]:
    for room in event.rooms:
        yield personal.numeric("RPL_INVITELIST", ROOM + room)
    yield personal.numeric("RPL_ENDOFINVITELIST")


def _rename(codec: IrcCodec, line: Line) -> Iterable[Ask | Line]:
    old, new = line.params[:2]
    for room in (old, new):
        if not room.startswith(ROOM):
            yield codec.numeric("ERR_NOSUCHCHANNEL", room)
            return
    rename = commands.RenameRoom(room=old, new=new, reason=reason(codec, line, 2))
    yield Ask(rename, old, partial(_not_renamed, new))


def _not_renamed(
    new: str, personal: Personal, request: Request, event: object
) -> Iterable[Line] | None:
    """channel-rename, "Errors"."""
    code = _NOT_RENAMED.get(event.code) if isinstance(event, events.Failed) else None
    if code is None or not isinstance(event, events.Failed):
        return None
    return personal.standard("FAIL", "RENAME", code, event.text, request.target, new)


_NOT_RENAMED = {
    "room-exists": "CHANNEL_NAME_IN_USE",
    "bad-name": "CANNOT_RENAME",
    "too-long": "CANNOT_RENAME",
    "limit-reached": "CANNOT_RENAME",
}


def _renamed(_form: Form, event: events.RoomRenamed) -> Iterable[Line]:
    params = (ROOM + event.old, ROOM + event.new, event.reason)
    yield Line(verb="RENAME", params=params, source=source_of(event.by, event.by_user))


def _came_over(
    personal: Personal, _request: Request | None, event: events.RoomRenamed
) -> Iterable[Line] | None:
    """For who does not know RENAME, leaving and coming in (channel-rename, "Fallback")."""
    if personal.form.has("draft/channel-rename"):
        return None
    if event.old == event.new:
        return ()
    return [
        parted(event.old, personal.source, event.reason),
        *arrived(personal, event.new, event),
    ]


SUBJECT = Subject(
    verbs={
        "KICK": Verb(_kick, needs=2),
        "INVITE": Verb(_invite),
        "RENAME": Verb(_rename, needs=2),
    },
    told={
        events.Kicked: _kicked,
        events.Invited: _invited,
        events.InvitedOther: _invited_other,
        events.RoomRenamed: _renamed,
    },
    answers={
        events.InvitedOther: _inviting,
        events.Invitations: _invitations,
        events.RoomRenamed: _came_over,
    },
    failures={
        ("bad-name", "KICK"): "ERR_NOSUCHCHANNEL",
        ("bad-name", "INVITE"): "ERR_NOSUCHCHANNEL",
    },
)
