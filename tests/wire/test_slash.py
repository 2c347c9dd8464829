"""The slash commands: every row says what it does, and shows its form to who gets it wrong."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain.commands import (
    Admit,
    Announce,
    AskCounts,
    AskSettings,
    AskTime,
    Ban,
    Broadcast,
    ChangePassword,
    Confide,
    Configure,
    Create,
    Delete,
    Edit,
    FindPeople,
    History,
    Ignore,
    Invite,
    Join,
    Kick,
    Kill,
    Leave,
    ListBans,
    ListInvitations,
    ListPeople,
    ListRooms,
    ListWatched,
    Login,
    Logout,
    Oper,
    Quit,
    React,
    Register,
    RenameRoom,
    Say,
    Search,
    SetAlwaysOn,
    SetAway,
    SetBot,
    SetInvisible,
    SetNick,
    SetRealname,
    SetRole,
    SetRoomPassword,
    SetTopic,
    Tell,
    Unban,
    Unoper,
    Unwatch,
    Watch,
    Whois,
    Whowas,
)
from chatservice.domain.errors import BadInput, UnknownCommand
from chatservice.domain.looking import FILTERS
from chatservice.wire.slash import SLASH, TABLE, Parsed, SetView, ShowHelp, text_of

RIGHT: dict[str, tuple[tuple[str, Parsed], ...]] = {
    "help": (
        ("/help", ShowHelp(None)),
        ("/help join", ShowHelp("join")),
        ("/HELP /Join", ShowHelp("join")),
    ),
    "nick": (
        ("/nick ann", SetNick(nick="ann")),
        ("/Nick  ann lee ", SetNick(nick="ann lee")),
    ),
    "me": (("/me waves  twice", Say(text="waves  twice", kind="action")),),
    "msg": (
        ("/msg ann hi  there ", Tell(to="ann", text="hi  there")),
        ("/whisper 123456 hi", Tell(to="123456", text="hi")),
        ("/w ann /hi", Tell(to="ann", text="/hi")),
        ("/tell ann x", Tell(to="ann", text="x")),
    ),
    "reply": (("/reply hi there", Tell(text="hi there")),),
    "who": (
        ("/who", ListPeople()),
        ("/names #attic", ListPeople(room="attic")),
        ("/users attic", ListPeople(room="attic")),
    ),
    "whois": (("/whois ann", Whois(nick="ann")), ("/whois 123456", Whois(nick="123456"))),
    "rooms": (("/rooms", ListRooms()), ("/list ", ListRooms())),
    "join": (
        ("/join attic", Join(room="attic")),
        ("/JOIN #attic", Join(room="attic")),
        ("/join attic my secret", Join(room="attic", password="my secret")),
    ),
    "time": (("/time", AskTime()),),
    "alwayson": (
        ("/alwayson", SetAlwaysOn()),
        ("/alwayson on", SetAlwaysOn(active=True)),
        ("/alwayson OFF", SetAlwaysOn(active=False)),
    ),
    "pass": (("/pass open sesame", Admit(password="open sesame")),),
    "oper": (("/oper ann secret", Oper(name="ann", password="secret")),),
    "unoper": (("/unoper", Unoper()),),
    "create": (
        ("/create attic", Create(room="attic")),
        ("/create #attic my secret", Create(room="attic", password="my secret")),
    ),
    "topic": (("/topic", SetTopic()), ("/topic all about it", SetTopic(topic="all about it"))),
    "password": (
        ("/password", SetRoomPassword()),
        ("/password my secret", SetRoomPassword(password="my secret")),
    ),
    "closed": (
        ("/closed on", Configure(invite_only=True)),
        ("/closed OFF", Configure(invite_only=False)),
    ),
    "moderated": (("/moderated on", Configure(moderated=True)),),
    "outside": (("/outside off", Configure(external=False)),),
    "topics": (("/topics all", Configure(topic_rule="all")),),
    "secret": (("/secret on", Configure(secret=True)),),
    "most": (
        ("/most 20", Configure(people_most=20)),
        ("/most Off", Configure(people_most=0)),
    ),
    "settings": (("/settings", AskSettings()),),
    "rename": (
        ("/rename #loft", RenameRoom(new="loft")),
        ("/rename loft it is higher", RenameRoom(new="loft", reason="it is higher")),
    ),
    "invitations": (("/invitations", ListInvitations()),),
    "quiet": (("/quiet *!*@1.chat", Ban(who="*!*@1.chat", kind="mute")),),
    "unquiet": (("/unquiet *!*@1.chat", Unban(who="*!*@1.chat", kind="mute")),),
    "exempt": (("/exempt ann", Ban(who="ann", kind="exception")),),
    "unexempt": (("/unexempt ann", Unban(who="ann", kind="exception")),),
    "visible": (
        ("/visible all", Configure(history="all")),
        ("/visible Joining", Configure(history="joining")),
    ),
    "keep": (
        ("/keep 500 messages", Configure(keep_messages=500)),
        ("/keep 30 Days", Configure(keep_days=30)),
        ("/keep 1 day", Configure(keep_days=1)),
        ("/keep all", Configure(keep_messages=0, keep_days=0)),
    ),
    "invite": (("/invite ann", Invite(nick="ann")),),
    "kick": (
        ("/kick ann", Kick(nick="ann")),
        ("/kick ann too loud", Kick(nick="ann", reason="too loud")),
    ),
    "ban": (
        ("/ban ann", Ban(who="ann")),
        ("/ban ann 30m", Ban(who="ann", seconds=1800)),
        ("/ban 192.0.2.1 7d too loud", Ban(who="192.0.2.1", seconds=604800, reason="too loud")),
        ("/ban ann too loud", Ban(who="ann", reason="too loud")),
    ),
    "unban": (("/unban ann", Unban(who="ann")),),
    "bans": (("/bans", ListBans()),),
    "mute": (("/mute ann", SetRole(nick="ann", role="muted")),),
    "unmute": (("/unmute ann", SetRole(nick="ann", role="member", was="muted")),),
    "voice": (("/voice ann", SetRole(nick="ann", role="voice")),),
    "op": (("/op ann", SetRole(nick="ann", role="operator")),),
    "deop": (("/deop ann", SetRole(nick="ann", role="member")),),
    "leave": (
        ("/leave", Leave()),
        ("/part #attic", Leave(room="attic")),
        ("/leave attic off to lunch", Leave(room="attic", reason="off to lunch")),
    ),
    "history": (("/history", History()), ("/history 007", History(limit=7))),
    "search": (
        ("/search lunch", Search(words="lunch")),
        ('/search "at noon"  from:ann', Search(words='"at noon"  from:ann')),
    ),
    "edit": (("/edit hello  there ", Edit(text="hello  there")),),
    "delete": (
        ("/delete", Delete()),
        ("/delete 12", Delete(seq=12)),
        ("/delete bob", Delete(nick="bob")),
    ),
    "confide": (("/confide  look at this", Confide(text="look at this")),),
    "react": (("/react +1", React(reaction="+1")), ("/react so  true", React(reaction="so  true"))),
    "unreact": (("/unreact +1", React(reaction="+1", active=False)),),
    "away": (("/away", SetAway()), ("/away at lunch", SetAway(text="at lunch"))),
    "ignore": (("/ignore ann", Ignore(nick="ann")),),
    "unignore": (("/unignore ann", Ignore(nick="ann", active=False)),),
    "realname": (
        ("/realname Ann  Other", SetRealname(text="Ann  Other")),
        ("/setname", SetRealname()),
    ),
    "bot": (("/bot on", SetBot()), ("/bot OFF", SetBot(active=False))),
    "invisible": (
        ("/invisible on", SetInvisible()),
        ("/invisible off", SetInvisible(active=False)),
    ),
    "find": (("/find ann* other", FindPeople(mask="ann* other")),),
    "whowas": (("/whowas ann", Whowas(nick="ann")),),
    "counts": (("/counts", AskCounts()), ("/lusers", AskCounts())),
    "watch": (
        ("/watch", ListWatched()),
        ("/watch ann", Watch(nicks=("ann",))),
        ("/monitor ann  bob", Watch(nicks=("ann", "bob"))),
    ),
    "unwatch": (("/unwatch ann", Unwatch(nicks=("ann",))),),
    "kill": (
        ("/kill ann", Kill(nick="ann")),
        ("/kill ann too loud", Kill(nick="ann", reason="too loud")),
    ),
    "broadcast": (("/broadcast hi all", Broadcast(text="hi all")),),
    "wallops": (("/wallops hi all", Announce(text="hi all")), ("/wall hi", Announce(text="hi"))),
    "register": (("/register pass-word", Register(password="pass-word")),),
    "login": (
        ("/login pass-word", Login(password="pass-word")),
        ("/login ann  pass-word ", Login(nick="ann", password="pass-word")),
    ),
    "logout": (("/logout", Logout()),),
    "passwd": (("/passwd old new", ChangePassword(old="old", new="new")),),
    "plain": (("/plain", SetView(True)),),
    "raw": (("/raw", SetView(False)),),
    "quit": (("/quit", Quit()), ("/exit so long", Quit(reason="so long"))),
}

WRONG = {
    "help": ("/help two words",),
    "nick": ("/nick", "/nick  "),
    "me": ("/me", "/me \t"),
    "msg": ("/msg", "/msg ann", "/msg ann "),
    "reply": ("/reply",),
    "who": ("/who two words",),
    "alwayson": ("/alwayson maybe",),
    "pass": ("/pass",),
    "oper": ("/oper", "/oper ann", "/oper ann two words"),
    "unoper": ("/unoper ann",),
    "whois": ("/whois", "/whois two words"),
    "rooms": ("/rooms all",),
    "join": ("/join",),
    "time": ("/time zone",),
    "create": ("/create",),
    "topic": (),
    "password": (),
    "closed": ("/closed", "/closed maybe"),
    "visible": ("/visible", "/visible nobody"),
    "keep": ("/keep", "/keep 30", "/keep 0 days", "/keep 1000000 days", "/keep 3 weeks"),
    "invite": ("/invite", "/invite two words"),
    "kick": ("/kick",),
    "ban": ("/ban",),
    "unban": ("/unban", "/unban two words"),
    "bans": ("/bans all",),
    "mute": ("/mute",),
    "unmute": ("/unmute",),
    "voice": ("/voice",),
    "op": ("/op",),
    "deop": ("/deop",),
    "leave": (),
    "moderated": ("/moderated", "/moderated maybe"),
    "outside": ("/outside",),
    "topics": (
        "/topics",
        "/topics nobody",
    ),
    "secret": ("/secret",),
    "most": ("/most", "/most 0", "/most -1", "/most many", "/most 12345678", "/most ٣"),
    "settings": ("/settings all",),
    "rename": ("/rename",),
    "invitations": ("/invitations all",),
    "quiet": ("/quiet", "/quiet two words"),
    "unquiet": ("/unquiet",),
    "exempt": ("/exempt",),
    "unexempt": ("/unexempt",),
    "history": ("/history 0", "/history -1", "/history x", "/history 123456", "/history ٣"),
    "search": ("/search", "/search  "),
    "edit": ("/edit",),
    "delete": ("/delete 1 2", "/delete bob now"),
    "confide": ("/confide",),
    "react": ("/react",),
    "unreact": ("/unreact",),
    "away": (),
    "ignore": ("/ignore", "/ignore two words"),
    "unignore": ("/unignore", "/unignore two words"),
    "realname": (),
    "bot": ("/bot", "/bot maybe"),
    "invisible": ("/invisible", "/invisible maybe"),
    "find": ("/find",),
    "whowas": ("/whowas", "/whowas two words"),
    "counts": ("/counts all",),
    "watch": (),
    "unwatch": ("/unwatch", "/unwatch two words"),
    "kill": ("/kill",),
    "wallops": ("/wallops",),
    "broadcast": ("/broadcast",),
    "register": ("/register", "/register two words"),
    "login": ("/login", "/login three words here"),
    "logout": ("/logout now",),
    "passwd": ("/passwd", "/passwd new", "/passwd three words here"),
    "plain": ("/plain text",),
    "raw": ("/raw text",),
    "quit": (),
}


class TableTests(SynchronousTestCase):
    def test_every_row_is_tried_below(self) -> None:
        names = {slash.name for slash in TABLE}
        self.assertEqual(set(RIGHT), names)
        self.assertEqual(set(WRONG), names)

    def test_no_name_stands_twice(self) -> None:
        names = [name for slash in TABLE for name in (slash.name, *slash.aliases)]
        self.assertEqual(sorted(set(names)), sorted(names))

    def test_right_forms(self) -> None:
        for examples in RIGHT.values():
            for line, parsed in examples:
                self.assertEqual(SLASH.parse(line), parsed, line)

    def test_wrong_forms_show_the_right_one(self) -> None:
        for name, lines in WRONG.items():
            slash = SLASH.find(name)
            assert slash is not None
            for line in lines:
                with self.assertRaises(BadInput) as caught:
                    SLASH.parse(line)
                self.assertEqual(
                    caught.exception.sentence, f"The right form is: {slash.form}", line
                )

    def test_every_row_has_a_line_of_help(self) -> None:
        lines = SLASH.help()
        on_a_line = [line for line in lines if len(f"* {line}") <= 80]
        self.assertGreater(len(on_a_line) / len(lines), 0.75)
        self.assertEqual(len(lines), len(TABLE))
        for slash, line in zip(TABLE, lines, strict=True):
            self.assertTrue(line.startswith(slash.form + "  "), line)
            self.assertTrue(line.endswith(slash.summary), line)
            [own] = SLASH.help(slash.name)
            self.assertTrue(own.startswith(f"{slash.form}  {slash.summary}"), own)
            for alias in slash.aliases:
                self.assertIn(f"/{alias}", own)
                self.assertEqual(SLASH.help(alias), (own,))

    def test_the_help_of_search_names_all_that_it_takes(self) -> None:
        [told] = SLASH.help("search")
        for taken in (*(f"{name}:" for name in FILTERS), "lunch* ", '"words like these"'):
            self.assertIn(taken, told)


class OtherLinesTests(SynchronousTestCase):
    def test_text_is_no_command(self) -> None:
        for line in ("hi", " /quit", "", "a/b"):
            self.assertIsNone(SLASH.parse(line))
            self.assertEqual(text_of(line), line)

    def test_two_slashes_say_the_rest_with_one(self) -> None:
        for line, text in (("//quit", "/quit"), ("//", "/"), ("///x", "//x")):
            self.assertIsNone(SLASH.parse(line))
            self.assertEqual(text_of(line), text)

    def test_unknown_commands(self) -> None:
        for line in ("/dance", "/", "/ quit", "/join\tattic"):
            with self.assertRaises(UnknownCommand) as caught:
                SLASH.parse(line)
            self.assertIn("/help shows all commands", caught.exception.sentence)
        with self.assertRaises(UnknownCommand):
            SLASH.help("dance")

    def test_what_was_typed_is_shown_shortened_and_without_what_steers_a_terminal(self) -> None:
        for ask in (lambda: SLASH.parse("/\x1b[2J\r" + "x" * 99), lambda: SLASH.help("\x1b" * 99)):
            with self.assertRaises(UnknownCommand) as caught:
                ask()
            self.assertTrue(caught.exception.sentence.isprintable())
            self.assertLess(len(caught.exception.sentence), 100)
