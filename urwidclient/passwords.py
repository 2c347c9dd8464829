"""The passwords that a person is asked for: those of rooms, and that of their nick."""

from __future__ import annotations

import re
from collections.abc import Callable

from chatservice.domain.commands import Admit, Command, Join, Login
from chatservice.domain.events import Event, Failed, LoggedIn, LoginWanted
from urwidclient.resume import new_id
from urwidclient.session import NOT_ADMITTED
from urwidclient.stage import Stage
from urwidclient.widgets.popups import form_popup, question_popup

CAPTION = "Password"
KEEP = "Keep this login on this machine, for the next time?"


# A command and what to put for its last word, at the very end.
_COMMAND = re.compile(r"(.*): /[a-z]+ [^:]*>\.", re.DOTALL)


def without_command(text: str) -> str:
    """What a server says is needed, less the command for it: it stands above a field instead."""
    found = _COMMAND.fullmatch(text)
    return f"{found[1]}." if found else text


class Passwords:
    """Asks for one at a time over the window; `do` is given the commands for rooms."""

    def __init__(self, stage: Stage, do: Callable[[Command], None]) -> None:
        self._stage = stage
        self._do = do
        self._rooms: dict[str, str] = {}
        self._login: tuple[str, str] | None = None

    def see(self, event: Event) -> None:
        """Ask for what an event says is needed."""
        match event:
            case Failed(code=code) if code in NOT_ADMITTED and not self._stage.online:
                why = without_command(event.text)
                self._ask(why, lambda word: self._stage.send(Admit(password=word)))
            case Failed(code="password-needed", room=str(room)):
                self._rooms[room] = without_command(event.text)
                self.next()
            case Failed(code="wrong-password", re=str(key)):
                if self._login is not None and self._login[0] == key:
                    self._ask_login(self._login[1], event.text)
            case LoginWanted():
                text = (
                    f"The nick {event.account} is registered. If it is yours, log in within "
                    f"{event.seconds} seconds, or you get another one."
                )
                self._ask_login(event.account, text)
            case LoggedIn() if self._stage.session.offer_to_keep():
                self._stage.popup(question_popup(KEEP, self._keep))

    def next(self) -> None:
        """Ask for the password of the next room, unless something else is open."""
        if self._rooms and self._stage.window.popup is None:
            room = next(iter(self._rooms))
            self._ask(self._rooms.pop(room), lambda word: self._do(Join(room=room, password=word)))

    def _ask_login(self, account: str, why: str) -> None:
        def log_in(password: str) -> None:
            self._login = new_id(), account
            self._stage.send(Login(id=self._login[0], nick=account, password=password))

        self._ask(why, log_in)

    def _ask(self, why: str, done: Callable[[str], None]) -> None:
        def typed(password: str) -> None:
            if password:
                self._stage.popup(None)
                done(password)
                self.next()

        self._stage.popup(form_popup(CAPTION, why, [CAPTION], typed, hidden=[CAPTION]))

    def _keep(self) -> None:
        self._stage.popup(None)
        self._stage.session.keep_login()
