"""The rows of the slash commands about one's account, and about passwords."""

from __future__ import annotations

from chatservice.domain.commands import (
    Admit,
    ChangePassword,
    Login,
    Logout,
    Oper,
    Register,
    SetAlwaysOn,
    Unoper,
)
from chatservice.wire.slash_forms import Parsed, Slash, nothing, one, rest, two_words, word


def _login(argument: str) -> Parsed | None:
    nick, password = two_words(argument) or (None, word(argument))
    return Login(nick=nick, password=password) if password else None


def _change_password(argument: str) -> Parsed | None:
    words = two_words(argument)
    return ChangePassword(old=words[0], new=words[1]) if words else None


def _always_on(argument: str) -> Parsed | None:
    wanted = {"on": True, "off": False, "": None}
    known = argument.lower() in wanted
    return SetAlwaysOn(active=wanted[argument.lower()]) if known else None


def _oper(argument: str) -> Parsed | None:
    words = two_words(argument)
    return Oper(name=words[0], password=words[1]) if words else None


ACCOUNT_TABLE: tuple[Slash, ...] = (
    Slash(
        "register",
        "<password>",
        "keep your nick for yourself, with this password",
        one(lambda password: Register(password=password)),
    ),
    Slash("login", "[nick] <password>", "have the nick that you have registered", _login),
    Slash("logout", "", "be a guest again; your nick waits for you", nothing(Logout)),
    Slash("passwd", "<old> <new>", "change the password of your nick", _change_password),
    Slash(
        "alwayson",
        "[on|off]",
        "stay in your rooms even when you are not connected, or not; or show which",
        _always_on,
    ),
)

SERVER_TABLE: tuple[Slash, ...] = (
    Slash(
        "pass",
        "<password>",
        "come into a server that has a password",
        rest(lambda password: Admit(password=password)),
    ),
    Slash("oper", "<name> <password>", "become an operator of the server", _oper),
    Slash("unoper", "", "be no operator of the server any more", nothing(Unoper)),
)
