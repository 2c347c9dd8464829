"""Who asks for much gets all of it while it reads, and no more is kept for who does not."""

from __future__ import annotations

import json

from chatservice.domain.limits import Limits
from tests.net.network import Net, Remote
from tests.net.test_peer import LOCAL, PeerTests

ASKED = 400


class AskedTests(PeerTests):
    """Answers that wait for their reader are two at most."""

    def busy(self) -> Net:
        """A chat with many rooms, of which a list is long."""
        net = self.net()
        for n in range(10):
            maker = net.json(f"maker{n}", LOCAL)
            for m in range(15):
                join = {"type": "join", "room": f"{n}-{m}-" + "r" * 50}
                maker.send(json.dumps(join).encode() + b"\n")
        return net

    def check_bounded(self, net: Net, asker: Remote, question: bytes) -> None:
        """Without reading, it is kept a few answers; reading them all, it is given all."""
        asker.heard()
        asker.send(question)
        answer = len(asker.heard())
        self.assertGreater(answer, 1000)
        asker.socket.space = 0
        asker.send(question * ASKED)
        self.assertGreater(asker.pending, 0)
        self.assertLess(asker.pending, net.limits.slow_pause_bytes + 3 * answer)
        self.assertFalse(asker.socket.closed)
        while asker.pending:
            asker.read(1000)
        self.assertEqual(len(asker.heard()), ASKED * answer)

    def test_many_questions_at_once(self) -> None:
        net = self.busy()
        self.check_bounded(net, net.json("ann", LOCAL), b'{"type":"rooms"}\n')

    def test_frames(self) -> None:
        net = self.busy()
        ann = net.connect(LOCAL, wire="framed")
        ann.send((3).to_bytes(4, "big") + b"ann")
        self.check_bounded(net, ann, (6).to_bytes(4, "big") + b"/rooms")

    def test_what_the_wire_answers_itself(self) -> None:
        net = self.net()
        self.check_bounded(net, net.pipe("ann", LOCAL), b"/help\n")

    def test_many_questions_in_one_line(self) -> None:
        net = self.net(Limits(slow_pause_bytes=2000))
        for n in range(80):
            net.json(f"guest{n}", LOCAL)
        ann = net.connect(LOCAL, wire="irc")
        ann.send(b"NICK ann\r\nUSER ann 0 * :Ann\r\nJOIN #lobby\r\n")
        ann.heard()
        ann.send(b"NAMES #lobby\r\n")
        answer = len(ann.heard())
        ann.socket.space = 0
        ann.send(b"NAMES " + b",".join([b"#lobby"] * 50) + b"\r\n")
        self.assertLess(ann.pending, net.limits.slow_pause_bytes + 3 * answer)
        ann.read(1_000_000)
        self.assertEqual(len(ann.heard()), 50 * answer)

    def test_refusals(self) -> None:
        net = self.net()
        ann = net.json("ann", LOCAL)
        ann.socket.space = 0
        ann.send(b"{}\n" * 5000)
        self.assertLess(ann.pending, net.limits.slow_drop_bytes)
        ann.read(10_000_000)
        self.assertEqual(ann.heard().count(b'"unknown-command"'), 5000)

    def test_an_answer_that_waits_for_the_disk_counts_too(self) -> None:
        net = self.busy()
        ann, bob = net.json("ann", LOCAL), net.json("bob", LOCAL)
        net.worker.hold = True
        bob.send(b'{"type":"say","text":"hi"}\n')
        ann.send(b'{"type":"rooms"}\n' * ASKED)
        ann.socket.space = 0
        net.worker.hold = False
        net.worker.release()
        net.loop.settle()
        self.assertLess(ann.pending, net.limits.slow_drop_bytes)
        ann.read(100_000_000)
        self.assertEqual(ann.heard().count(b'"type":"rooms"'), ASKED)

    def test_what_is_said_is_not_slowed_down(self) -> None:
        """All that came at once is one commit."""
        net = self.net()
        ann = net.json("ann", LOCAL)
        net.worker.hold = True
        ann.send(b'{"type":"say","text":"hi"}\n' * 100)
        net.worker.release(1)
        self.assertEqual(ann.heard().count(b'"ack"'), 100)
        net.worker.hold = False
        net.worker.release()

    def test_who_ends_after_asking_gets_its_answers(self) -> None:
        net = self.busy()
        ann = net.json("ann", LOCAL)
        ann.socket.incoming += b'{"type":"rooms"}\n' * 10
        ann.end()
        self.assertEqual(ann.heard().count(b'"type":"rooms"'), 10)
        self.assertTrue(ann.socket.shut or ann.socket.closed)
