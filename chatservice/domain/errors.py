"""Every refusal: a stable code for programs and one sentence for people."""

from __future__ import annotations

from typing import ClassVar


class ChatError(Exception):
    """A refusal; `code` is stable, `sentence` says what was wrong and what would be right.

    `room` is the room that it is about, where a client has to know that. A `final` one is the end
    of the connection.
    """

    code: ClassVar[str] = "error"

    def __init__(self, sentence: str, room: str | None = None, *, final: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.room = room
        self.final = final


class BadInput(ChatError):
    """What came in is not of the protocol's form."""

    code = "bad-input"


class UnknownCommand(ChatError):
    """The form is right, the command does not exist."""

    code = "unknown-command"


class WrongState(ChatError):
    """The command exists, but not before (or after) something else."""

    code = "wrong-state"


class TooLong(ChatError):
    """A unit, text or name exceeds its limit."""

    code = "too-long"


class BadName(ChatError):
    """A nick or room name holds what names never hold."""

    code = "bad-name"


class NameTaken(ChatError):
    """Somebody else has this nick, or one that looks the same."""

    code = "name-taken"


class SameName(ChatError):
    """The requester has this nick already."""

    code = "same-name"


class NoSuchRoom(ChatError):
    """There is no room of this name."""

    code = "no-such-room"


class NoSuchPerson(ChatError):
    """Nobody of this nick or id is here."""

    code = "no-such-person"


class LoginNeeded(ChatError):
    """Only who is logged in can do this: tell somebody something who is not here, say."""

    code = "login-needed"


class NoSuchMessage(ChatError):
    """There is no message of this seq in the room."""

    code = "no-such-message"


class NoSuchReaction(ChatError):
    """What is to be taken back was never a reaction of this person's."""

    code = "no-such-reaction"


class NotInRoom(ChatError):
    """The command needs membership of a room that the session is not in."""

    code = "not-in-room"


class NotThere(NotInRoom):
    """Somebody whom the command is about is not in the room."""

    code = "not-there"


class AlreadyThere(ChatError):
    """Somebody who is invited is in the room."""

    code = "already-there"


class Forbidden(ChatError):
    """The room's rules do not let this person do it."""

    code = "forbidden"


class OperatorNeeded(Forbidden):
    """It takes an operator of the room, or a voice, or an operator of the server."""

    code = "operator-needed"


class BannedHere(Forbidden):
    """This person is banned from the room."""

    code = "banned"


class InvitationNeeded(Forbidden):
    """The room is by invitation only."""

    code = "invitation-needed"


class RoomFull(Forbidden):
    """As many people are in the room as it lets in."""

    code = "room-full"


class Muted(Forbidden):
    """This person may only listen in the room."""

    code = "muted"


class Moderated(Forbidden):
    """Only voices and operators talk in the room."""

    code = "moderated"


class ServerOperatorNeeded(Forbidden):
    """This is for operators of the server alone."""

    code = "server-operator-needed"


class PasswordNeeded(ChatError):
    """The room has a password, and the given one is missing or wrong."""

    code = "password-needed"


class ServerPasswordNeeded(ChatError):
    """The server has a password, which has to be said before anything else."""

    code = "server-password-needed"


class RoomExists(ChatError):
    """A room of this name is there already."""

    code = "room-exists"


class EmptyText(ChatError):
    """Nothing was left to say once the text was cleaned."""

    code = "empty-text"


class WrongPassword(ChatError):
    """The password is not the right one."""

    code = "wrong-password"


class WeakPassword(ChatError):
    """The new password is too short."""

    code = "weak-password"


class RegistrationClosed(ChatError):
    """Nobody makes accounts here by themselves."""

    code = "registration-closed"


class BadKey(ChatError):
    """A key holds what keys never hold."""

    code = "bad-key"


class BadValue(ChatError):
    """A value is too long, or not text."""

    code = "bad-value"


class LimitReached(ChatError):
    """A count or a rate is exhausted."""

    code = "limit-reached"


class NoAnswer(ChatError):
    """A client gave no sign of life when it was asked for one."""

    code = "no-answer"


class NotStored(ChatError):
    """The message could not be kept, so nobody was given it."""

    code = "not-stored"


def no_longer_in(room: str) -> NotInRoom:
    """For who was put out of a room before something that it asked for there was done."""
    return NotInRoom(f"You are no longer in #{room}.")
