"""The screens before the chat: which server, which nick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

import urwid

from urwidclient.commands import address
from urwidclient.me import Wanted
from urwidclient.render import Markup, safe_line, server_row
from urwidclient.widgets.field import Field
from urwidclient.widgets.menu import Menu, Size

LOOKING = "Looking for servers on this network ..."
NONE_FOUND = "No server has been found yet. Type where one is, below, or start one: twistd -n chat"
NICK_CHARACTERS = 32
HINT = "Enter goes on. Esc goes back. Ctrl-C quits."
CAPTIONS: dict[Wanted, str] = {
    "login": "Its password, if you have registered it: ",
    "admit": "The server's password: ",
}


class Server(Protocol):
    """A server that was found."""

    @property
    def name(self) -> str:
        """As it calls itself."""
        ...

    @property
    def host(self) -> str:
        """Where it was heard from."""
        ...

    @property
    def port(self) -> int:
        """Its TCP port."""
        ...

    @property
    def people(self) -> int | None:
        """How many are there; None if it does not say."""
        ...


def where(host: str, port: int) -> str:
    """Host and port as a person types them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class ServersScreen(urwid.Frame[Any, Any, Any]):
    """The servers that were found, and a field for another; emits `pick` with host and port.

    That is `port` where none is typed. Emits `leave` at Esc.
    """

    signals: ClassVar[list[str]] = ["pick", "leave"]

    def __init__(self, port: int) -> None:
        self._port = port
        self.menu = Menu(LOOKING)
        self.field = Field("Server (host:port): ", wrap="clip")
        self._message = urwid.Text("")
        hint = urwid.Text(
            ("presence", "Up/Down and Enter choose. Or type an address. Ctrl-C quits.")
        )
        footer = urwid.Pile([urwid.Divider(), self.field, self._message, hint])
        header = urwid.Pile(
            [urwid.AttrMap(urwid.Text(" chatservice: choose a server"), "title"), urwid.Divider()]
        )
        super().__init__(self.menu, header=header, footer=footer, focus_part="footer")
        urwid.connect_signal(self.menu, "pick", lambda _, place: self._emit("pick", *place))

    def show(self, servers: Sequence[Server]) -> None:
        """Show what was found so far."""
        self.menu.set_rows([((server.host, server.port), _row(server)) for server in servers])

    def nothing_found(self) -> None:
        """It has taken long enough that there may be no server."""
        self.menu.empty = NONE_FOUND
        self.menu.set_rows([])

    def say(self, text: str) -> None:
        """Say what is wrong, in place."""
        self._message.set_text(("error", safe_line(text)))

    def keypress(self, size: Size, key: str) -> str | None:  # type: ignore[override]
        if key == "esc":
            self._emit("leave")
        elif key in ("up", "down", "page up", "page down"):
            self.menu.keypress(size, key)
        elif key != "enter":
            self.say("")
            return super().keypress(size, key)
        elif not self.field.edit_text.strip():
            self.menu.keypress(size, key)
        elif (place := address(self.field.edit_text, self._port)) is None:
            self.say("This is no address; the right form is host or host:port.")
        else:
            self._emit("pick", *place)
        return None

    def mouse_event(  # type: ignore[override]
        self, size: Size, event: str, button: int, col: int, row: int, focus: bool
    ) -> bool | None:
        handled = super().mouse_event(size, event, button, col, row, focus)
        self.focus_position = "footer"  # what is typed next goes into the field
        return handled

    def render(self, size: Size, focus: bool = False) -> urwid.CompositeCanvas:  # type: ignore[override]
        # The bar is always to be seen: Up and Down work from the field.
        self.menu.always_bar = not self.field.edit_text
        return super().render(size, focus)


class NickScreen(urwid.Frame[Any, Any, Any]):
    """Asks for a nick; emits `nick` with it, and `back` at Esc.

    Once it asks for a password too, it emits `login` or `admit` with both if there is one.
    """

    signals: ClassVar[list[str]] = ["nick", "login", "admit", "back"]

    def __init__(self, server: str, nick: str) -> None:
        self.field = Field("Your nick: ", nick, wrap="clip", max_length=NICK_CHARACTERS)
        self.password = Field("", wrap="clip", mask="*")
        self._wanted: Wanted = "login"
        self._message = urwid.Text("")
        self._hint = urwid.Text(("presence", HINT))
        self._pile = urwid.Pile([self.field, self._message, urwid.Divider(), self._hint])
        body = urwid.Filler(self._pile, valign="top", top=1)
        title = urwid.AttrMap(urwid.Text(f" {safe_line(server)}: who are you?"), "title")
        super().__init__(body, header=title)

    def ask_password(self, wanted: Wanted) -> None:
        """Ask for the password with which the owner of the nick, or anybody, is let in."""
        if wanted != self._wanted:
            self.password.set_edit_text("")
        self._wanted = wanted
        self.password.set_caption(CAPTIONS[wanted])
        if len(self._pile.contents) == 4:
            self._pile.contents.insert(2, (self.password, self._pile.options("pack")))
        self._pile.focus_position = 2
        self._hint.set_text(("presence", f"Up goes to the nick. {HINT}"))

    def say(self, text: str, *, wrong: bool = True) -> None:
        """Say what is wrong, or what goes on, in place."""
        self._message.set_text(("error" if wrong else "notice", safe_line(text)))

    def keypress(self, size: Size, key: str) -> str | None:  # type: ignore[override]
        if key == "esc":
            self._emit("back")
        elif key in ("tab", "shift tab", "up", "down") and len(self._pile.contents) > 4:
            self._pile.focus_position = 2 - self._pile.focus_position
        elif key != "enter":
            self.say("")
            return super().keypress(size, key)
        elif nick := self.field.edit_text.strip():
            password = self.password.edit_text
            self.password.set_edit_text("")  # to a wrong one, unseen, nothing is to be added
            self._emit(*(self._wanted, nick, password) if password else ("nick", nick))
        else:
            self.say("A nick needs at least one letter.")
        return None


def _row(server: Server) -> Callable[[int], Markup]:
    place = where(server.host, server.port)
    return lambda columns: server_row(server.name, place, server.people, columns)
