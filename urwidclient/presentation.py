"""Brings the window up to date with the model: only the parts that changed."""

from __future__ import annotations

import math
from collections.abc import Callable

from chatservice.domain.events import Person
from urwidclient import render
from urwidclient.completion import Words
from urwidclient.interfaces import Surroundings
from urwidclient.model import ClientModel
from urwidclient.phases import ConnectionState
from urwidclient.render import Markup
from urwidclient.room import Changed, Room
from urwidclient.widgets.window import ROOMS_FROM, Window

NICK_COLUMNS = 16

_RANKS = {role: rank for rank, role in enumerate(("operator", "voice"))}


class Presentation:
    """What the window shows of a model; `aside` is shown where there is no room."""

    def __init__(
        self, window: Window, model: ClientModel, around: Surroundings, *, emoji: bool
    ) -> None:
        self.aside = ""
        self._window = window
        self._model = model
        self._around = around
        self._emoji = emoji

    def refresh(self, dirty: Changed, state: ConnectionState | None, columns: int) -> None:
        """Show what changed."""
        window, model = self._window, self._model
        if Changed.MESSAGES in dirty:
            window.messages.refresh()
        if Changed.ROOMS in dirty:
            window.rooms.set_rows(
                [
                    (name, _room_row(room, name == model.current))
                    for name, room in model.rooms.items()
                ]
            )
        if Changed.PEOPLE in dirty:
            people = sorted(model.room.people.values() if model.room else (), key=_rank)
            window.people.set_rows(
                [(person.nick, _person_row(person, person.nick == model.nick)) for person in people]
            )
        if dirty & (Changed.MESSAGES | Changed.PEOPLE | Changed.ROOMS):
            window.composer.words = self._words()
        nick = render.shortened(render.safe_line(model.nick or ""), NICK_COLUMNS)
        wide = columns >= render.NARROW_COLUMNS and nick
        window.composer.set_prompt(f" {nick}> " if wide else "> ")
        window.composer.max_length = max(model.text_characters, len(window.composer.edit_text))
        window.set_title(render.title(model.room, model.server))
        empty = "\n".join(filter(None, (self.aside, _sentence(state))))
        window.messages.set_placeholder(render.safe(empty))
        window.set_status(lambda columns: self._status(state, columns))

    def _status(self, state: ConnectionState | None, columns: int) -> Markup:
        model, more = self._model, self._window.messages.more
        parts = render.status(model.room, _short(state), more, self._around.now(), columns)
        if columns < ROOMS_FROM:
            others = [room for room in model.rooms.values() if room is not model.room]
            parts += render.activity(others)
        return parts

    def _words(self) -> Words:
        model, room = self._model, self._model.room
        people = room.people if room else {}
        spoke = [nick for nick in reversed(room.speakers) if nick in people] if room else []
        nicks: dict[str, None] = dict.fromkeys([*spoke, *people])
        if room is not None and room.person is not None:
            nicks[room.person] = None
        nicks.pop(model.nick or "", None)
        inside = [room.name for room in model.rooms.values() if room.person is None]
        rooms = dict.fromkeys([*inside, *(info.room for info in model.all_rooms)])
        return Words(tuple(nicks), tuple(rooms), self._around.theme_names(), self._emoji)


def _room_row(room: Room, current: bool) -> Callable[[int], Markup]:
    return lambda columns: render.room_row(room, current, columns)


def _person_row(person: Person, me: bool) -> Callable[[int], Markup]:
    return lambda columns: render.person_row(person, me, columns)


def _rank(person: Person) -> tuple[int, str]:
    """Operators come first, then voices."""
    return _RANKS.get(person.role or "", len(_RANKS)), person.nick.casefold()


def _short(state: ConnectionState | None) -> str:
    """How the connection is, in a few words; nothing when all is well."""
    if state is None or state.phase == "online":
        return ""
    if state.phase == "waiting":
        return f"reconnecting in {math.ceil(state.retry_in or 0)} s"
    return "not connected" if state.phase == "stopped" else "connecting"


def _sentence(state: ConnectionState | None) -> str:
    """The same in full, for an empty screen."""
    if state is None or state.phase == "online":
        return "Type /join and the name of a room."
    elsewhere = "/servers shows the servers on this network; Ctrl-C leaves."
    return "\n".join(filter(None, (state.detail, _short(state), "", elsewhere)))
