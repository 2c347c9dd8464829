"""Pure: the server's answers to questions, as sentences."""

from __future__ import annotations

from chatservice.domain.commands import RoleName
from chatservice.domain.events import Absent, People, Person, Private, RoomInfo, Rooms, WhoisReply
from chatservice.domain.text import counted
from chatservice.domain.times import moment

SHOWN = 100

ROLE_MARKS: dict[RoleName | None, str] = {"operator": "@", "voice": "+", "muted": "-"}
"""What stands before a nick; nothing before that of a plain member."""


def role_mark(person: Person) -> str:
    """The mark of what somebody is in a room."""
    return ROLE_MARKS.get(person.role, "")


def facts(person: Person) -> str:
    """The marks behind a nick: `✓` is logged in, `op` an operator of the server, `bot` one."""
    found = ["✓"] * (person.account is not None)
    found += ["op"] * person.operator + ["bot"] * person.bot
    return " ".join(found)


def locks(locked: bool, invite_only: bool) -> str:
    """The marks of a closed room: `*` has a password, `!` is by invitation only."""
    return "*" * locked + "!" * invite_only


def people_line(reply: People) -> str:
    """Who is in a room."""
    people = sorted(reply.people, key=lambda person: person.nick.casefold())
    names = [role_mark(person) + person.nick for person in people]
    return f"#{reply.room}, {counted(len(names), 'person', 'people')}: {listed(names, SHOWN)}"


def private_line(private: Private) -> str:
    """What one person told another, each line marked."""
    mark = f"[private {private.nick} > {private.to}]"
    return "\n".join(f"{mark} {line}" for line in private.text.split("\n"))


def rooms_line(reply: Rooms) -> str:
    """Which rooms there are, a line for each."""
    rooms = list(map(_room, reply.rooms))
    more = [f"and {len(rooms) - SHOWN} others"] if len(rooms) > SHOWN else []
    return "\n".join([counted(len(rooms), "room", "rooms"), *rooms[:SHOWN], *more])


def whois_line(reply: WhoisReply) -> str:
    """Who somebody is."""
    person = reply.person
    rooms = listed([f"#{room}" for room in reply.rooms], SHOWN) or "no room"
    spoke = f"last spoke {_when(reply.spoke)}" if reply.spoke else "has not spoken"
    return (
        f"{person.nick}: id {person.user}, from {person.address}, in {rooms}, "
        f"here since {_when(reply.since)}, {spoke}"
    )


def whois_rows(reply: WhoisReply) -> list[tuple[str, str]]:
    """Who somebody is, line by line."""
    person = reply.person
    marks = {**dict.fromkeys(reply.voice_in, "+"), **dict.fromkeys(reply.operator_in, "@")}
    rooms = [f"{marks.get(room, '')}#{room}" for room in reply.rooms]
    is_what = ["an operator of the server"] * person.operator + ["a bot"] * person.bot
    return [
        ("Id", person.user),
        *([("Says", person.realname)] if person.realname else []),
        ("Account", reply.account or "none, a guest"),
        *([("Is", " and ".join(is_what))] if is_what else []),
        ("Address", person.address),
        *([("Really from", reply.host)] if reply.host else []),
        ("Rooms", listed(rooms, SHOWN) or "none"),
        ("Here since", _when(reply.since)),
        ("Last spoke", _when(reply.spoke) if reply.spoke else "not yet"),
        ("Idle", _lasting(reply.idle)),
        *([("Away", person.away or "yes")] if person.away is not None else []),
    ]


def absent_rows(reply: Absent) -> list[tuple[str, str]]:
    """Who is not here, line by line."""
    return [("Here", "not now"), ("Last here", _when(reply.seen))]


def listed(names: list[str], most: int) -> str:
    """The first names, and how many others there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {counted(more, 'other')}" if more > 0 else "")


def _room(room: RoomInfo) -> str:
    marks = f" {found}" if (found := locks(room.locked, room.invite_only)) else ""
    topic = f"  {room.topic}" if room.topic else ""
    return f"#{room.room}{marks}  {counted(room.people, 'person', 'people')}{topic}"


def _lasting(seconds: int) -> str:
    """A time span: `40 s`, `5 min`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _when(at: int) -> str:
    return f"{moment(at, None):%Y-%m-%d %H:%M}"
