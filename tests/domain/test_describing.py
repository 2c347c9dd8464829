"""What people and rooms tell about themselves, by key, and who hears of it."""

from __future__ import annotations

from chatservice.domain.commands import (
    AskFacts,
    ClearFacts,
    Configure,
    Create,
    Enter,
    Join,
    Login,
    Logout,
    Register,
    SetFact,
    Subscribe,
    SyncFacts,
    Watch,
    Whois,
)
from chatservice.domain.events import (
    Described,
    Event,
    Fact,
    FactChanged,
    Facts,
    FactsCleared,
    FactsSynced,
    Subscribed,
    WhoisReply,
)
from chatservice.domain.session import Session
from tests.domain.test_accounts import PASSWORD, AccountCase

URL = Fact(key="url", value="http://ann.example")


class FactCase(AccountCase):
    """A test case with ann, who has an account, and bob, who wants to know urls."""

    def setUp(self) -> None:
        super().setUp()
        self.do(self.bob, Subscribe(keys=("url",)))
        self.world.ears.told.clear()

    def heard(self, session: Session) -> list[Event]:
        """What somebody is told of facts."""
        told = self.world.ears.take(session)
        return [each for each in told if isinstance(each, (FactChanged, FactsSynced))]

    def facts(self, session: Session, target: str | None = None) -> dict[str, str]:
        self.world.ears.take(session)
        [told] = self.do(session, AskFacts(target=target))
        assert isinstance(told, Facts), told
        return {fact.key: fact.value for fact in told.facts}

    def tell(self, session: Session, key: str = "url", value: str | None = URL.value) -> None:
        self.do(session, SetFact(key=key, value=value))


class SetTests(FactCase):
    def test_who_wants_to_know_is_told_and_who_did_it_is_answered(self) -> None:
        told = self.do(self.ann, SetFact(key="url", value=URL.value, id="f"))
        changed = FactChanged(
            target="ann", key="url", value=URL.value, nick="ann", user=self.ann.user, re="f"
        )
        self.assertEqual(told, [changed])
        self.assertEqual(self.heard(self.bob), [changed])
        self.tell(self.ann)
        self.tell(self.ann, "status", "here")
        self.assertEqual(self.heard(self.bob), [])

    def test_another_connection_of_oneself_is_told_too(self) -> None:
        second = self.guest("eve")
        self.do(second, Login(nick="ann", password=PASSWORD), Subscribe(keys=("url",)))
        self.tell(self.ann)
        self.assertEqual(len(self.heard(second)), 1)

    def test_it_is_there_for_who_asks_until_it_is_taken_back(self) -> None:
        self.tell(self.ann)
        self.assertEqual(self.facts(self.bob, "ann"), {"url": URL.value})
        self.assertEqual(self.facts(self.ann), {"url": URL.value})
        self.tell(self.ann, value=None)
        self.assertEqual(self.facts(self.bob, "ann"), {})

    def test_only_some_keys_can_be_asked_for(self) -> None:
        self.tell(self.ann)
        self.tell(self.ann, "status", "here")
        self.world.ears.take(self.bob)
        [told] = self.do(self.bob, AskFacts(target="ann", keys=("url", "avatar")))
        self.assertEqual(told, Facts(target="ann", facts=(URL,), keys=("url", "avatar")))

    def test_all_can_be_taken_back_at_once(self) -> None:
        self.tell(self.ann)
        self.tell(self.ann, "status", "here")
        self.world.ears.take(self.bob)
        told = self.do(self.ann, ClearFacts(id="c"))
        self.assertEqual(told, [FactsCleared(target="ann", keys=("url", "status"), re="c")])
        [changed] = self.heard(self.bob)
        assert isinstance(changed, FactChanged)
        self.assertEqual((changed.key, changed.value), ("url", None))
        self.assertEqual(self.facts(self.ann), {})

    def test_nobody_tells_about_others(self) -> None:
        for command in (SetFact(target="ann", key="url", value="x"), ClearFacts(target="ann")):
            self.assertEqual(self.refusal(self.bob, command), "forbidden")

    def test_keys_and_values_have_their_limits(self) -> None:
        for key, value, code in (
            ("URL", "x", "bad-key"),
            ("", "x", "bad-key"),
            ("a:b", "x", "bad-key"),
            ("k" * 65, "x", "bad-key"),
            ("url", "x" * 301, "bad-value"),
            ("url", "\u00e9" * 151, "bad-value"),
        ):
            self.assertEqual(self.refusal(self.ann, SetFact(key=key, value=value)), code, key)
        for number in range(50):
            self.tell(self.ann, f"key{number}", "")
        self.assertEqual(self.refusal(self.ann, SetFact(key="url", value="x")), "limit-reached")
        self.tell(self.ann, "key0", "again")
        self.assertEqual(self.facts(self.ann)["key0"], "again")

    def test_what_the_store_refuses_is_undone(self) -> None:
        self.world.store.broken = "full"
        self.assertEqual(self.refusal(self.ann, SetFact(key="url", value="x")), "not-stored")
        self.assertEqual(self.facts(self.ann), {})

    def test_unknown_targets(self) -> None:
        self.assertEqual(self.refusal(self.bob, AskFacts(target="nobody")), "no-such-person")
        self.assertEqual(self.refusal(self.bob, AskFacts(target="#none")), "no-such-room")

    def test_whois_shows_some(self) -> None:
        self.tell(self.ann)
        self.tell(self.ann, "avatar", "http://ann.example/a.png")
        self.world.ears.take(self.bob)
        [told] = self.do(self.bob, Whois(nick="ann"))
        assert isinstance(told, WhoisReply)
        self.assertEqual(told.facts, (URL,))


class LastTests(FactCase):
    def test_an_account_is_told_about_for_good(self) -> None:
        self.tell(self.ann)
        self.leave(self.ann)
        self.world.restart()
        ann = self.world.connect()
        self.do(ann, Login(nick="ann", password=PASSWORD), Enter(nick="anna"))
        self.assertEqual(self.facts(ann), {"url": URL.value})
        self.tell(ann, value=None)
        self.world.restart()
        eve = self.world.person("eve")
        self.do(eve, Login(nick="ann", password=PASSWORD))
        self.assertEqual(self.facts(eve), {})

    def test_a_guest_as_long_as_it_is_here(self) -> None:
        self.tell(self.bob)
        self.assertEqual(self.facts(self.ann, "bob"), {"url": URL.value})
        user = self.bob.user
        self.leave(self.bob)
        self.assertEqual(self.world.hub._rooms.facts.of(f"user:{user}"), ())

    def test_a_guest_that_turns_out_to_be_somebody_else_leaves_nothing(self) -> None:
        self.tell(self.bob)
        user = self.bob.user
        self.do(self.bob, Login(nick="ann", password=PASSWORD))
        self.assertEqual(self.facts(self.bob), {})
        self.assertEqual(self.facts(self.world.successor(user, "eve")), {})

    def test_who_logs_out_is_somebody_else(self) -> None:
        self.tell(self.ann)
        self.do(self.ann, Logout())
        self.assertEqual(self.facts(self.ann), {})

    def test_a_room_is_told_about_for_good(self) -> None:
        self.do(self.ann, Create(room="den"), SetFact(target="#den", key="url", value="x"))
        self.world.restart()
        eve = self.world.person("eve", "den")
        self.assertEqual(self.facts(eve, "#den"), {"url": "x"})


class RoomTests(FactCase):
    def setUp(self) -> None:
        super().setUp()
        self.do(self.ann, Create(room="den"))

    def test_its_operators_tell_and_those_inside_hear(self) -> None:
        self.do(self.bob, Join(room="den"))
        self.world.ears.told.clear()
        self.do(self.ann, SetFact(target="#den", key="url", value="x"))
        [changed] = self.heard(self.bob)
        assert isinstance(changed, FactChanged)
        self.assertEqual((changed.target, changed.value), ("#den", "x"))
        refused = self.refusal(self.bob, SetFact(target="#den", key="url", value="y"))
        self.assertEqual(refused, "operator-needed")

    def test_what_a_closed_room_tells_is_for_those_inside(self) -> None:
        self.do(self.ann, SetFact(target="#den", key="url", value="x"))
        self.do(self.ann, Configure(room="den", invite_only=True))
        for command in (AskFacts(target="#den"), SyncFacts(target="#den")):
            [failed] = self.do(self.bob, command)
            self.assertNotIsInstance(failed, (Facts, FactsSynced))


class SubscribeTests(FactCase):
    def test_keys_in_their_order(self) -> None:
        told = self.do(self.ann, Subscribe(keys=("b", "a", "B", "b"), id="s"))
        expected = Subscribed(keys=("b", "a"), changed=("b", "a"), invalid=("B",), re="s")
        self.assertEqual(told, [expected])
        told = self.do(self.ann, Subscribe(keys=("b", "c"), active=False))
        self.assertEqual(told, [Subscribed(keys=("a",), changed=("b", "c"), active=False)])
        self.assertEqual(self.do(self.ann, Subscribe()), [Subscribed(keys=("a",))])

    def test_so_many_and_no_more(self) -> None:
        most = self.world.limits.fact_subscriptions
        keys = tuple(f"key{number}" for number in range(most + 5))
        [told] = self.do(self.ann, Subscribe(keys=keys))
        assert isinstance(told, Subscribed)
        self.assertEqual((len(told.keys), told.refused), (most, keys[most]))

    def test_what_is_told_by_then_is_told_at_once(self) -> None:
        self.tell(self.ann)
        self.do(self.ann, Join(room="attic"))
        joe = self.world.person("joe", "lobby", "attic")
        [_, synced] = self.do(joe, Subscribe(keys=("url",)))
        about = (Described(target="ann", facts=(URL,)),)
        self.assertEqual(synced, FactsSynced(about=about))
        self.assertEqual(len(self.do(joe, Subscribe(keys=("url",)))), 1)

    def test_who_comes_hears_of_those_inside_and_they_of_it(self) -> None:
        self.do(self.bob, Register(password=PASSWORD))
        self.do(self.ann, Create(room="den"), SetFact(target="#den", key="url", value="x"))
        self.tell(self.ann)
        self.tell(self.bob, value="http://bob.example")
        self.do(self.ann, Subscribe(keys=("url",)))
        self.world.ears.told.clear()
        told = self.do(self.bob, Join(room="den"))
        [synced] = [each for each in told if isinstance(each, FactsSynced)]
        self.assertEqual([each.target for each in synced.about], ["#den", "ann"])
        [synced] = [each for each in self.heard(self.ann) if isinstance(each, FactsSynced)]
        self.assertEqual([each.target for each in synced.about], ["bob"])

    def test_it_can_be_asked_for_again(self) -> None:
        self.tell(self.ann)
        for target, name in (("#lobby", "#lobby"), ("ann", "ann")):
            self.world.ears.take(self.bob)
            [told] = self.do(self.bob, SyncFacts(target=target, id="y"))
            about = (Described(target="ann", facts=(URL,)),)
            self.assertEqual(told, FactsSynced(about=about, target=name, re="y"))

    def test_who_watches_closely_hears_from_afar(self) -> None:
        hermit = self.world.person("joe", "cave")
        self.do(hermit, Subscribe(keys=("url",)))
        self.tell(self.ann)
        self.assertEqual(self.heard(hermit), [])
        self.do(hermit, Watch(nicks=("ann",), closely=True))
        self.tell(self.ann, value="another")
        self.assertEqual(len(self.heard(hermit)), 1)
