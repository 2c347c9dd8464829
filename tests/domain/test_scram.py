"""A password is proven without being said; only who knows it can, and only to who keeps it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.errors import BadInput
from chatservice.domain.scram import Exchange, Verifier

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
FINAL = (
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
)


class ScramTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.verifier = Verifier.make("pencil", SALT, 4096)
        self.exchange = Exchange(FIRST, NONCE)

    def test_the_example_of_the_standard(self) -> None:
        """RFC 7677, section 3."""
        self.assertEqual(self.exchange.name, "user")
        self.assertEqual(
            self.exchange.challenge(self.verifier),
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        )
        server = self.exchange.finish(FINAL)
        self.assertEqual(server, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
        self.assertTrue(self.exchange.proven)

    def test_what_is_kept_comes_back(self) -> None:
        self.assertEqual(Verifier.load(str(self.verifier)), self.verifier)
        self.assertIsNone(Verifier.load(""))

    def test_another_password_proves_nothing(self) -> None:
        self.exchange.challenge(Verifier.make("Pencil", SALT, 4096))
        self.assertIsNone(self.exchange.finish(FINAL))
        self.assertFalse(self.exchange.proven)

    def test_a_proof_that_is_cut_or_for_something_else_is_none(self) -> None:
        for final in (
            FINAL.replace("%hv", "%hw"),
            FINAL.replace("biws", "eSws"),
            FINAL.partition("p=")[0] + "p=",
            FINAL.partition("p=")[0] + "p=dHzb",
        ):
            exchange = Exchange(FIRST, NONCE)
            exchange.challenge(self.verifier)
            self.assertIsNone(exchange.finish(final), final)

    def test_what_is_not_of_the_form_is_refused(self) -> None:
        for first in (
            "",
            "n,,n=user",
            "n,,r=x,n=user",
            "n,,m=ext,n=user,r=x",
            "p=tls-unique,,n=user,r=x",
            "n,a=other,n=user,r=x",
            "n,,n=us=er,r=x",
            "n,,n=user,r=two words",
        ):
            with self.assertRaises(BadInput):
                Exchange(first, NONCE)
        self.exchange.challenge(self.verifier)
        for final in ("", "c=biws", FINAL + "x,", FINAL.replace("p=d", "p=*"), "c=*,r=x,p=eA=="):
            with self.assertRaises(BadInput):
                self.exchange.finish(final)

    def test_a_name_may_hold_what_has_a_meaning(self) -> None:
        """RFC 5802, section 5.1: `=2C` and `=3D` stand for a comma and `=`."""
        self.assertEqual(Exchange("n,a=a=2Cb=3D,n=a=2Cb=3D,r=x", NONCE).name, "a,b=")

    def test_a_password_is_prepared_as_clients_do_it(self) -> None:
        """RFC 4013, section 3: the examples of SASLprep."""
        for written, prepared in (("I\u00adX", "IX"), ("\u00aa", "a"), ("\u2168", "IX")):
            self.assertEqual(
                Verifier.make(written, SALT, 1), Verifier.make(prepared, SALT, 1), written
            )
        self.assertNotEqual(Verifier.make("\u0007", SALT, 1), Verifier.make("", SALT, 1))

    def test_nobodys_is_always_the_same_and_opened_by_nothing(self) -> None:
        one = Verifier.nobodys("eve", b"secret", 7)
        self.assertEqual(one, Verifier.nobodys("eve", b"secret", 7))
        self.assertNotEqual(one.salt, Verifier.nobodys("joe", b"secret", 7).salt)
        self.assertNotEqual(one.salt, Verifier.nobodys("eve", b"another", 7).salt)
        self.assertEqual((len(one.salt), one.iterations), (16, 7))


def proof(password: str, first: str, challenge: str) -> str:
    """A client's last message."""
    fields = dict(each.split("=", 1) for each in challenge.split(","))
    unproven = f"c=biws,r={fields['r']}"
    salted = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(fields["s"]), int(fields["i"])
    )
    key = hmac.digest(salted, b"Client Key", "sha256")
    signed = f"{first.removeprefix('n,,')},{challenge},{unproven}".encode()
    signature = hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")
    proven = bytes(a ^ b for a, b in zip(key, signature, strict=True))
    return f"{unproven},p={base64.b64encode(proven).decode()}"
