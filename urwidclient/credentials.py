"""The password of one's account, to log in again at the next connection, or at the next start."""

from __future__ import annotations

from collections.abc import Callable

from chatservice.domain.commands import ChangePassword, Command, Login, Register
from chatservice.domain.events import Event, Failed, LoggedIn, LoggedOut, LoginWanted, Notice
from urwidclient.logins import Logins
from urwidclient.resume import new_id


class Credentials:
    """What one logs in with by oneself; `password` is known before the account's name is.

    `logins` are those kept on this machine. `tell` is given sentences about them, and that a login
    is wanted once it has turned out that the known password is wrong.
    """

    def __init__(
        self, password: str | None, logins: Logins | None, tell: Callable[[Event], object]
    ) -> None:
        self._account: str | None = None
        self._password = password
        self._tried: dict[str, str] = {}
        self._automatic: str | None = None
        self._wanted: LoginWanted | None = None
        self._typed: str | None = None
        self._logins = logins
        self._tell = tell
        self._server_id = ""
        self._kept: str | None = None
        self._logged_out = False
        self._fresh = False

    def login(self, nick: str, server_id: str) -> Login | None:
        """What logs in on a new connection; the account is that of the nick before it is known."""
        self._tried.clear()
        self._automatic = self._wanted = None
        self._server_id = server_id
        account = self._account or nick
        if self._password is None and self._logins is not None and not self._logged_out:
            self._password = self._logins.find(server_id, account)
            self._kept = account if self._password is not None else None
        if self._password is None:
            return None
        self._automatic = new_id()
        return Login(id=self._automatic, nick=account, password=self._password)

    def try_(self, command: Command) -> None:
        """Take note of a password that may turn out to be the right one."""
        match command:
            case Login(id=str(key), password=password) | Register(id=str(key), password=password):
                self._tried[key] = password
                self._typed = key
            case ChangePassword(id=str(key), new=password):
                self._tried[key] = password

    def see(self, event: Event) -> bool:
        """Keep to what an event means; whether it is of no interest to anybody else."""
        match event:
            case LoginWanted() if self._automatic is not None:
                self._wanted = event
                return True
            case LoggedIn():
                self._automatic = self._wanted = None
                self._account = event.account
                self._fresh = event.re is not None and event.re == self._typed
                self._password = self._tried.pop(event.re or "", self._password)
                self._logged_out = False
                self._renew()
            case LoggedOut():
                self._account = self._password = self._kept = None
                self._logged_out = True
            case Notice(re=str(key)) if key in self._tried:
                self._password = self._tried.pop(key)
                self._renew()
            case Failed(re=str(key)):
                self._tried.pop(key, None)
                if key == self._automatic:
                    self._automatic = None
                    # In the wrong state one is logged in: the server kept that over the reconnect.
                    if event.code == "wrong-password":
                        self._password = None
                        self._forget()
                    if self._wanted is not None:
                        self._tell(self._wanted)
                    return event.code == "wrong-state"
        return False

    def offer_to_keep(self) -> bool:
        """Whether to ask if the login of a moment ago is to be kept: once a server."""
        fresh, self._fresh = self._fresh, False
        logins = self._logins
        if not fresh or logins is None or logins.asked(self._server_id):
            return False
        return self._kept_to(lambda: logins.ask(self._server_id))

    def keep(self) -> None:
        """Keep the login that one has."""
        logins, account, password = self._logins, self._account, self._password
        if logins is None or account is None or password is None:
            return
        if self._kept_to(lambda: logins.keep(self._server_id, account, password)):
            self._kept = account

    def _renew(self) -> None:
        """What is kept of this account is the password that is right now."""
        if self._logins is None or self._account is None:
            return
        kept = self._logins.find(self._server_id, self._account)
        if kept is not None and kept != self._password:
            self.keep()

    def _forget(self) -> None:
        logins, account = self._logins, self._kept
        if logins is None or account is None:
            return
        self._kept = None
        if self._kept_to(lambda: logins.forget(self._server_id, account)):
            text = f"The password kept for {account} is wrong, and is forgotten; /login again."
            self._tell(Notice(text=text))

    def _kept_to(self, change: Callable[[], None]) -> bool:
        """Whether this change of what is kept was possible; it is told if not."""
        try:
            change()
        except OSError as error:
            self._tell(Notice(text=f"The login can't be kept or forgotten: {error.strerror}."))
            return False
        return True
