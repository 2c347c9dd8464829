"""The full-screen client: screen, reactor, start screens and one chat, put together."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, ParamSpec, Protocol

import urwid
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from chatservice.domain.errors import ChatError
from urwidclient import themes
from urwidclient.chat import Chat
from urwidclient.interfaces import Session
from urwidclient.keys import action_of
from urwidclient.me import Wanted
from urwidclient.notify import notification
from urwidclient.parting import last_words
from urwidclient.phases import ConnectionState
from urwidclient.redraw import Redraw
from urwidclient.settings import ClientOptions, last_nick, remember
from urwidclient.terminal import GuardedEventLoop, Key, Loop, Screen, closed, typed
from urwidclient.widgets.entrance import NickScreen, Server, ServersScreen, where

LOOK_SECONDS = 3.0
FAREWELL_SECONDS = 0.2

_log = Logger()
_P = ParamSpec("_P")
Connect = Callable[[str, int, str, tuple[str, ...]], Session]


class Discovery(Protocol):
    """Finds servers."""

    on_change: Callable[[], None]

    @property
    def servers(self) -> Sequence[Server]: ...
    def start(self) -> object: ...
    def stop(self) -> object: ...


class App:
    """Runs the client on a reactor until the person leaves it."""

    def __init__(
        self,
        options: ClientOptions,
        *,
        reactor: Any,
        connect: Connect,
        discovery: Discovery,
        screen: Any = None,
    ) -> None:
        self._options = options
        self._reactor = reactor
        self._connect = connect
        self._discovery = discovery
        self._screen = screen or Screen(bracketed_paste_mode=True, focus_reporting=True)
        self._nick = options.nick or last_nick(options.state_dir) or ""
        self._skip_nick = options.nick is not None
        self._place = ("", 0)
        self._chat: Chat | None = None
        self._session: Session | None = None
        self._servers = ServersScreen(options.port)
        self._nick_screen: NickScreen | None = None
        self._focused = True
        self._paste: list[str] | None = None
        self._leaving = False
        self._reason = ""
        self._failure = ""
        self._unsent: list[tuple[str, str]] = []
        self._redraw = Redraw(reactor, self.guard(self._draw))
        self._loop = Loop(
            self._servers,
            screen=self._screen,
            input_filter=self._filter,
            unhandled_input=self._unhandled,
            event_loop=GuardedEventLoop(reactor, self.guard),
        )
        urwid.connect_signal(self._servers, "pick", lambda _, *place: self._pick(*place))
        urwid.connect_signal(self._servers, "leave", lambda _: self._back_to_chat())

    def run(self) -> int:
        """Run until left; the exit code. The terminal is as before afterwards, come what may."""
        # The terminal went away: leave as after any other signal, not on the spot.
        signal.signal(signal.SIGHUP, lambda *_: self._reactor.callFromThread(self.quit))
        try:
            self.start()
            self._reactor.run()
        except ChatError as error:
            self._failure = error.sentence
        except Exception as error:
            self._crash(error)
        finally:
            with suppress(OSError):
                self.finish()
        return self.end()

    def end(self) -> int:
        """Say on the shell what is left to say; the exit code."""
        said = last_words(self._failure, self._unsent)
        with suppress(OSError):
            sys.stderr.write("".join(f"{line}\n" for line in said))
        return 1 if said else 0

    def start(self) -> None:
        """Take the terminal, and show the first screen. Raises `ChatError` for a bad theme."""
        theme = "mono" if os.environ.get("NO_COLOR") else self._options.theme
        self._screen.register_palette(themes.palette(theme, self._options.themes))
        self._reactor.addSystemEventTrigger("before", "shutdown", self._farewell)
        self._loop.start()
        self._discovery.on_change = self.guard(self._found)
        if self._options.host is not None:
            self._pick(self._options.host, self._options.port)
        else:
            self.show_servers()
        self._tick()

    def finish(self) -> None:
        """Give the terminal back."""
        self._redraw.cancel()
        if self._screen.started:
            self._loop.stop()

    def guard(self, function: Callable[_P, object]) -> Callable[_P, None]:
        """The function, but what it raises ends the client in an orderly way.

        A terminal that was closed is no failure.
        """

        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except Exception as error:
                self._crash(error)

        return guarded

    # What a chat needs of us

    def redraw(self) -> None:
        """Something changed that should be seen."""
        self._redraw.request()

    def now(self) -> int:
        """The time, UTC in ms."""
        return int(time.time() * 1000)

    def quit(self, reason: str = "") -> None:
        """Leave the program for a `reason`; what was said last gets a moment to be confirmed."""
        if not self._leaving:
            self._leaving = True
            self._reason = reason
            chat = self._chat
            waits = chat is not None and chat.stage.online and bool(chat.model.unsent)
            self._reactor.callLater(FAREWELL_SECONDS if waits else 0, self._reactor.stop)

    def ring(self, text: str) -> None:
        """Tell somebody who does not look at the screen."""
        if self._options.notify:
            self._screen.write(notification(text, os.environ))
            self._screen.flush()

    def clear_screen(self) -> None:
        """Draw everything anew."""
        self._screen.clear()
        self.redraw()

    def connect_to(self, host: str, port: int) -> None:
        """Hang up and go to another server."""
        self._skip_nick = bool(self._nick)
        self._pick(host, port)

    def show_servers(self) -> None:
        """Let the person choose a server."""
        self._discovery.start()
        self._found()
        self._reactor.callLater(LOOK_SECONDS, self.guard(self._looked))
        self._show(self._servers)

    def set_theme(self, name: str) -> None:
        """Use other colours. Raises `ChatError`."""
        self._screen.register_palette(themes.palette(name, self._options.themes))
        self.clear_screen()

    def theme_names(self) -> tuple[str, ...]:
        """The themes there are."""
        return themes.names(self._options.themes)

    def nick_refused(self, sentence: str, wanted: Wanted | None) -> None:
        """The server does not take the nick; a password may be `wanted`."""
        screen = self._ask_nick()
        screen.say(sentence)
        if wanted is not None:
            screen.ask_password(wanted)
        self.redraw()

    def nick_taken(self, nick: str, *, chosen: bool) -> None:
        """One has this nick, which the person has `chosen` or not: the chat can begin."""
        if chosen:
            self._nick = nick
            remember(self._options, nick)
        if self._chat is not None and self._loop.widget is self._nick_screen:
            self._show(self._chat.window)

    # The way in

    def _pick(self, host: str, port: int) -> None:
        self._hang_up()
        self._chat = None
        self._place = (host, port)
        if self._skip_nick:
            self._begin(self._nick)
            self._show_chat()
        else:
            self._ask_nick()

    def _ask_nick(self) -> NickScreen:
        if self._nick_screen is None or self._loop.widget is not self._nick_screen:
            self._nick_screen = NickScreen(where(*self._place), self._nick)
            urwid.connect_signal(self._nick_screen, "nick", lambda _, nick: self._begin(nick))
            urwid.connect_signal(self._nick_screen, "login", lambda _, *of: self._log_in(*of))
            urwid.connect_signal(self._nick_screen, "admit", lambda _, *of: self._admit(*of))
            urwid.connect_signal(self._nick_screen, "back", lambda _: self._back_to_servers())
            self._show(self._nick_screen)
        return self._nick_screen

    def _begin(self, nick: str) -> None:
        """Connect under this nick; or if it is only the nick that was wrong, ask for this one."""
        self._nick = nick
        if self._chat is not None and self._session is not None:
            self._chat.set_nick(nick)
            return
        self._discovery.stop()
        session = self._connect(*self._place, nick, self._options.rooms)
        chat = Chat(session, self, emoji=self._options.emoji)
        session.on_event = self.guard(chat.on_event)
        session.on_state = self.guard(self._state)
        self._session, self._chat = session, chat
        chat.looked_at = self._focused
        session.start()

    def _log_in(self, nick: str, password: str) -> None:
        """Have the nick that is one's own, on the connection that refused it."""
        self._nick = nick
        if self._chat is not None:
            self._chat.log_in(nick, password)

    def _admit(self, nick: str, password: str) -> None:
        """Come into a server that has a password."""
        self._nick = nick
        if self._chat is not None:
            self._chat.admit(nick, password)

    def _state(self, state: ConnectionState) -> None:
        if self._chat is None:
            return
        self._chat.on_state(state)
        if self._nick_screen is not None and self._loop.widget is self._nick_screen:
            if state.phase in ("waiting", "stopped"):
                self._nick_screen.say(state.detail)
            elif state.phase == "connecting":
                self._nick_screen.say("Connecting ...", wrong=False)
            self.redraw()

    def _back_to_servers(self) -> None:
        self._hang_up()
        self._chat = None
        self.show_servers()

    def _back_to_chat(self) -> None:
        if self._chat is not None:
            self._discovery.stop()
            self._show_chat()

    def _show_chat(self) -> None:
        if self._chat is not None and self._loop.widget is not self._nick_screen:
            self._show(self._chat.window)

    def _show(self, widget: urwid.Widget) -> None:
        if self._chat is not None and widget is not self._chat.window:
            self._chat.hidden()
        self._loop.widget = widget
        self.redraw()

    def _found(self) -> None:
        self._servers.show(self._discovery.servers)
        self.redraw()

    def _looked(self) -> None:
        if not self._discovery.servers:
            self._servers.nothing_found()
            self.redraw()

    # Screen and keys

    def _draw(self) -> None:
        size = self._screen.get_cols_rows()
        if self._leaving or not self._screen.started or 0 in size:
            return
        self._loop.screen_size = size
        chat = self._chat if self._chat and self._loop.widget is self._chat.window else None
        if chat is not None:
            chat.looked_at = self._focused
            chat.refresh(size[0])
        self._loop.draw_screen()
        if chat is not None:
            chat.drawn()

    def _filter(self, keys: list[Key], _raw: list[int]) -> list[Key]:
        """Take pastes and the window's focus out of what was typed."""
        self._redraw.request(key=True)
        if 0 in self._screen.get_cols_rows():
            return []
        rest: list[Key] = []
        for key in keys:
            if key == "begin paste":
                self._paste = []
            elif key == "end paste":
                self._loop.process_input(rest)
                rest = []
                self._pasted("".join(self._paste or []))
                self._paste = None
            elif self._paste is not None:
                self._paste.append(typed(key))
            elif isinstance(key, str) and action_of(key, "everywhere") == "suspend":
                self._screen.suspend()
            elif key in ("focus in", "focus out"):
                self._focused = key == "focus in"
                if self._chat is not None:
                    self._chat.looked_at = self._focused
            else:
                rest.append(key)
        return rest

    def _pasted(self, text: str) -> None:
        chat = self._chat
        if chat is not None and self._loop.widget is chat.window and chat.window.popup is None:
            chat.paste(text)
        else:
            self._loop.process_input(list(text.strip().split("\n")[0]))

    def _unhandled(self, key: Key) -> bool:
        if isinstance(key, str) and action_of(key, "everywhere") == "quit":
            self.quit()
        return True

    def _tick(self) -> None:
        """Clock, countdown and typing go on by themselves."""
        self.redraw()
        self._reactor.callLater(1.0, self.guard(self._tick))

    def _farewell(self) -> Deferred[None]:
        """Hang up, and let that be told before the connection is cut."""
        self._hang_up()
        return deferLater(self._reactor, FAREWELL_SECONDS)

    def _hang_up(self) -> None:
        if self._session is not None:
            if self._chat is not None:
                self._unsent += self._chat.model.unsent
            self._session.stop(self._reason)
            self._session = None
        self._discovery.stop()

    def _crash(self, error: Exception) -> None:
        if closed(error):
            self._screen.unhook_event_loop(self._loop.event_loop)
            self.quit()
            return
        _log.failure("The client failed.")
        if not self._failure:
            self._failure = f"it failed ({type(error).__name__}: {error}); the log file tells more."
        self.quit()
