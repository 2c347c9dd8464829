"""What the terminal client is told: the command line, and under it a file of settings."""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from chatservice import __version__
from urwidclient.commands import address

NICK_CHARACTERS = 32
"""What is read of a remembered nick."""

_PASSWORDS = ("password", "server_password")
"""In files of their own; those that the settings name are for the server that they name."""

Themes = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """Everything a person can set; without `host` servers are looked for."""

    host: str | None
    port: int
    nick: str | None
    rooms: tuple[str, ...]
    theme: str
    notify: bool
    plain: bool
    emoji: bool
    state_dir: Path
    themes: Themes
    password: str | None = field(default=None, repr=False)
    server_password: str | None = field(default=None, repr=False)
    forget: bool = False


def parse(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> ClientOptions:
    """The options of a command line. A wrong one, or a wrong file, exits with code 2."""
    parser = _parser(environ)
    given = vars(parser.parse_args(argv))
    config: Path | None = given.pop("config")
    try:
        path = config or _config_file(environ)
        settings = {**_defaults(environ), **_read(path, needed=config is not None)}
        server = given.pop("server")
        if server is not None and given["host"] is not None:
            raise ValueError(f"Name one server: {server} or --host {given['host']}.")
        if (server := server or given["host"]) is not None:
            given["host"], port = _host_and_port(server)
            if port is not None and given["port"] is not None:
                raise ValueError(f"Name one port: {port} or --port {given['port']}.")
            given["port"] = port or given["port"]
        if given["rooms"] is not None:
            given["rooms"] = tuple(given["rooms"])
        found = {**settings, **{key: value for key, value in given.items() if value is not None}}
        elsewhere = settings["host"] is not None and _place(settings) != _place(found)
        for key in _PASSWORDS:
            file = found.pop(f"{key}_file", None)
            if file is not None and (given[f"{key}_file"] or not elsewhere):
                found[key] = _password(file, found)
    except ValueError as error:
        parser.exit(2, f"chatclient: {error}\n")
    return ClientOptions(**found)


def make_state_dir(path: Path) -> None:
    """Make the directory for what is kept, for its owner alone. Raises `OSError`."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_private(path: Path, text: str) -> None:
    """Put this into a file for its owner alone, whole or not at all. Raises `OSError`."""
    make_state_dir(path.parent)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError:
        fresh.unlink()
        raise


def remember(options: ClientOptions, nick: str) -> None:
    """Keep the nick for the next start, for its owner alone; nothing happens if that can't be."""
    with suppress(OSError):
        write_private(options.state_dir / "nick", nick + "\n")


def last_nick(state_dir: Path) -> str | None:
    """The nick that was kept, if any."""
    try:
        text = (state_dir / "nick").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    nick = text.partition("\n")[0].strip()
    return nick[:NICK_CHARACTERS] if nick and nick.isprintable() else None


def _defaults(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        "host": None,
        "port": 8080,
        "nick": None,
        "rooms": ("lobby",),
        "theme": "dark",
        "notify": True,
        "plain": False,
        "emoji": True,
        "state_dir": _directory(environ, "XDG_STATE_HOME", ".local/state"),
        "themes": {},
    }


def _config_file(environ: Mapping[str, str]) -> Path:
    return _directory(environ, "XDG_CONFIG_HOME", ".config") / "client.toml"


def _directory(environ: Mapping[str, str], variable: str, default: str) -> Path:
    """Where the XDG base directories have ours; a relative one counts as none."""
    base = Path(environ.get(variable, ""))
    home = Path(environ.get("HOME") or Path.home())
    return (base if base.is_absolute() else home / default) / "chatservice"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, code 2."""
        self.exit(2, f"chatclient: {message.rstrip('.')}; chatclient --help names all options\n")


def _parser(environ: Mapping[str, str]) -> argparse.ArgumentParser:
    defaults = _defaults(environ)
    parser = _Parser(
        prog="chatclient",
        description="Chat with the people on this network.",
        epilog=(
            "When the input is not a terminal, each of its lines is posted: "
            "echo done | chatclient --host chat.example --room ops --nick ci"
        ),
        allow_abbrev=False,
    )
    parser.add_argument(
        "server", nargs="?", metavar="HOST[:PORT]", help="the server; otherwise one is looked for"
    )
    parser.add_argument("--host", metavar="HOST[:PORT]", help="the same, as an option")
    parser.add_argument(
        "--port", help=f"the port of the server ({defaults['port']})", type=_checked(_port)
    )
    parser.add_argument(
        "--nick", help="your nick; on a screen it is asked for", type=_checked(_name)
    )
    parser.add_argument(
        "--room",
        action="append",
        dest="rooms",
        metavar="ROOM",
        help="a room to enter, may be given several times (lobby)",
        type=_checked(_room),
    )
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        help="a file with the password of your nick at the server that you name",
        type=_checked(_file),
    )
    parser.add_argument(
        "--server-password-file",
        metavar="FILE",
        help="a file with the password of that server itself, if it has one",
        type=_checked(_file),
    )
    parser.add_argument(
        "--forget",
        action="store_true",
        default=None,
        help="forget all logins that are kept on this machine, and leave",
    )
    parser.add_argument("--theme", help=f"the colours: dark, light, mono ({defaults['theme']})")
    parser.add_argument(
        "--no-notify",
        action="store_false",
        dest="notify",
        default=None,
        help="no bell and no desktop notification",
    )
    parser.add_argument(
        "--no-emoji",
        action="store_false",
        dest="emoji",
        default=None,
        help="leave :shortcodes: as they are typed",
    )
    parser.add_argument(
        "--plain",
        action="store_true",
        default=None,
        help="lines in and out instead of a full screen; for screen readers and programs",
    )
    parser.add_argument(
        "--state",
        type=Path,
        dest="state_dir",
        metavar="DIR",
        help=f"where the log, the last nick and logins are kept ({_shown(defaults['state_dir'])})",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"a file of settings ({_shown(_config_file(environ))})",
    )
    parser.add_argument("--version", action="version", version=f"chatclient {__version__}")
    return parser


def _shown(path: Path) -> str:
    """A path in a help text, where a % begins a format."""
    return str(path).replace("%", "%%")


def _checked(check: Callable[[Any], Any]) -> Callable[[str], Any]:
    """The check of a setting as the type of an argument."""

    def convert(text: str) -> Any:
        try:
            return check(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _read(path: Path, *, needed: bool) -> dict[str, Any]:
    """The settings in a TOML file. Raises `ValueError` with a sentence for a person."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if needed:
            raise ValueError(f"There is no file {path}.") from None
        return {}
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror}.") from None
    except ValueError as error:
        raise ValueError(f"{path} is not TOML: {error}.") from None
    return {key: _setting(path, key, value) for key, value in table.items()}


def _setting(path: Path, key: str, value: Any) -> Any:
    check = _SETTINGS.get(key)
    if check is None:
        raise ValueError(f"{path}: there is no setting {key!r}; there are {', '.join(_SETTINGS)}.")
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(f"{path}: {key}: {error}") from None


def _password(path: Path, found: Mapping[str, Any]) -> str:
    """The first line of a file, which is for a server that is named. Raises `ValueError`."""
    if found.get("host") is None:
        raise ValueError("Name the server that the password is for: it goes to no other.")
    try:
        password = path.read_text(encoding="utf-8").partition("\n")[0].removesuffix("\r")
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text.") from None
    if not password:
        raise ValueError(f"{path} has no password in its first line.")
    return password


def _place(found: Mapping[str, Any]) -> tuple[str, int]:
    return found["host"], found["port"]


def _host_and_port(text: str) -> tuple[str, int | None]:
    place = address(text, default_port=0)
    if place is None:
        form = "HOST, HOST:PORT or [ADDRESS]:PORT (1 to 65535)"
        _wrong(text, f"the name or address of a server as {form}")
    return place[0], place[1] or None


def _wrong(value: Any, right: str) -> NoReturn:
    raise ValueError(f"{value!r} should be {right}.")


def _host(value: Any) -> str:
    place = address(value, default_port=0) if isinstance(value, str) else None
    if place is None or place[1]:
        _wrong(value, "the name or address of a server; its port is a setting of its own")
    return place[0]


def _port(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 6:
        value = int(value)
    if type(value) is not int or not 0 < value < 65536:
        _wrong(value, "a number from 1 to 65535")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        _wrong(value, "a name")
    return value.strip()


def _room(value: Any) -> str:
    return _name(_name(value).removeprefix("#"))


def _file(value: Any) -> Path:
    try:
        return Path(_name(value)).expanduser()
    except RuntimeError:
        _wrong(value, "a file; there is no such user")


def _rooms(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        _wrong(value, "a list of rooms")
    return tuple(_room(room) for room in value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        _wrong(value, "true or false")
    return value


def _themes(value: Any) -> Themes:
    if not isinstance(value, dict):
        _wrong(value, "tables [themes.NAME]")
    return {name: _theme(theme) for name, theme in value.items()}


def _theme(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        _wrong(value, 'a table of colours, as in: nick = ["yellow", "default"]')
    return {part: _colours(colours) for part, colours in value.items()}


def _colours(value: Any) -> tuple[str, ...]:
    colours = [value] if isinstance(value, str) else value
    if not isinstance(colours, list) or not all(isinstance(each, str) for each in colours):
        _wrong(value, 'a list of colours, as in: ["yellow", "default"]')
    return tuple(colours)


_SETTINGS: dict[str, Callable[[Any], Any]] = {
    "host": _host,
    "port": _port,
    "nick": _name,
    "rooms": _rooms,
    "password_file": _file,
    "server_password_file": _file,
    "theme": _name,
    "notify": _truth,
    "emoji": _truth,
    "plain": _truth,
    "themes": _themes,
}
