"""The composition root: what `twistd chat` runs, made of its parts."""

from __future__ import annotations

import gc
import resource
import secrets
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.logger import ILogObserver, Logger

from chatservice import __version__
from chatservice.app import Chat
from chatservice.domain.hub import Hub
from chatservice.domain.limits import Limits
from chatservice.net import uring
from chatservice.net.admission import Admission
from chatservice.net.discovery import DiscoveryService
from chatservice.net.fanout import FanOut
from chatservice.net.house import House
from chatservice.net.interfaces import broadcast_addresses, reached_by
from chatservice.net.listening import BACKLOG, CannotListen, Listening
from chatservice.net.moments import Moments
from chatservice.net.notices import Notices
from chatservice.net.ntp import NetworkTime, measuring, since_boot
from chatservice.net.passwords import THREADS, PasswordHashes, PatientPool
from chatservice.net.port import SPARE_FILES
from chatservice.net.ports import ChatFactory
from chatservice.net.pulse import Rounds
from chatservice.net.refusals import RefusalLog
from chatservice.net.transport import DirectReactor
from chatservice.net.turns import bound
from chatservice.operating import logs
from chatservice.operating.control import ControlFactory
from chatservice.operating.readings import Lateness, Sources
from chatservice.operating.upkeep import Backups, Drain, stats
from chatservice.options import SHARED, Options
from chatservice.retention import Retention
from chatservice.state import BACKUP, CONTROL, STORE
from chatservice.storage.interface import Store, StoreError
from chatservice.storage.memory import MemoryStore
from chatservice.storage.sqlite import SqliteStore
from chatservice.storage.worker import StoreWorker
from chatservice.wire.beacon import Beacon
from chatservice.wire.codec import ServerInfo
from chatservice.wire.registry import Registry

__all__ = ["ChatService", "Options", "makeService"]

STORE_SECONDS = 0.5
"""What the store gets to close, at least, once the last connection is cut."""

_log = Logger()


class CannotStart(SystemExit, Exception):
    """Ends the program with a sentence; to twistd it is a failed start, which a daemon reports.

    A bare `SystemExit` passes twistd by, and who started the daemon would wait for ever.
    """


def makeService(options: Options) -> IService:
    """The service that these options describe."""
    from twisted.internet import reactor

    # Twisted's timers follow the wall clock, which may be set back; ours must not stand still then.
    vars(reactor)["seconds"] = time.monotonic
    bound(reactor, time.thread_time)
    return ChatService(options, reactor)


class ChatService(MultiService):
    """Everything that runs while the server does."""

    def __init__(self, options: Options, reactor: Any) -> None:
        super().__init__()
        self._options = options
        self._limits: Limits = options["limits"]
        self._reactor = reactor
        pause_bytes = self._limits.slow_pause_bytes
        self._direct = DirectReactor(reactor, BACKLOG, pause_bytes)
        self._worker = StoreWorker(_store(options), reactor.callFromThread, _log_traceback)
        pool = PatientPool(minthreads=0, maxthreads=THREADS, name="passwords")
        self._hashes = PasswordHashes(pool, reactor.callFromThread)
        self._ports = Listening(self._direct)
        # What the operator's own connections carry is not the chat's traffic.
        self._own_ports = Listening(DirectReactor(reactor, BACKLOG, pause_bytes))
        self._lateness = Lateness(reactor)
        self._opened = False
        server = options["ntp"]
        self._time = (
            NetworkTime(reactor, server, measuring(reactor, server), _wall) if server else None
        )
        self._discovery: DiscoveryService | None = None
        self._stopping: Deferred[None] | None = None

    def setServiceParent(self, parent: Any) -> None:
        """Become a part of what twistd runs, whose log is made here if it is to be JSON."""
        if self._options["log-format"] == "json":
            parent.setComponent(ILogObserver, logs.observer(self._options.parent))
        super().setServiceParent(parent)

    def privilegedStartService(self) -> None:
        """Open the store, listen, announce; what can't be done ends the program with a sentence."""
        self._opened = True
        try:
            self._open()
        except (StoreError, CannotListen, OSError) as error:
            raise CannotStart(f"twistd chat: {error}") from None
        super().privilegedStartService()

    def _open(self) -> None:
        options, limits, reactor = self._options, self._limits, self._reactor
        opened = self._worker.start()
        if opened.damage is not None:
            _log.error("{damage}", event="damage", damage=opened.damage)
        hub = Hub(
            name=options["name"],
            server_id=opened.server_id,
            limits=limits,
            draw=secrets.randbelow,
            rooms=opened.rooms,
            accounts=opened.accounts,
            marks=opened.marks,
            stays=opened.stays,
            facts=opened.facts,
            rules=replace(options["rules"], secret=opened.secret),
            offset=self._offset,
        )
        self._hashes.start()
        self._fanout = FanOut(uring.best(), reactor)
        self.chat = Chat(
            hub=hub,
            worker=self._worker,
            hasher=self._hashes,
            outlets=Notices(self._fanout, reactor, limits),
            clock=reactor,
            wall=self._corrected_time,
        )
        self._retention = Retention(
            hub, self._worker, reactor, self._corrected_time, since_boot, _log_retention
        )
        self._house = House(
            chat=self.chat,
            fanout=self._fanout,
            clock=reactor,
            limits=limits,
            refusals=RefusalLog(reactor),
            rounds=Rounds(reactor, limits),
            moments=Moments(reactor),
        )
        self._registry = Registry(
            _local_time, self._server_info(), self._corrected_time, hub.person_of
        )
        most = _raise_file_limit() - SPARE_FILES
        self._admission = Admission(limits, reactor, min(limits.connections or most, most))
        self._listen()
        self._operate(hub)
        if not options["no-announce"]:
            self._announce(hub, opened.server_id)
        if self._time is not None:
            self._time.setServiceParent(self)
        _log.info("Chat is open on TCP port {port}", event="open", port=self._port)

    def startService(self) -> None:
        """Go on once the reactor runs."""
        if not self._opened:  # `twist chat`, unlike `twistd chat`, starts services in one step
            self.privilegedStartService()
        super().startService()
        self._retention.start()
        self._lateness.start()
        self._reactor.callWhenRunning(self._settle_down)

    def stopService(self) -> Deferred[None]:
        """Tell everybody, commit what was accepted, close; done within a bounded time."""
        stopped: Deferred[None] = Deferred()
        self._stopping = stopped
        self._hashes.stop()
        self._retention.stop()
        self._lateness.stop()
        super().stopService()
        self._ports.close()
        self._own_ports.close()
        deadline = self._limits.shutdown_seconds + STORE_SECONDS
        timer = self._reactor.callLater(deadline, self._stopped)
        stopped.addBoth(lambda _: timer.active() and timer.cancel())
        self.chat.stop(self._wait_for_peers)
        return stopped

    def _wait_for_peers(self) -> None:
        """Everything is told: wait until it is sent and the last connection is gone."""
        if len(self._fanout) and self._stopping is not None:
            self._reactor.callLater(0.02, self._wait_for_peers)
        else:
            self._worker.stop(self._stopped)

    def _stopped(self) -> None:
        stopping, self._stopping = self._stopping, None
        if stopping is not None:
            stopping.callback(None)

    def _server_info(self) -> ServerInfo:
        options = self._options
        return ServerInfo(
            name=options["server-name"],
            network=options["network"],
            motd=options["motd"],
            version=__version__,
            created_at=self._corrected_time(),
            password_needed=options["rules"].password is not None,
            registration=options["rules"].registration,
        )

    def _listen(self) -> None:
        options, ports, wires = self._options, self._ports, self._registry.wires
        factory = partial(ChatFactory, self._house, self._registry, self._admission)
        interface = options["interface"]
        way_out = "choose another one with --port" + (" or --interface" if interface else "")
        self._port = ports.open_tcp(options["port"], interface, factory(), way_out)
        for wire in wires.values() if options["classic"] else ():
            if wire.port is not None:
                way_out = f"leave --classic out, or try --listen {wire.name}=tcp:PORT"
                ports.open_tcp(wire.port, interface, factory(wire), way_out)
        for name, text in options["listen"]:
            if name != SHARED and name not in wires:
                known = ", ".join([SHARED, *wires])
                raise CannotListen(f"--listen knows no wire {name!r}; there are: {known}.")
            ports.open(f"--listen {name}={text}", text, factory(wires.get(name)), bare=True)

    def _operate(self, hub: Hub) -> None:
        """Let the operator see and do things."""
        options, reactor, worker = self._options, self._reactor, self._worker
        sources = Sources(
            hub=hub,
            fanout=self._fanout,
            refusals=self._house.refusals,
            commits=worker.commits,
            lateness=self._lateness,
            ended=self._direct.ended,
            started_at=_wall() / 1000,
        )
        if options["metrics"] is not None:
            try:
                from chatservice.operating.metrics import site
            except ModuleNotFoundError as error:
                raise CannotListen(
                    f"--metrics needs {error.name}: pip install 'chatservice[metrics]'"
                ) from None
            page = site(sources, worker, reactor, lambda: self.chat.stopping)
            where = self._own_ports.open(
                f"--metrics {options['metrics']}", options["metrics"], page
            )
            _log.info("Figures are shown at {where}", event="metrics", where=where)
        if not options["ephemeral"]:
            drain = Drain(reactor, self._fanout, self._close, self._stop)
            backup = options["state"] / BACKUP
            backup.unlink(missing_ok=True)  # of a server that was killed; nobody takes it any more
            backups = Backups(worker, backup)
            own = {"stats": stats(sources), "drain": drain.begin, "backup": backups.make}
            self._own_ports.open_private(
                options["state"] / CONTROL, ControlFactory(self._house, own)
            )

    def _close(self) -> None:
        """Let nobody in any more, and announce nothing."""
        self._ports.close()
        if self._discovery is not None:
            self._discovery.disownServiceParent()
            self._discovery = None

    def _announce(self, hub: Hub, server_id: str) -> None:
        options, port = self._options, self._port
        chosen: list[str] = options["announce-to"]

        def targets() -> Iterable[str]:
            return chosen or broadcast_addresses(options["interface"])

        def beacon() -> Beacon:
            return Beacon(server_id=server_id, name=options["name"], port=port, people=hub.present)

        self._discovery = DiscoveryService(
            self._reactor,
            beacon,
            targets,
            limits=self._limits,
            reached_by=partial(reached_by, options["interface"]),
        )
        self._discovery.setServiceParent(self)

    def _settle_down(self) -> None:
        """The start is over: stop cleanly on signals, and spare the collector what stays."""
        hang_up = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN  # as `nohup` has it
        for number in (signal.SIGTERM, signal.SIGINT, *[signal.SIGHUP] * hang_up):
            # Twisted's own handlers would end the process by the signal; a clean stop exits with 0.
            signal.signal(number, lambda *_: self._reactor.callFromThread(self._stop))
        gc.freeze()
        gc.set_threshold(10_000, 250, 100)

    def _offset(self) -> int | None:
        return self._time.offset if self._time is not None else None

    def _corrected_time(self) -> int:
        """The time, UTC in milliseconds, as a time server says it is, if there is one."""
        return _wall() + (self._offset() or 0)

    def _stop(self) -> None:
        with suppress(ReactorNotRunning):  # a second signal, while the first one is obeyed
            self._reactor.stop()


def _store(options: Options) -> Store:
    """The store that the options ask for."""
    seconds = options["limits"].retry_seconds
    if options["ephemeral"]:
        return MemoryStore(_new_id, _wall, seconds)
    return SqliteStore(options["state"] / STORE, retry_seconds=seconds, wall=_wall, new_id=_new_id)


def _log_traceback(text: str) -> None:
    """Log what no store should raise."""
    _log.error("{traceback}", event="store-bug", traceback=text)


def _log_retention(text: str) -> None:
    """Log why something is not forgotten yet."""
    _log.warn("{reason}", event="retention", reason=text)


def _new_id() -> str:
    return secrets.token_hex(8)


def _wall() -> int:
    """The time, UTC in milliseconds."""
    return time.time_ns() // 1_000_000


def _local_time(at: int) -> str:
    """`HH:MM` on this machine's wall."""
    return datetime.fromtimestamp(at / 1000).strftime("%H:%M")


def _raise_file_limit() -> int:
    """Let the process open as many files as it is allowed to; returns how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else 1_048_576
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
