"""The password of one's account, kept in memory to log in again at the next connection."""

from __future__ import annotations

from chatservice.domain.commands import ChangePassword, Command, Login, Register
from chatservice.domain.events import Event, Failed, LoggedIn, LoggedOut, Notice
from urwidclient.resume import new_id


class Credentials:
    """What one logs in with by oneself; `password` is known before the account's name is."""

    def __init__(self, password: str | None) -> None:
        self._account: str | None = None
        self._password = password
        self._tried: dict[str, str] = {}
        self._automatic: str | None = None

    def login(self, nick: str) -> Login | None:
        """What logs in on a new connection; the account is that of the nick before it is known."""
        self._tried.clear()
        self._automatic = None
        if self._password is None:
            return None
        self._automatic = new_id()
        return Login(id=self._automatic, nick=self._account or nick, password=self._password)

    def try_(self, command: Command) -> None:
        """Take note of a password that may turn out to be the right one."""
        match command:
            case Login(id=str(key), password=password) | Register(id=str(key), password=password):
                self._tried[key] = password
            case ChangePassword(id=str(key), new=password):
                self._tried[key] = password

    def see(self, event: Event) -> bool:
        """Keep to what an event means; whether it is of no interest to anybody else."""
        match event:
            case LoggedIn():
                self._account = event.account
                self._password = self._tried.pop(event.re or "", self._password)
            case LoggedOut():
                self._account = self._password = None
            case Notice(re=str(key)) if key in self._tried:
                self._password = self._tried.pop(key)
            case Failed(re=str(key)):
                self._tried.pop(key, None)
                if key == self._automatic:
                    # In the wrong state one is logged in: the server kept that over the reconnect.
                    if event.code == "wrong-password":
                        self._password = None
                    return event.code == "wrong-state"
        return False
