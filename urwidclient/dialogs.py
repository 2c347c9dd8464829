"""Rooms and people by dialog: each ends in the command that could have been typed."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.commands import (
    Ban,
    Command,
    Create,
    Join,
    Kick,
    Kill,
    React,
    RoleName,
    SetRole,
    Whois,
)
from urwidclient.stage import Stage
from urwidclient.widgets.popups import form_popup, menu_popup

ROOM, PASSWORD, REACTION = "Room", "Password", "Reaction"
REACTIONS = ("👍", "👎", "😄", "🎉", "👀", "🙏")


class Dialogs:
    """Opens them over the window; `do` is given the commands."""

    def __init__(self, stage: Stage, do: Callable[[Command], None]) -> None:
        self._stage = stage
        self._do = do

    def join(self) -> None:
        """Enter a room."""

        def done(room: str, password: str) -> None:
            if name := room.removeprefix("#"):
                self._do(Join(room=name, password=password or None))

        text = "Which room? Most have no password."
        self._form("Enter a room", text, done)

    def create(self) -> None:
        """Make a room."""

        def done(room: str, password: str) -> None:
            if name := room.removeprefix("#"):
                self._do(Create(room=name, password=password or None))

        text = "A new room, with a password or open to all."
        self._form("Make a room", text, done)

    def react(self, message_id: str) -> None:
        """React to this message, in a usual way or in one's own."""

        def pick(reaction: str) -> None:
            if reaction:
                self._do(React(message_id=message_id, reaction=reaction))
            else:
                self._stage.popup(form_popup("React", "How?", [REACTION], pick_own))

        def pick_own(reaction: str) -> None:
            if reaction:
                self._do(React(message_id=message_id, reaction=reaction))

        rows = [*((each, each) for each in REACTIONS), ("something else ...", "")]
        self._stage.popup(menu_popup("React", rows, pick))

    def person(self, nick: str) -> None:
        """What one can do about somebody in this room."""
        room = self._stage.model.room
        if room is None or nick not in room.people:
            return
        rows: list[tuple[str, Command | None]] = [
            ("Write to them", None),
            ("Who is it?", Whois(nick=nick)),
        ]
        me, role = room.people.get(self._stage.model.nick or ""), room.people[nick].role
        if me is not None and (me.role == "operator" or me.operator):
            rows += [
                self._role(nick, role, "muted", "Let them listen only", "Let them talk again"),
                self._role(nick, role, "voice", "Let them set the topic", "Take that back"),
                self._role(nick, role, "operator", "Make them operator", "Make them plain member"),
                ("Put them out", Kick(nick=nick, room=room.name)),
                ("Put them out, and keep them out", Ban(who=nick, room=room.name)),
            ]
        if me is not None and me.operator:
            rows.append(("Put them out of the chat", Kill(nick=nick)))

        def pick(command: Command | None) -> None:
            if command is None:
                self._stage.converse(nick)
            else:
                self._do(command)

        self._stage.popup(menu_popup(nick, rows, pick))

    def _role(
        self, nick: str, role: RoleName | None, given: RoleName, give: str, take: str
    ) -> tuple[str, Command]:
        """The row that gives a role, or takes it back."""
        room = self._stage.model.current
        if role == given:
            return take, SetRole(nick=nick, role="member", room=room)
        return give, SetRole(nick=nick, role=given, room=room)

    def _form(self, title: str, text: str, done: Callable[[str, str], None]) -> None:
        self._stage.popup(form_popup(title, text, [ROOM, PASSWORD], done, hidden=[PASSWORD]))
