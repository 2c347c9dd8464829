"""Which commands a session may give when, and that a refusal changes nothing."""

from __future__ import annotations

from chatservice.domain import commands
from chatservice.domain.commands import (
    Appear,
    ChangePassword,
    Command,
    Enter,
    Hello,
    History,
    Join,
    Leave,
    Listen,
    ListPeople,
    ListRooms,
    Login,
    Logout,
    Ping,
    Quit,
    Register,
    Say,
    SetNick,
    Tell,
    Typing,
    Vacate,
    Whois,
)
from chatservice.domain.errors import (
    ChatError,
    WrongState,
)
from chatservice.domain.rooms import LOBBY
from chatservice.domain.rules import Rules
from chatservice.domain.session import ALLOWED, Session, State
from tests.domain.hubcase import HubCase
from tests.world import START

EVERY_COMMAND: dict[type[Command], Command] = {
    type(each): each
    for each in (
        Hello(),
        Listen(default_nick="User_1"),
        Enter(nick="zoe"),
        Appear(),
        SetNick(nick="zoe"),
        Register(password="correct horse"),
        Login(password="correct horse", nick="zoe"),
        Logout(),
        ChangePassword(old="correct horse", new="battery staple"),
        Vacate(account="zoe"),
        Say(text="hi"),
        Tell(text="hi", to="zoe"),
        commands.AskTime(),
        commands.Create(room="cellar"),
        commands.SetTopic(topic="x"),
        commands.SetRoomPassword(password="secret"),
        commands.Configure(invite_only=True),
        commands.AskSettings(),
        commands.RenameRoom(new="cellar"),
        commands.ListInvitations(),
        commands.SetRole(nick="zoe", role="voice"),
        commands.Invite(nick="zoe"),
        commands.Kick(nick="zoe"),
        commands.Ban(who="zoe"),
        commands.Unban(who="zoe"),
        commands.ListBans(),
        commands.Admit(password="let me in"),
        commands.SetAlwaysOn(),
        commands.SetFact(key="url", value="x"),
        commands.ClearFacts(),
        commands.AskFacts(),
        commands.Subscribe(keys=("url",)),
        commands.SyncFacts(target="zoe"),
        commands.Oper(name="zoe", password="let me in"),
        commands.Unoper(),
        commands.Scram(message="n,,n=zoe,r=x"),
        Join(room=LOBBY),
        Leave(),
        ListRooms(),
        ListPeople(room=LOBBY),
        Whois(nick="zoe"),
        History(),
        commands.Search(words="hi"),
        commands.Conversations(),
        commands.MarkRead(room=LOBBY, at=1),
        commands.AskRead(room=LOBBY),
        commands.Confide(text="hi"),
        commands.Signal(text="VERSION", room=LOBBY),
        commands.React(reaction="+1"),
        commands.Edit(text="hi"),
        commands.Delete(),
        commands.SetAway(text="lunch"),
        commands.BeUnattended(),
        commands.SetRealname(text="Zoe"),
        commands.SetBot(),
        commands.SetInvisible(),
        commands.FindPeople(mask="*"),
        commands.Whowas(nick="zoe"),
        commands.AskCounts(),
        commands.Watch(nicks=("zoe",)),
        commands.Unwatch(),
        commands.ListWatched(),
        commands.Kill(nick="zoe"),
        commands.Announce(text="hi"),
        commands.Broadcast(text="hi"),
        commands.MakeAccount(account="zoe", password="let me in"),
        commands.ResetPassword(account="zoe", password="let me in"),
        commands.Ignore(nick="zoe"),
        Typing(),
        Ping(),
        Quit(),
    )
}


class StateTests(HubCase):
    def in_state(self, state: State) -> Session:
        self.hub = self.make_hub(rules=Rules(password="x") if state is State.OUTSIDE else Rules())
        session = self.person("ann") if state in (State.PRESENT, State.GONE) else self.connect()
        if state is State.NAMELESS:
            self.hub.execute(session, Hello(), START)
        if state is State.GONE:
            self.hub.disconnect(session, START)
        self.assertIs(session.state, state)
        return session

    def test_the_table_names_every_command_and_state(self) -> None:
        every = {
            each
            for each in vars(commands).values()
            if isinstance(each, type) and issubclass(each, Command) and each is not Command
        }
        self.assertEqual(set(EVERY_COMMAND), every)
        self.assertEqual(set(ALLOWED), set(State))
        self.assertEqual(set().union(*ALLOWED.values()), every)

    def test_every_cell_of_the_table(self) -> None:
        """What is not allowed is `WrongState` with the table's sentence, what is has a method."""
        refusals = (
            "Say hello with a nick first.",
            "This can be said only at the beginning of a",
            "This server has a password",
        )
        for state, allowed in ALLOWED.items():
            for kind, command in EVERY_COMMAND.items():
                sentence, session = "", self.in_state(state)
                try:
                    self.hub.execute(session, command, START)
                except ChatError as error:
                    sentence = error.sentence
                self.assertEqual(
                    sentence.startswith(refusals), kind not in allowed, (state, kind, sentence)
                )

    def test_acting_needs_a_name(self) -> None:
        for command in (Say(text="hi"), Join(room="attic"), Leave(), Appear()):
            with self.assertRaises(WrongState) as caught:
                self.hub.execute(self.in_state(State.NAMELESS), command, START)
            self.assertEqual(caught.exception.sentence, "Set a nick first.")

    def test_a_refused_command_changes_nothing(self) -> None:
        ann = self.person("ann")
        before = self.shape()
        for command in (
            Say(text=" "),
            Say(text="x" * 21),
            SetNick(nick="a b|c"),
            SetNick(nick="ann"),
            Join(room="||"),
            Leave(room="attic"),
            History(limit=0),
            Hello(),
        ):
            with self.assertRaises(ChatError):
                self.hub.execute(ann, command, START)
            self.assertEqual(self.shape(), before, command)

    def shape(self) -> object:
        rooms = [
            (room.info, room.people, room.audience, room.at, room.known(99))
            for room in self.hub._rooms.rooms
        ]
        return rooms, [
            (each.nick, each.user, each.state, each.current, tuple(each.rooms), each.rooms_made)
            for each in self.hub.sessions
        ]
