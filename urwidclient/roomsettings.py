"""How a room is set, shown over the window; each row changes one thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from chatservice.domain.commands import AskSettings, Command, Configure, SetRoomPassword, TopicRule
from chatservice.domain.events import Configured, Event, Failed
from urwidclient.resume import new_id
from urwidclient.stage import Stage
from urwidclient.widgets.popups import Popup, form_popup, menu_popup

PASSWORD, NUMBER = "Password", "Number"
TOPIC_RULES: dict[TopicRule, str] = {
    "all": "everybody",
    "voices": "voices and operators",
    "operators": "operators",
}


class Settings:
    """Asks for them, and shows them anew when they change."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._asked: str | None = None
        self._popup: Popup | None = None
        self._room = ""
        self._row = 0

    def ask(self) -> None:
        """Show how the room on the screen is set."""
        room = self._stage.model.room
        if room is not None and room.person is None:
            self._send(AskSettings(id=new_id(), room=room.name))

    def see(self, event: Event) -> None:
        """Show what was asked for, or has changed; a refusal is told where it can be seen."""
        opened = self._popup is not None and self._stage.window.popup is self._popup
        match event:
            case Configured(nick=""):
                self._row = self._row if opened and event.room == self._room else 0
                self._show(event)
            case Configured(room=room) if opened and room == self._room:
                self._show(event)
            case Failed(re=str(key)) if opened and key == self._asked:
                self._stage.popup(None)

    def _show(self, now: Configured) -> None:
        self._room = now.room
        rows = _rows(now)

        def pick(row: int) -> None:
            self._row = row
            change = rows[row].change
            if change == "password":
                self._ask_password()
            elif isinstance(change, str):
                self._ask_number(change, rows[row].caption)
            else:
                self._send(replace(change, id=new_id(), room=now.room))

        texts = [(f"{row.caption}: {row.value}", number) for number, row in enumerate(rows)]
        self._open(menu_popup(f"#{now.room}", texts, pick, chosen=self._row, columns=60))

    def _ask_password(self) -> None:
        def done(password: str) -> None:
            room = self._room
            self._send(SetRoomPassword(id=new_id(), room=room, password=password or None))

        text = "A new password for this room; without one it is open."
        self._open(form_popup(f"#{self._room}", text, [PASSWORD], done, hidden=[PASSWORD]))

    def _ask_number(self, name: str, caption: str) -> None:
        def done(number: str) -> None:
            if number.isascii() and number.isdecimal() and len(number) < 7:
                bound: Any = {name: int(number)}
                self._send(Configure(id=new_id(), room=self._room, **bound))

        text = f"{caption}: how many? 0 is no bound."
        self._open(form_popup(f"#{self._room}", text, [NUMBER], done))

    def _open(self, popup: Popup) -> None:
        self._popup = popup
        self._stage.popup(popup)

    def _send(self, command: Command) -> None:
        self._asked = command.id
        self._stage.send(command)


class Row(NamedTuple):
    """One thing that can be changed: by a command, or by the name of what is to be typed."""

    caption: str
    value: str
    change: Configure | str


def _rows(now: Configured) -> list[Row]:
    rules = list(TOPIC_RULES)
    rule = rules[(rules.index(now.topic_rule) + 1) % len(rules)]
    fresh = now.history == "joining"
    talking = "voices and operators" if now.moderated else "everybody"
    seen = "only what is said from then on" if fresh else "all that was said"
    return [
        Row("Password", "set" if now.locked else "none", "password"),
        _switch("By invitation only", now.invite_only, Configure(invite_only=not now.invite_only)),
        Row("People at most", str(now.people_most or "any number"), "people_most"),
        Row("Who talks", talking, Configure(moderated=not now.moderated)),
        Row("Who sets the topic", TOPIC_RULES[now.topic_rule], Configure(topic_rule=rule)),
        _switch("Shown to those outside", not now.secret, Configure(secret=not now.secret)),
        _switch("Those outside may talk", now.external, Configure(external=not now.external)),
        _switch("Clients ask each other", not now.no_ctcp, Configure(no_ctcp=not now.no_ctcp)),
        Row("Newcomers see", seen, Configure(history="all" if fresh else "joining")),
        Row("Messages kept", str(now.keep_messages or "all"), "keep_messages"),
        Row("Days kept", str(now.keep_days or "all"), "keep_days"),
    ]


def _switch(caption: str, on: bool, change: Configure) -> Row:
    return Row(caption, "yes" if on else "no", change)
