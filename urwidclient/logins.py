"""The logins that a person wants to be kept on this machine, in a file for its owner alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from urwidclient.settings import write_private

FILE = "logins.json"


class Logins:
    """Those for the server at one address; what is kept there goes to no other.

    The file is `{server id: {account: {"at": address, "password": password}}}`; a server of no
    account is one for which nothing is to be kept.
    """

    def __init__(self, state_dir: Path, host: str, port: int) -> None:
        self._path = state_dir / FILE
        self._at = f"{host} {port}"

    def asked(self, server_id: str) -> bool:
        """Whether the person has been asked about this server."""
        return server_id in self._read()

    def find(self, server_id: str, account: str) -> str | None:
        """The password of an account, in whatever case it is named."""
        for name, login in _table(self._read().get(server_id)).items():
            kept = _table(login)
            password = kept.get("password")
            if (name.casefold(), kept.get("at")) == (account.casefold(), self._at):
                return password if isinstance(password, str) else None
        return None

    def ask(self, server_id: str) -> None:
        """The person is asked about this server. Raises `OSError`."""
        self._write({server_id: {}, **self._read()})

    def keep(self, server_id: str, account: str, password: str) -> None:
        """Keep a login. Raises `OSError`."""
        logins = self._read()
        login = {"at": self._at, "password": password}
        self._write({**logins, server_id: {**_table(logins.get(server_id)), account: login}})

    def forget(self, server_id: str, account: str) -> None:
        """Forget a login, and that one was asked if it was the last one. Raises `OSError`."""
        logins = self._read()
        left = {
            name: login
            for name, login in _table(logins.pop(server_id, None)).items()
            if name.casefold() != account.casefold()
        }
        self._write({**logins, server_id: left} if left else logins)

    def _read(self) -> dict[str, Any]:
        """All that is kept; nothing if that can't be read."""
        try:
            return _table(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            return {}

    def _write(self, logins: dict[str, Any]) -> None:
        write_private(self._path, json.dumps(logins, indent=1))


def forget_all(state_dir: Path) -> None:
    """Forget all logins, and who was asked. Raises `OSError`."""
    (state_dir / FILE).unlink(missing_ok=True)


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
