"""The servers that the chat is compared with: how each is started, and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.compiling import compiled
from benchmarks.servers import Server

SILENCE = 3600
"""Seconds after which a server may ask a silent client for a sign of life."""

NGIRCD = """\
[Global]
Name = peer.example.net
Info = a peer
Listen = 127.0.0.1
Ports = {port}
ServerUID = nobody
ServerGID = nogroup
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
MaxNickLength = 16
PingTimeout = {silence}
[Options]
DNS = no
Ident = no
PAM = no
IncludeDir = {home}/none
"""
"""No lookups, no penalties, as many connections as there may be."""

INSPIRCD = """\
<module name="sha1">
<module name="websocket">
<wsorigin allow="*">
<server name="peer.example.net" description="a peer" network="peer">
<admin name="nobody" nick="nobody" email="nobody@localhost">
<bind address="127.0.0.1" port="{port}" type="clients"{hook}>
<connect name="all" allow="*" timeout="60" pingfreq="{silence}" recvq="1048576"
         softsendq="16777216" hardsendq="16777216" localmax="100000" globalmax="100000"
         maxconnwarn="no" limit="100000" threshold="1000000" commandrate="100000000"
         fakelag="no" resolvehostnames="no" useident="no" usednsbl="no" maxchans="10">
<performance quietbursts="yes" softlimit="100000" somaxconn="4096" netbuffersize="65536"
             timeskipwarn="0" clonesonconnect="no">
<path datadir="{home}" logdir="{home}" configdir="{home}" moddir="/usr/lib/inspircd/modules">
<files motd="{home}/motd">
<pid file="{home}/pid">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="log">
"""
"""The same in the words of InspIRCd."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A kind of server; `start` gets a directory of its own."""

    name: str
    wire: str
    start: Callable[[Path], Server]
    program: str = ""
    """What has to be installed, by a Debian package of the same name."""
    most: int = 10_000
    """How many clients it is asked to serve: more would take all evening."""
    at_once: int = 50
    """Clients that come at a time: as many as suit it best."""
    share: float = 1
    """Part of the messages that it is given: less if it is slow."""
    variant: bool = False
    """Whether it differs from the one before only in what one message at a time costs."""

    @property
    def missing(self) -> str | None:
        """A sentence that says what is missing, None if nothing is."""
        if not self.program or _path(self.program):
            return None
        return f"{self.name} is left out; to have it: apt-get install {self.program}"

    @contextmanager
    def running(self) -> Iterator[Server]:
        """The server with nothing in it, while the context lasts."""
        with TemporaryDirectory(prefix="chat-benchmark-") as home:
            server = self.start(Path(home))
            try:
                yield server
            finally:
                server.kill()


def _path(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _chat(home: Path, *options: str) -> Server:
    return servers.chat(str(home), "--limit", f"silence_seconds={SILENCE}", *options)


def _chat_in_memory(home: Path) -> Server:
    return _chat(home, "--ephemeral")


def _chat_websocket(home: Path) -> Server:
    port = servers.free_port()
    server = _chat(home, "--listen", f"irc-ws=tcp:{port}:interface=127.0.0.1")
    server.port = port
    return server


def _ngircd(home: Path) -> Server:
    home.chmod(0o755)
    port = servers.free_port()
    config = home / "ngircd.conf"
    config.write_text(NGIRCD.format(port=port, home=home, silence=SILENCE))
    return Server([str(_path("ngircd")), "-n", "-f", str(config)], port)


def _inspircd(home: Path, hook: str = "") -> Server:
    port = servers.free_port()
    config = home / "inspircd.conf"
    (home / "motd").touch()
    config.write_text(INSPIRCD.format(port=port, home=home, hook=hook, silence=SILENCE))
    as_root = [] if os.geteuid() else ["--runasroot"]
    program = str(_path("inspircd"))
    return Server([program, "--nofork", *as_root, f"--config={config}"], port)


def _inspircd_websocket(home: Path) -> Server:
    return _inspircd(home, ' hook="websocket"')


def _c_broadcaster(home: Path) -> Server:
    return Server([str(compiled("broadcaster", home))])


def _program(name: str) -> Callable[[Path], Server]:
    return lambda _: Server([sys.executable, "-m", f"benchmarks.{name}"])


PEERS = (
    Peer("chat", "irc", _chat),
    Peer("chat, ephemeral", "irc", _chat_in_memory, variant=True),
    Peer("chat, pipe", "pipe", _chat),
    Peer("chat, WebSocket", "irc-ws", _chat_websocket),
    # Its queue of new connections holds ten; more are dropped, and come again a second later.
    Peer("ngIRCd", "irc", _ngircd, "ngircd", at_once=8),
    # It looks once a second who can be let in.
    Peer("InspIRCd", "irc", _inspircd, "inspircd", at_once=500),
    Peer(
        "InspIRCd, WebSocket",
        "irc-ws",
        _inspircd_websocket,
        "inspircd",
        most=1000,
        at_once=500,
        share=0.5,
    ),
    Peer("C broadcaster", "raw", _c_broadcaster),
    Peer("thread each", "raw", _program("thread_broadcaster"), most=1000, share=0.2),
    Peer("plain Twisted", "raw", _program("plain_broadcaster"), most=1000, share=0.2),
)
"""All of them; the chat's wire is `irc` where no other one is named."""
