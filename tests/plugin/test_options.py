"""Every option, and what is said about every wrong value."""

from __future__ import annotations

import dataclasses
import io
import os
import socket
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from twisted.scripts._twistd_unix import ServerOptions
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.limits import Limits
from chatservice.domain.rules import Rules
from chatservice.options import Options
from chatservice.state import state_directory


def parsed(*arguments: str) -> Options:
    """The options of a command line."""
    options = Options()
    options.parseOptions(list(arguments))
    return options


class OptionTests(SynchronousTestCase):
    """Right ones."""

    def test_defaults(self) -> None:
        options = parsed()
        self.assertEqual(options["port"], 8080)
        self.assertEqual(options["interface"], "")
        self.assertEqual(options["name"], socket.gethostname())
        self.assertEqual(options["state"], Path(state_directory()).expanduser())
        self.assertEqual(options["limits"], Limits())
        self.assertEqual((options["announce-to"], options["listen"]), ([], []))
        self.assertEqual(options["rules"], Rules())
        self.assertEqual((options["network"], options["motd"]), ("chatservice", ()))
        self.assertEqual((options["ephemeral"], options["no-announce"]), (0, 0))
        self.assertFalse(options["classic"])

    def test_other_ports_are_on_the_same_address_if_they_name_none(self) -> None:
        given = ("tcp:9000", "tcp:9001:interface=10.0.0.1", "unix:/run/x", "tcp6:9002")
        arguments = [part for each in given for part in ("--listen", f"json={each}")]
        self.assertEqual([where for _, where in parsed(*arguments)["listen"]], list(given))
        for address, escaped in (("127.0.0.1", "127.0.0.1"), ("::1", "\\:\\:1")):
            found = [where for _, where in parsed("--interface", address, *arguments)["listen"]]
            self.assertEqual(found, [f"tcp:9000:interface={escaped}", *given[1:]])

    def test_all_of_them(self) -> None:
        options = parsed(
            *("--port", "0", "--interface", "::1", "--name", "the den", "--state", "/tmp/x"),
            *("--ephemeral", "--classic", "--history", "7"),
            *("--announce-to", "192.0.2.255", "--announce-to", "127.255.255.255"),
            *("--listen", "json=tcp:9000:interface=127.0.0.1", "--listen", "shared=unix:/run/x=y"),
            *("--limit", "unit_bytes=100", "--limit", "sniff_seconds=0.5"),
            *("--operator", "ann", "--operator", "Bob"),
            "--always-on",
            *("--registration", "closed", "--password", "sesame", "--oper", "eve:$argon2id$x:y"),
            *("--server-name", "irc.example.org", "--network", "Den"),
        )
        self.assertEqual(options["port"], 0)
        self.assertEqual(options["interface"], "::1")
        self.assertEqual(options["name"], "the den")
        self.assertEqual(options["state"], Path("/tmp/x"))
        self.assertTrue(options["ephemeral"])
        self.assertTrue(options["classic"])
        self.assertEqual(options["announce-to"], ["192.0.2.255", "127.255.255.255"])
        self.assertEqual(
            options["listen"],
            [("json", "tcp:9000:interface=127.0.0.1"), ("shared", "unix:/run/x=y")],
        )
        rules = Rules(
            operators=("ann", "Bob"),
            opers={"eve": "$argon2id$x:y"},
            password="sesame",
            always_on=True,
            registration="closed",
        )
        self.assertEqual(options["rules"], rules)
        self.assertEqual((options["server-name"], options["network"]), ("irc.example.org", "Den"))
        expected = Limits(unit_bytes=100, sniff_seconds=0.5, replay_messages=7)
        self.assertEqual(options["limits"], expected)

    def test_short_ones(self) -> None:
        options = parsed("-p", "1", "-i", "127.0.0.1", "-n", "x", "-s", "/y", "-H", "0", "-e")
        self.assertEqual((options["port"], options["interface"]), (1, "127.0.0.1"))
        self.assertEqual((options["name"], options["state"]), ("x", Path("/y")))
        self.assertEqual(options["limits"].replay_messages, 0)

    def test_every_limit(self) -> None:
        for field in dataclasses.fields(Limits):
            options = parsed("--limit", f"{field.name}=3")
            self.assertEqual(getattr(options["limits"], field.name), 3)

    def test_a_name_is_one_harmless_line(self) -> None:
        name = parsed("--name", "a\x1b[31m\nb" + "c" * 100)["name"]
        self.assertTrue(name.isprintable())
        self.assertEqual(len(name), 64)

    def test_the_servers_name_has_a_dot_whatever_the_hosts_is(self) -> None:
        for host, name in (
            ("den", "den.local"),
            ("den.example.org", "den.example.org"),
            ("my_den!", "my-den.local"),
            ("\u00e4", "chat.local"),
        ):
            self.patch(socket, "gethostname", lambda host=host: host)
            self.assertEqual(parsed()["server-name"], name)

    def test_the_message_of_the_day_is_harmless_lines(self) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"Be kind.\r\n\n\x1b[31mred \xff\n\n")
            file.flush()
            motd = parsed("--motd", file.name)["motd"]
        self.assertEqual(motd, ("Be kind.", "", "\ufffd[31mred \ufffd"))

    def test_state_in_the_home_directory(self) -> None:
        self.assertEqual(parsed("--state", "~/chat")["state"], Path.home() / "chat")

    def test_state_by_default(self) -> None:
        self.patch(os, "environ", {"XDG_DATA_HOME": "/data", "HOME": "/home/x"})
        self.assertEqual(parsed()["state"], Path("/data/chatservice"))
        del os.environ["XDG_DATA_HOME"]
        self.assertEqual(parsed()["state"], Path("/home/x/.local/share/chatservice"))

    def test_no_home_is_needed_where_nothing_is_kept_there(self) -> None:
        self.patch(os, "environ", {"XDG_DATA_HOME": "~no-such-user/x"})
        self.assertEqual(parsed("--state", "/x")["state"], Path("/x"))
        self.assertIsNone(parsed("--ephemeral")["state"])

    def test_the_password_in_a_file_is_its_first_line(self) -> None:
        file = Path(self.mktemp())
        file.write_bytes(b"two words\r\nno password\n")
        self.assertEqual(parsed("--password", f"@{file}")["rules"].password, "two words")
        self.assertEqual(parsed("--password", "two words")["rules"].password, "two words")

    def test_help_lists_all(self) -> None:
        text = str(Options())
        for name in (
            *("port", "interface", "name", "state", "ephemeral", "announce-to", "no-announce"),
            "classic",
            *("history", "listen", "limit", "help"),
        ):
            self.assertIn(f"--{name}", text)

    def test_the_list_of_limits(self) -> None:
        """It is the output, as `--help` is, and no failure."""
        with redirect_stdout(io.StringIO()) as output:
            ended = self.assertRaises(SystemExit, parsed, "--limit", "list")
        self.assertFalse(ended.code)
        for field, line in zip(
            dataclasses.fields(Limits), output.getvalue().splitlines(), strict=True
        ):
            self.assertTrue(line.startswith(f"{field.name}={field.default} "), line)
            self.assertTrue(line.endswith(field.metadata["reason"]), line)


class MetricsTests(SynchronousTestCase):
    """Where figures are shown: on this machine, unless something else is said."""

    def test_endpoints(self) -> None:
        for value, endpoint in (
            ("9100", "tcp:9100:interface=127.0.0.1"),
            (":9100", "tcp:9100:interface=127.0.0.1"),
            ("localhost:9100", "tcp:9100:interface=127.0.0.1"),
            ("192.0.2.1:9100", "tcp:9100:interface=192.0.2.1"),
            ("0.0.0.0:9100", "tcp:9100:interface=0.0.0.0"),
            ("[::1]:9100", "tcp:9100:interface=\\:\\:1"),
            ("tcp:9100", "tcp:9100:interface=127.0.0.1"),
            ("tcp:9100:interface=192.0.2.1", "tcp:9100:interface=192.0.2.1"),
            ("unix:/run/figures", "unix:/run/figures"),
        ):
            self.assertEqual(parsed("--metrics", value)["metrics"], endpoint, value)
        self.assertIsNone(parsed()["metrics"])


class WrongValueTests(SynchronousTestCase):
    """One sentence that says what was wrong and what would be right."""

    def sentence(self, *arguments: str) -> str:
        """What is said; the exit code of a text is 1."""
        ended = self.assertRaises(SystemExit, parsed, *arguments)
        self.assertIsInstance(ended.code, str)
        text = str(ended.code)
        self.assertTrue(text.startswith("twistd chat: "), text)
        self.assertNotIn("\n", text)
        return text

    def test_another_user_is_not_become_half_way(self) -> None:
        """twistd opens the store first and gives root up then."""
        options = Options()
        options.parent = ServerOptions()
        options.parent.parseOptions(["--uid=65534"])
        ended = self.assertRaises(SystemExit, options.parseOptions, [])
        self.assertIn("--uid comes too late", str(ended.code))

    def test_what_contradicts(self) -> None:
        text = self.sentence("--no-announce", "--announce-to", "192.0.2.255")
        self.assertIn("--no-announce and --announce-to contradict each other", text)

    def test_metrics(self) -> None:
        for value in ("x", "-1", "9100.5"):
            self.assertIn("--metrics takes PORT", self.sentence("--metrics", value), value)

    def test_time_servers(self) -> None:
        for value in ("", "::1:x", "time.example:ntp", "a:b:c"):
            self.assertIn("--ntp takes HOST", self.sentence("--ntp", value), value)
        for value in ("::1", "[::1]:123", "time.example", "192.0.2.1:1123"):
            self.assertEqual(parsed("--ntp", value)["ntp"], value)

    def test_log_formats(self) -> None:
        for value in ("", "xml", "JSON"):
            self.assertIn("--log-format takes", self.sentence("--log-format", value), value)

    def test_ports(self) -> None:
        for value in ("x", "", "-1", "65536", "80.5", "nan", "99999999999999999999"):
            self.assertIn("--port takes", self.sentence("--port", value), value)

    def test_interfaces(self) -> None:
        for value in ("eth0", "localhost", "300.0.0.1", "127.0.0.1:8080"):
            text = self.sentence("--interface", value)
            self.assertIn(f"--interface takes an IP address, not {value!r}", text)

    def test_histories(self) -> None:
        for value in ("many", "-1", "", "1.5"):
            self.assertIn("--history takes a whole number", self.sentence("--history", value))

    def test_announcements(self) -> None:
        for value in ("everywhere", "::1", "192.0.2", "192.0.2.255:8081"):
            self.assertIn("--announce-to takes an IPv4", self.sentence("--announce-to", value))

    def test_operators(self) -> None:
        for value in ("", "a|b", "two,three\n", "123456"):
            self.assertIn(f"takes a nick, not {value!r}", self.sentence("--operator", value))

    def test_server_names(self) -> None:
        for value in ("", "chat", "a b.c", ".chat", "x." + "y" * 64):
            self.assertIn("--server-name takes", self.sentence("--server-name", value))
        for value in ("", "two words", ":colon", "x" * 33, "n\u00e4he"):
            self.assertIn("--network takes one word", self.sentence("--network", value))

    def test_passwords(self) -> None:
        empty = Path(self.mktemp())
        empty.touch()
        for value in ("", f"@{empty}"):
            self.assertIn("--password takes a password", self.sentence("--password", value))
        self.assertIn("can't be read", self.sentence("--password", "@/no/such"))

    def test_hashes_of_operators(self) -> None:
        for value in ("", "eve", "eve:", ":$argon2id$x", "e e:$argon2id$x", "eve:password"):
            self.assertIn("--oper takes NAME:HASH", self.sentence("--oper", value))

    def test_registrations(self) -> None:
        for value in ("", "Open", "yes"):
            text = self.sentence("--registration", value)
            self.assertIn("takes one of before-connect, open, closed", text)

    def test_a_message_of_the_day_that_is_not_there(self) -> None:
        self.assertIn("--motd can't be read: /no/such", self.sentence("--motd", "/no/such"))
        self.assertIn("embedded null byte", self.sentence("--motd", "/no\0such"))

    def test_the_home_of_nobody(self) -> None:
        for option, prefix in (("--motd", ""), ("--state", ""), ("--password", "@")):
            text = self.sentence(option, f"{prefix}~no-such-user/x")
            self.assertIn(f"{option}: no home directory", text)
            self.assertIn("~no-such-user/x", text)
        self.patch(os, "environ", {"XDG_DATA_HOME": "~no-such-user/y"})
        text = self.sentence()
        self.assertIn("--state: no home directory is known for ~no-such-user/y/chatservice", text)

    def test_nothing_where_something_belongs(self) -> None:
        """An empty variable of a script is not the default."""
        for option in ("--state", "--motd", "--metrics"):
            self.assertRegex(self.sentence(option, ""), f"{option} takes .*, not ''")

    def test_listening(self) -> None:
        for value in ("json", "json=", ""):
            self.assertIn("--listen takes WIRE=ENDPOINT", self.sentence("--listen", value))

    def test_limits(self) -> None:
        self.assertIn("--limit knows no 'speed'", self.sentence("--limit", "speed=1"))
        self.assertIn("--limit knows no ''", self.sentence("--limit", ""))
        for value in ("unit_bytes", "unit_bytes=", "unit_bytes=x", "unit_bytes=1.5"):
            self.assertIn("--limit unit_bytes takes", self.sentence("--limit", value))
        for number in ("nan", "inf", "-0.5", "1e99"):
            self.assertIn("takes a number", self.sentence("--limit", f"message_rate={number}"))

    def test_zero_where_nothing_would_work(self) -> None:
        """A rate of 0 would be waited for for ever."""
        may_be_zero = set()
        for field in dataclasses.fields(Limits):
            try:
                parsed("--limit", f"{field.name}=0")
            except SystemExit as ended:
                self.assertIn("takes a number above 0", str(ended.code))
            else:
                may_be_zero.add(field.name)
        self.assertEqual(
            may_be_zero,
            {
                "address_connections",
                "address_new_connections",
                "connections",
                "replay_messages",
                "throttle_loopback",
                "udp_answers_per_second",
            },
        )

    def test_unknown_ones(self) -> None:
        self.assertIn("--help", self.sentence("--colour"))
        self.assertIn("--help", self.sentence("extra"))
        self.assertIn("--help", self.sentence("--port"))
