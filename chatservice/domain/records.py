"""What is kept: the records that the store is given, and the questions it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from chatservice.domain.commands import RuleKind, TopicRule
from chatservice.domain.events import Message
from chatservice.domain.quick import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message to keep; `client` (a hash) and `message.re` together tell a retry.

    `author` is the identity of who said it, if that outlives the connection.
    """

    room_id: int
    message: Message
    client: bytes | None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """Nothing to keep, but `Retried` if a `Said` of this client and id is kept already."""

    client: bytes
    re: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomKept:
    """A room's settings, all of them, as they are from now on; `history` is `all` or `joining`.

    `keep_messages` and `keep_days` bound what is kept, `people_most` who comes in; 0 is no bound.
    Times that are not known are 0.
    """

    room_id: int
    name: str
    topic: str = ""
    password: str | None = None
    invite_only: bool = False
    history: str = "all"
    keep_messages: int = 0
    keep_days: int = 0
    topic_by: str = ""
    topic_at: int = 0
    made_at: int = 0
    moderated: bool = False
    topic_rule: TopicRule = "voices"
    secret: bool = False
    external: bool = False
    no_ctcp: bool = False
    people_most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamedRoom:
    """A room has another name from now on, which no other one has; its messages too."""

    room_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberKept:
    """What an identity is in a room from now on; no role, and it is nothing special any more.

    `since` is the seq of the room's last message when it joined: a room may show no earlier ones.
    """

    room_id: int
    identity: str
    role: str | None
    since: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BanKept:
    """A ban from a room, or another rule; `until` is UTC in ms, None for ever; lifted, it is gone.

    `mask` is what is banned: `nick:KEY`, `address:IP` (of IPv6 a /64), `mask:NICK!USER@HOST`, or an
    identity. It was made `at` that time, 0 if that is not known.
    """

    room_id: int
    mask: str
    shown: str
    until: int | None = None
    reason: str = ""
    by: str = ""
    lifted: bool = False
    kind: RuleKind = "ban"
    at: int = 0

    def lasts(self, now: int) -> bool:
        """Whether it has not ended by then."""
        return self.until is None or self.until > now

    def outlasts(self, until: int | None) -> bool:
        """Whether one that is until then ends no later."""
        return self.until is None or (until is not None and self.until >= until)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKept:
    """An account as it is from now on; `key` is its name's, `nick` its name as it is shown.

    `seen_at` is when its owner's last connection ended, 0 if that was never seen. `scram` is what
    knows a SCRAM-SHA-256 proof of the password. `always_on` stays in its rooms with no connection.
    """

    key: str
    nick: str
    password: str
    made_at: int
    seen_at: int = 0
    scram: str = ""
    always_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenKept:
    """The last connection of an account's owner ended; nothing, if there is no such account."""

    key: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A message has another text from now on; one that is deleted or not there has not."""

    room_id: int
    seq: int
    text: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A message has no text any more; its place stays."""

    room_id: int
    seq: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionKept:
    """Somebody, told by the account or else by `user`, reacts to a message, or does so no more."""

    room_id: int
    seq: int
    reaction: str
    nick: str
    user: str
    account: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FactKept:
    """What an account (`account:KEY`) or a room (`room:ID`) tells under a key, None for nothing."""

    owner: str
    key: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StayKept:
    """An account stays in a room whether it is connected or not, or does no more."""

    room_id: int
    account: str
    stays: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkKept:
    """An account has read a place up to this time: `#` and a room's name, or `@` and a key."""

    account: str
    place: str
    at: int


Lasting = (
    Said
    | Edited
    | Deleted
    | ReactionKept
    | MarkKept
    | StayKept
    | FactKept
    | RoomKept
    | RenamedRoom
    | MemberKept
    | BanKept
    | AccountKept
    | SeenKept
)
"""Whatever is kept."""

Record = Lasting | Doubted
"""Whatever the store is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The record is in the store, if it is to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """The same client sent the same id before: nothing was stored, this is the first one."""

    room: str
    seq: int
    id: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRoom:
    """A room as the store has it; `seq` and `at` are those of its last message, 0 for none."""

    id: int
    name: str
    seq: int
    at: int
    settings: RoomKept | None = None
    members: tuple[MemberKept, ...] = ()
    bans: tuple[BanKept, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which messages of a room to read: the latest ones before, the first ones after, or around.

    Bounds are seqs, or (`_at`) times. Of what is after one of them, the `newest` can be asked for.
    Two of them can be in either order: those nearest to what is given as `after` come.
    """

    room_id: int
    limit: int
    before: int | None = None
    after: int | None = None
    around: int | None = None
    before_at: int | None = None
    after_at: int | None = None
    around_at: int | None = None
    newest: bool = False
    characters: int = 131072


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Messages oldest first; `more` says that others lie beyond, in the asked direction.

    `authors` are the identities of who said them, as far as they are kept.
    """

    messages: tuple[Message, ...]
    more: bool
    authors: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which messages to find in these rooms: those that hold all `words`; for none, any message.

    The first 16 words count. One that ends in `*` may go on (after two letters at least), those in
    quotation marks follow each other. `before` is the `next` of the answer that this one goes on
    from. The time, UTC in ms, is from `since_at` on and before `until_at`. `nick` is compared
    without regard to case.
    """

    room_ids: tuple[int, ...]
    words: str
    limit: int
    before: int | None = None
    nick: str | None = None
    since_at: int | None = None
    until_at: int | None = None
    characters: int = 131072


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Messages newest first; `next` is where to go on, if there may be more: even after none."""

    messages: tuple[Message, ...]
    next: int | None = None

    @property
    def more(self) -> bool:
        """Whether it is worth while to go on."""
        return self.next is not None
