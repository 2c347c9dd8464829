"""What the server says to people about an event, in words; the same on every wire of lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chatservice.domain import events
from chatservice.domain.events import Event
from chatservice.domain.rooms import LOBBY
from chatservice.domain.text import counted, neutral, one_line
from chatservice.domain.times import minute, moment, until

DELETED = "(deleted)"
"""What stands where a message was."""


def place(room: str) -> str:
    """What a room, or a person (`@nick`), is called in a sentence about what happens there."""
    return "the chat" if room == LOBBY else room_title(room)


def room_title(room: str) -> str:
    """A room, or a conversation (`@nick`), as people write it."""
    return room if room.startswith("@") else f"#{room}"


def sentence(event: Event) -> str | None:
    """What the server says to people about an event; None if it says nothing in words."""
    make = _SENTENCES.get(type(event))
    return make(event) if make else None


def said(event: events.Message | events.Private) -> str:
    """What was said, or done."""
    return as_it_is(event, f"*{event.text}*" if event.kind == "action" else event.text)


def as_it_is(event: events.Message | events.Private, text: str) -> str:
    """The text of a message with what became of it."""
    if isinstance(event, events.Private):
        return text
    if event.deleted:
        return DELETED
    return text if event.edited_at is None else f"{text} (edited)"


def _found(event: events.Found) -> str:
    more = "There may be more; narrow it down with from:, in:, before: or after:."
    if not event.messages:
        return "Nothing was found." if event.next is None else f"Nothing was found so far. {more}"
    lines = [
        f"{moment(each.at):%Y-%m-%d} {room_title(each.room)} {each.nick}: {one_line(said(each))}"
        for each in event.messages
    ]
    return "\n".join(["Found, newest first:", *lines, *([more] if event.next is not None else [])])


def _deleted(event: events.Deleted) -> str:
    whose = "" if event.nick == event.by else f" of {event.nick}"
    return f"{event.by} has deleted a message{whose} {_where(event.room)}{_for(event.reason)}"


def _reacted(event: events.Reacted) -> str:
    whose = f"a message of {event.author}" if event.author else "a message"
    does = "reacts to" if event.active else "takes back a reaction to"
    return f"{event.nick} {does} {whose} {_where(event.room)}: {event.reaction}"


def _confided(event: events.Confided) -> str:
    whom = "operators" if event.role == "operator" else "operators and voices"
    said = f"*{event.text}*" if event.kind == "action" else event.text
    return f"{event.nick} to the {whom} of {room_title(event.room)}: {one_line(said)}"


def _where(room: str) -> str:
    """Where something was said."""
    return f"to {room.removeprefix('@')}" if room.startswith("@") else f"in {place(room)}"


def _away(event: events.AwayChanged) -> str:
    return f"{event.nick} is back." if event.text is None else f"{event.nick} is away: {event.text}"


def _rooms(event: events.Rooms) -> str:
    return "\n".join(map(_room, event.rooms))


def _room(room: events.RoomInfo) -> str:
    closed = ", password" if room.locked else ""
    closed += ", by invitation" if room.invite_only else ""
    topic = f" {room.topic}" if room.topic else ""
    return f"#{room.room} ({room.people} here{closed}){topic}"


def _time(event: events.Time) -> str:
    now = moment(event.at)
    said = f"It is {now:%Y-%m-%d %H:%M:%S} UTC"
    if event.offset is None:
        return f"{said}, by this machine's clock."
    if abs(event.offset) <= 1000:
        return f"{said}; this machine's clock is right."
    way = "behind" if event.offset > 0 else "ahead"
    return f"{said}; this machine's clock is {abs(event.offset) / 1000:.1f} s {way}."


def _topic(event: events.Topic) -> str:
    if event.nick:
        return (
            f"{event.nick} has set the topic of #{event.room}: {event.topic}"
            if event.topic
            else f"{event.nick} has removed the topic of #{event.room}."
        )
    return (
        f"Topic of #{event.room}: {event.topic}" if event.topic else f"#{event.room} has no topic."
    )


def _renamed(event: events.RoomRenamed) -> str:
    if event.old == event.new:
        return f"#{event.new} is called that already."
    if not event.by:
        return f"#{event.old} is called #{event.new} by now."
    return f"{event.by} calls #{event.old} #{event.new} from now on{_for(event.reason)}"


def _configured(event: events.Configured) -> str:
    closed = "needs a password" if event.locked else "needs no password"
    invited = "is by invitation only" if event.invite_only else "is open to all"
    shown = (
        "only what is said from then on" if event.history == "joining" else "what was said before"
    )
    bounds = ((event.keep_messages, "message"), (event.keep_days, "day"))
    kept = " of ".join(f"the last {counted(bound, what)}" for bound, what in bounds if bound)
    asked = not set(event.changed) - {"keep_messages", "keep_days"}
    more = f"; it keeps {kept or 'everything'}" if kept or asked else ""
    # What is so by itself is worth a word to who was used to something else.
    rules = ((getattr(event, name), name, *said) for name, said in _RULES.items())
    more += "".join(
        f"; {on if so else off}" for so, name, on, off in rules if so or name in event.changed
    )
    if event.people_most or "people_most" in event.changed:
        most = (
            counted(event.people_most, "person", "people")
            if event.people_most
            else "any number of people"
        )
        more += f"; it lets {most} in"
    if event.topic_rule != "voices" or "topic_rule" in event.changed:
        more += f"; {_TOPICS[event.topic_rule]} set its topic"
    by = f" ({event.nick})" if event.nick else ""
    return f"#{event.room} {closed}, {invited}, and shows newcomers {shown}{more}{by}."


_TOPICS = {
    "all": "all",
    "voices": "voices and operators",
    "operators": "only operators",
}
_RULES = {
    "moderated": ("only voices and operators talk", "everybody talks"),
    "secret": ("it is shown to nobody outside", "it is shown to all"),
    "external": ("those outside may talk", "those outside may not talk"),
    "no_ctcp": ("clients ask each other nothing", "clients may ask each other things"),
}


_ROLES = {
    "operator": "an operator of",
    "voice": "a voice in",
    "member": "a plain member of",
    "muted": "muted in",
}


def _left(event: events.Left) -> str:
    # Older clients know the words for the chat by heart.
    why = "" if event.room == LOBBY else event.reason or ""
    return f"{event.nick} has left {place(event.room)}{_for(why)}"


def _for(reason: str) -> str:
    return f": {reason}" if reason else "."


_KINDS = {
    "ban": ("has banned {} from", "lets {} into", "Banned from"),
    "mute": ("has muted {} in", "lets {} talk in", "Muted in"),
    "exception": ("has made an exception of {} in", "makes no exception of {} in", "Exceptions in"),
    "invitation": ("lets {} at any time into", "does not let {} at any time into", "Always let in"),
}


def _banned(event: events.Banned) -> str:
    done = _KINDS[event.kind][0].format(event.who)
    return f"{event.by} {done} #{event.room}{until(event.until)}{_for(event.reason)}"


def _unbanned(event: events.Unbanned) -> str:
    again = " again" if event.kind in ("ban", "mute") else ""
    return f"{event.by} {_KINDS[event.kind][1].format(event.who)} #{event.room}{again}."


def _bans(event: events.Bans) -> str:
    bans = [
        f"{ban.who}, by {ban.by}{until(ban.until, ',')}{_for(ban.reason)}" for ban in event.bans
    ]
    if bans:
        return "\n".join([f"{_KINDS[event.kind][2]} #{event.room}:", *bans])
    if event.kind == "ban":
        return f"Nobody is banned from #{event.room}."
    return f"{_KINDS[event.kind][2]} #{event.room}: nobody."


def _role(event: events.RoleGiven) -> str:
    if event.role == event.was:
        return f"{event.nick} is {_ROLES[event.role]} #{event.room}."
    by = f" ({event.by})" if event.by else ""
    return f"{event.nick} is {_ROLES[event.role]} #{event.room} now{by}."


def _invitations(event: events.Invitations) -> str:
    rooms = ", ".join(f"#{room}" for room in event.rooms)
    return f"You are invited to {rooms}." if rooms else "You are invited to no room."


def _who(event: events.People) -> str:
    names = ", ".join(person.nick for person in event.people)
    return f"In #{event.room}: {names or 'nobody'}"


def _whois(event: events.WhoisReply) -> str:
    rooms = ", ".join("#" + room for room in event.rooms) or "no room"
    more = ", a bot" if event.person.bot else ""
    more += ", an operator of the server" if event.person.operator else ""
    more += f", logged in as {event.account}" if event.account is not None else ""
    more += f", idle for {_span(event.idle)}" if event.idle >= _MINUTE else ""
    more += f", away: {event.person.away}" if event.person.away is not None else "."
    name = f" ({event.person.realname})" if event.person.realname else ""
    who = f"{event.person.nick}{name} is {event.person.user}"
    return f"{who} from {event.person.address}, in {rooms}{more}"


_MINUTE = 60
_SPANS = (("day", 24 * 60 * _MINUTE), ("hour", 60 * _MINUTE), ("minute", _MINUTE))


def _span(seconds: int) -> str:
    """A time of a minute or more, in its largest unit."""
    name, size = next(each for each in _SPANS if seconds >= each[1])
    return counted(seconds // size, name)


def _absent(event: events.Absent) -> str:
    return f"{event.nick} is not here, and was last here {minute(event.seen)}."


def _nicks(people: Iterable[events.Person]) -> str:
    return ", ".join(person.nick for person in people)


def _people_found(event: events.PeopleFound) -> str:
    more = "\nThere are more." if event.more else ""
    found = [each.person for each in event.people]
    told = [f"{each.nick} ({each.realname})" if each.realname else each.nick for each in found]
    return f"Found: {', '.join(told)}.{more}" if told else "Nobody was found."


def _past(event: events.Past) -> str:
    people = [
        f"{each.nick} was {each.user}{f' ({each.realname})' if each.realname else ''} until "
        f"{minute(each.at)}."
        for each in event.people
    ]
    return "\n".join(people) or f"There was nobody called {neutral(event.nick[:64])} lately."


def _counts(event: events.Counts) -> str:
    return (
        f"{counted(event.people, 'person', 'people')} here ({event.most_people} at most), "
        f"{counted(event.operators, 'operator')}, {counted(event.connections, 'connection')}, "
        f"{counted(event.rooms, 'room')}."
    )


def _watched(event: events.Watched) -> str:
    here = f"Here: {_nicks(event.online)}." if event.online else ""
    away = f"Not here: {', '.join(map(neutral, event.offline))}." if event.offline else ""
    return " ".join(filter(None, (here, away))) or "You watch nobody."


def _logged_in(event: events.LoggedIn) -> str:
    # Who logs in beside another connection goes by whatever nick that has.
    other = f"; you are {event.nick} now" if event.nick not in ("", event.account) else ""
    return f"You are logged in as {event.account}{other}."


def _entered(event: events.Entered) -> str:
    topic = f" ({event.topic})" if event.topic else ""
    # Who is another person there has seen them already.
    recent = " Here are the recent messages:" if event.messages or not event.again else ""
    return f"You are in #{event.room}{topic}.{recent}"


_SENTENCES: dict[type[Event], Callable[[Any], str]] = {
    events.Joined: lambda event: f"{event.person.nick} has joined {place(event.room)}.",
    events.Left: _left,
    events.Renamed: lambda event: (
        f"{event.old} is now known as {event.new}." if event.old else f"You are {event.new} now."
    ),
    events.Entered: _entered,
    events.HistoryPage: lambda event: (
        f"Messages of {room_title(event.room)}:"
        if event.messages
        else f"No messages in {room_title(event.room)}."
    ),
    events.Created: lambda event: f"#{event.room} is made.",
    events.Exited: lambda event: f"You have left #{event.room}.",
    events.Rooms: _rooms,
    events.People: _who,
    events.WhoisReply: _whois,
    events.Absent: _absent,
    events.Found: _found,
    events.Edited: lambda event: (
        f"{event.nick} has edited a message {_where(event.room)}: {one_line(event.text)}"
    ),
    events.Deleted: _deleted,
    events.Reacted: _reacted,
    events.Confided: _confided,
    events.IsAway: lambda event: f"{event.nick} is away: {event.text}",
    events.AwayChanged: _away,
    events.RealnameChanged: lambda event: (
        f"{event.nick} says of itself: {event.text}"
        if event.text
        else f"{event.nick} says nothing of itself any more."
    ),
    events.BotChanged: lambda event: (
        f"{event.nick} is a bot." if event.active else f"{event.nick} is no bot any more."
    ),
    events.InvisibleChanged: lambda event: (
        "Strangers do not find you by a mask."
        if event.active
        else "Everybody finds you by a mask again."
    ),
    events.PeopleFound: _people_found,
    events.Past: _past,
    events.Counts: _counts,
    events.Online: lambda event: f"{_nicks(event.people)} is here now.",
    events.Offline: lambda event: f"{', '.join(event.nicks)} is not here any more.",
    events.Watched: _watched,
    events.Announcement: lambda event: f"{event.nick} to all operators of the server: {event.text}",
    events.LoggedIn: _logged_in,
    events.LoginWanted: lambda event: (
        f"The nick {event.account} is registered. Log in with /login <password> within "
        f"{event.seconds} seconds, or you get another nick."
    ),
    events.AlwaysOn: lambda event: (
        "You stay in your rooms when you are not connected."
        if event.active
        else "You leave your rooms when your last connection ends."
    ),
    events.OperatorChanged: lambda event: (
        "You are an operator of this server now."
        if event.operator
        else "You are no operator of this server any more."
    ),
    events.LoggedOut: lambda event: f"You are logged out; you are {event.nick} now.",
    events.Topic: _topic,
    events.Configured: _configured,
    events.RoomRenamed: _renamed,
    events.RoleGiven: _role,
    events.Kicked: lambda event: (
        f"{event.by} has put {event.nick} out of #{event.room}{_for(event.reason)}"
    ),
    events.Banned: _banned,
    events.Unbanned: _unbanned,
    events.Bans: _bans,
    events.Invited: lambda event: f"{event.by} invites you to #{event.room}: /join {event.room}",
    events.InvitedOther: lambda event: f"{event.by} has invited {event.nick} to #{event.room}.",
    events.Invitations: _invitations,
    events.Time: _time,
    events.Notice: lambda event: event.text,
    events.Failed: lambda event: event.text,
    events.Closing: lambda event: event.text,
}
