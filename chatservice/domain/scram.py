"""SCRAM-SHA-256 (RFC 5802, RFC 7677): to prove that one knows a password without saying it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import stringprep
from dataclasses import dataclass
from unicodedata import normalize

from chatservice.domain.errors import BadInput

SALT_BYTES = 16
"""Of each account's own salt."""

_NAME = "SCRAM-SHA-256"
_FIRST = re.compile(r"([ny],(?:a=([^,]*))?,)(n=([^,]+),r=([!-+\--~]+)(?:,[a-z]=[^,]*)*)", re.I)
_FINAL = re.compile(r"(c=([^,]*),r=([!-+\--~]+)(?:,[a-z]=[^,]*)*),p=([^,]*)", re.I)
_ESCAPE = re.compile(r"=(2C|3D)?")
_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


@dataclass(frozen=True, slots=True)
class Verifier:
    """What is kept of a password: enough to know a proof of it, not enough to make one."""

    iterations: int
    salt: bytes
    stored_key: bytes
    server_key: bytes

    @classmethod
    def make(cls, password: str, salt: bytes, iterations: int) -> Verifier:
        """Of a password; takes as long as there are iterations."""
        data = _prepared(password).encode("utf-8", "surrogatepass")
        salted = hashlib.pbkdf2_hmac("sha256", data, salt, iterations)
        key = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
        return cls(iterations, salt, key, _hmac(salted, b"Server Key"))

    @classmethod
    def nobodys(cls, name: str, secret: bytes, iterations: int) -> Verifier:
        """The same one each time for a name without an account, and for no password."""
        seed = _hmac(secret, name.encode("utf-8", "surrogatepass"))
        return cls(iterations, _hmac(seed, b"salt")[:SALT_BYTES], seed, seed)

    @classmethod
    def load(cls, text: str) -> Verifier | None:
        """From the text that `str` made (RFC 5803's form), if it is one."""
        found = re.fullmatch(rf"{_NAME}\$(\d+):([^$]+)\$([^:]+):(.+)", text)
        return found and cls(int(found[1]), *map(base64.b64decode, found.groups()[1:]))

    def __str__(self) -> str:
        keys = f"{_base64(self.stored_key)}:{_base64(self.server_key)}"
        return f"{_NAME}${self.iterations}:{_base64(self.salt)}${keys}"


class Exchange:
    """One client's proof, from its first message on; `nonce` is nobody's to guess.

    Raises `BadInput` for messages that are not of SCRAM's form.
    """

    __slots__ = ("_bare", "_first", "_header", "_nonce", "_verifier", "name", "proven")

    def __init__(self, first: str, nonce: str) -> None:
        found = _FIRST.fullmatch(first)
        if found is None:
            raise BadInput("SCRAM begins with n,,n=NAME,r=NONCE; channels can't be bound.")
        self._header, on_behalf, self._bare, name, theirs = found.groups()
        self.name = _unescaped(name)
        if on_behalf and _unescaped(on_behalf) != self.name:
            raise BadInput("Nobody can log in on behalf of another account.")
        self._nonce = theirs + nonce
        self._first = ""
        self._verifier: Verifier | None = None
        self.proven = False

    def challenge(self, verifier: Verifier) -> str:
        """The server's first message."""
        self._verifier = verifier
        salt, iterations = _base64(verifier.salt), verifier.iterations
        self._first = f"r={self._nonce},s={salt},i={iterations}"
        return self._first

    def finish(self, final: str) -> str | None:
        """The server's last message to the client's; None if that is no proof."""
        found = _FINAL.fullmatch(final)
        if found is None or self._verifier is None:
            raise BadInput("SCRAM ends with c=BINDING,r=NONCE,p=PROOF.")
        unproven, header, nonce, proof = found.groups()
        binding, claimed = _decoded(header), _decoded(proof)
        if binding != self._header.encode() or nonce != self._nonce:
            return None
        signed = f"{self._bare},{self._first},{unproven}".encode("utf-8", "surrogatepass")
        signature = _hmac(self._verifier.stored_key, signed)
        key = bytes(a ^ b for a, b in zip(claimed, signature, strict=False))
        right = hmac.compare_digest(hashlib.sha256(key).digest(), self._verifier.stored_key)
        self.proven = right and len(claimed) == len(signature)
        return f"v={_base64(_hmac(self._verifier.server_key, signed))}" if self.proven else None


def _prepared(password: str) -> str:
    """The password as clients prepare it (SASLprep); one that can't be is taken as it is."""
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in password
        if not stringprep.in_table_b1(char)
    )
    prepared = normalize("NFKC", mapped)
    if any(prohibited(char) for char in prepared for prohibited in _PROHIBITED):
        return password
    return prepared


def _unescaped(name: str) -> str:
    marks = {"2C": ",", "3D": "="}

    def mark(found: re.Match[str]) -> str:
        if found[1] is None:
            raise BadInput("A = in a name is written =3D.")
        return marks[found[1]]

    return _ESCAPE.sub(mark, name)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise BadInput("This is not base64.") from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")
