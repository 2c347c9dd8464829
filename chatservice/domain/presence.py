"""Being there: away or not, who somebody is, and whom one does not want to hear."""

from __future__ import annotations

from chatservice.domain import commands, events
from chatservice.domain.addresses import host_of
from chatservice.domain.arrivals import Arrivals
from chatservice.domain.authority import Standing
from chatservice.domain.chatstate import NOT_CONNECTED, ChatState, Methods
from chatservice.domain.errors import BadInput, LimitReached, NoSuchPerson, TooLong
from chatservice.domain.facts import of_person
from chatservice.domain.letters import Letters
from chatservice.domain.records import AccountKept
from chatservice.domain.session import Session
from chatservice.domain.steps import Deliver, Step
from chatservice.domain.text import clean_realname, clean_text, name_keys, one_line

_SHOWN_FACTS = {"display-name", "pronouns", "status", "url"}
"""The keys of what a person tells that are of use to who asks about it."""


class Presence:
    """The commands about people, oneself and others."""

    def __init__(self, state: ChatState, arrivals: Arrivals, letters: Letters) -> None:
        self._people = state.people
        self._rooms = state.rooms
        self._limits = state.limits
        self._arrivals = arrivals
        self._letters = letters
        self._state = state
        self.methods: Methods = {
            commands.SetAway: self._set_away,
            commands.BeUnattended: self._be_unattended,
            commands.SetRealname: self._set_realname,
            commands.SetBot: self._set_bot,
            commands.SetInvisible: self._set_invisible,
            commands.Whois: self._whois,
            commands.Ignore: self._ignore,
        }

    def _set_away(self, session: Session, command: commands.SetAway, now: int) -> list[Step]:
        text = None if command.text is None else self._reason(command.text)
        return self._be_away(session, text, command.id, now)

    def _be_unattended(
        self, session: Session, command: commands.BeUnattended, now: int
    ) -> list[Step]:
        if session.away is None and session.connections == (session,):
            return self._be_away(session, NOT_CONNECTED, command.id, now)
        told = events.AwayChanged(
            nick=session.nick or "", user=session.user, text=NOT_CONNECTED, re=command.id
        )
        return [Deliver.to(session, told)]

    def _be_away(self, session: Session, text: str | None, re: str | None, now: int) -> list[Step]:
        steps = self._arrivals.appear(session, now)
        changed = text != session.away
        for each in session.everywhere:
            each.away = text
        self._arrivals.show_anew(session)
        told = events.AwayChanged(nick=session.nick or "", user=session.user, text=text, re=re)
        if not changed:
            return [*steps, Deliver.to(session, told)]
        return [*steps, *self._state.tell_about(session, told)]

    def _set_realname(
        self, session: Session, command: commands.SetRealname, now: int
    ) -> list[Step]:
        text = clean_realname(command.text, self._limits)
        steps = self._arrivals.appear(session, now)
        for each in session.everywhere:
            each.realname = text
        self._arrivals.show_anew(session)
        told = events.RealnameChanged(
            nick=session.nick or "", user=session.user, text=text, re=command.id
        )
        return [*steps, *self._state.tell_about(session, told)]

    def _set_bot(self, session: Session, command: commands.SetBot, now: int) -> list[Step]:
        steps = self._arrivals.appear(session, now)
        for each in session.everywhere:
            each.bot = command.active
        self._arrivals.show_anew(session)
        told = events.BotChanged(
            nick=session.nick or "", user=session.user, active=command.active, re=command.id
        )
        return [*steps, Deliver(self._rooms.audience_of(session), told, origin=session)]

    def _set_invisible(
        self, session: Session, command: commands.SetInvisible, _now: int
    ) -> list[Step]:
        self._people.make_invisible(session, command.active)
        told = events.InvisibleChanged(active=command.active, re=command.id)
        return [Deliver.to(session, told)]

    def _reason(self, text: str) -> str:
        line = one_line(clean_text(text, self._limits))
        most = self._limits.reason_characters
        if len(line) > most:
            raise TooLong(f"A reason has at most {most} characters; this one has {len(line)}.")
        return line

    def _whois(self, session: Session, command: commands.Whois, now: int) -> list[Step]:
        try:
            found = self._people.find(command.nick)
        except NoSuchPerson:
            owned = self._people.owners.find(command.nick)
            if owned is None:
                raise
            person = self._people.logged_in(owned.key)
            if person is None or person.nick is None:
                return [Deliver.to(session, _absent(owned, command.id))]
            found = person
        since, spoke = found.times
        found = next(iter(found.connections), found)
        close = session.operator or session.user == found.user
        names = dict.fromkeys(room for each in found.everywhere for room in each.rooms)
        if found.invisible and not close:
            own = {room for each in session.everywhere for room in each.rooms}
            names = {name: None for name in names if name in own}
        rooms = self._rooms.shown_to(session, names, now)
        roles = {
            name: self._rooms.existing(name).policy.roles.get(found.identity) for name in rooms
        }
        reply = events.WhoisReply(
            person=found.person,
            rooms=rooms,
            since=since,
            spoke=spoke,
            idle=max(0, now - max(since, spoke)) // 1000,
            facts=tuple(
                fact
                for fact in self._rooms.facts.of(of_person(found.person))
                if fact.key in _SHOWN_FACTS
            ),
            account=found.account_name,
            operator_in=tuple(name for name in rooms if roles[name] is Standing.OPERATOR),
            voice_in=tuple(name for name in rooms if roles[name] is Standing.VOICE),
            host=host_of(found.address) if close else None,
            invisible=found.invisible and close,
            re=command.id,
        )
        return [Deliver.to(session, reply)]

    def _ignore(self, session: Session, command: commands.Ignore, _now: int) -> list[Step]:
        if command.active:
            nick, ignored = self._with(session, command.nick)
        else:
            nick, ignored = self._without(session, command.nick)
        for each in session.everywhere:
            self._people.ignoring.change(each, ignored)
        what = "You hear nothing more from" if command.active else "You hear again from"
        told = Deliver.to(session, events.Notice(text=f"{what} {nick}.", re=command.id))
        return [told] if command.active else [told, *self._letters.waiting(session)]

    def _with(self, session: Session, nick: str) -> tuple[str, dict[str, str]]:
        """The nick of somebody, and what a session ignores together with this one."""
        found = self._people.find(nick)
        if found.user == session.user:
            raise BadInput("You cannot ignore yourself.")
        shown = found.nick or ""
        identities = frozenset().union(*(each.identities for each in found.everywhere))
        ignored = {**session.ignored, **dict.fromkeys(sorted(identities), shown)}
        if len(set(ignored.values())) > self._limits.ignored:
            raise LimitReached(f"You ignore {self._limits.ignored} people already.")
        return shown, ignored

    def _without(self, session: Session, nick: str) -> tuple[str, dict[str, str]]:
        """The nick of somebody, and what a session ignores without this one."""
        wanted = name_keys(nick)
        identities = {key for key, was in session.ignored.items() if wanted & name_keys(was)}
        shown = nick
        try:
            found = self._people.find(nick)
        except NoSuchPerson:
            pass
        else:
            shown = found.nick or ""
            identities |= session.ignored.keys() & found.identities
        if not identities:
            raise NoSuchPerson("You ignore nobody of that name.")
        left = {key: was for key, was in session.ignored.items() if key not in identities}
        return shown, left


def _absent(account: AccountKept, re: str | None) -> events.Absent:
    seen = max(account.made_at, account.seen_at)
    return events.Absent(nick=account.nick, seen=seen, re=re)
