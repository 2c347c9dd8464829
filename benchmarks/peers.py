"""The servers that the chat is compared with: how each is started, and how to get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import servers
from benchmarks.crowd import IRC, PIPE, RAW, Tongue
from benchmarks.servers import Server

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
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
IncludeDir = {home}
"""
"""No lookups, no penalties, as many connections as there may be."""

INSPIRCD = """\
<server name="peer.example.net" description="a peer" network="peer">
<admin name="nobody" nick="nobody" email="nobody@localhost">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="all" allow="*" timeout="60" pingfreq="3600" recvq="1048576"
         softsendq="16777216" hardsendq="16777216" localmax="100000" globalmax="100000"
         maxconnwarn="no" limit="100000" threshold="1000000" commandrate="100000000"
         fakelag="no" resolvehostnames="no" useident="no" usednsbl="no" maxchans="10">
<performance quietbursts="yes" softlimit="100000" somaxconn="4096" netbuffersize="65536"
             timeskipwarn="0" clonesonconnect="no">
<path datadir="{home}" logdir="{home}" configdir="{home}" moddir="{modules}">
<files motd="{home}/motd">
<pid file="{home}/pid">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="log">
"""
"""The same in the words of InspIRCd."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A kind of server; `start` gets a directory of its own."""

    name: str
    tongue: Tongue
    start: Callable[[Path], Server]
    needs: str = ""
    """The program that has to be there."""
    install: str = ""
    """How to get that program."""

    @property
    def missing(self) -> str | None:
        """A sentence that says what is missing, None if nothing is."""
        if not self.needs or _found(self.needs):
            return None
        return f"{self.name} is left out: there is no {self.needs} ({self.install})."

    @contextmanager
    def running(self) -> Iterator[Server]:
        """The server with nothing in it, while the context lasts."""
        with TemporaryDirectory(prefix="chat-benchmark-") as home:
            server = self.start(Path(home))
            try:
                yield server
            finally:
                server.kill()


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


_NEVER_ASK = ("--limit", "silence_seconds=1000000")
"""The crowd counts lines, and answers no PING; the other servers are told the same."""


def _chat(*options: str) -> Callable[[Path], Server]:
    return lambda home: servers.chat(str(home), *_NEVER_ASK, *options)


def _ngircd(home: Path) -> Server:
    home.chmod(0o755)
    port = servers.free_port()
    config = home / "ngircd.conf"
    config.write_text(NGIRCD.format(port=port, home=home / "none"))
    return Server([str(_found("ngircd")), "-n", "-f", str(config)], port)


def _inspircd(home: Path) -> Server:
    port = servers.free_port()
    modules = "/usr/lib/inspircd/modules"
    config = home / "inspircd.conf"
    (home / "motd").touch()
    config.write_text(INSPIRCD.format(port=port, home=home, modules=modules))
    as_root = [] if os.geteuid() else ["--runasroot"]
    return Server([str(_found("inspircd")), "--nofork", *as_root, f"--config={config}"], port)


def _compiled(home: Path) -> Server:
    program = home / "broadcaster"
    source = Path(__file__).with_name("broadcaster.c")
    subprocess.run(["cc", "-O2", "-o", str(program), str(source)], check=True)
    return Server([str(program), "0"])


def _twisted(home: Path) -> Server:
    del home
    return Server([sys.executable, "-m", "benchmarks.plain_broadcaster", "0"])


PEERS = (
    Peer("chat irc", IRC, _chat()),
    Peer("chat pipe", PIPE, _chat()),
    Peer("chat irc, ephemeral", IRC, _chat("--ephemeral")),
    Peer("ngIRCd", IRC, _ngircd, "ngircd", "apt-get install ngircd"),
    Peer("InspIRCd", IRC, _inspircd, "inspircd", "apt-get install inspircd"),
    Peer("C broadcaster", RAW, _compiled, "cc", "apt-get install gcc"),
    Peer("plain Twisted", RAW, _twisted),
)
