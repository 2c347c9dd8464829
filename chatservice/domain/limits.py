"""Every number with a meaning, each with its unit and its reason."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


def _limit(default: float, unit: str, reason: str) -> Any:
    return dataclasses.field(default=default, metadata={"unit": unit, "reason": reason})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits in force; `--limit NAME=VALUE` sets one."""

    unit_bytes: int = _limit(8192, "bytes", "one line or object; past it one error, then a close")
    message_bytes: int = _limit(65536, "bytes", "of a WebSocket message, past it the same")
    stranger_unit_bytes: int = _limit(1024, "bytes", "the same before a name is set")
    sniff_bytes: int = _limit(512, "bytes", "held at most while the protocol is being told")
    sniff_seconds: float = _limit(0.3, "seconds", "of silence, then the server greets first")
    fragment_seconds: float = _limit(
        0.15, "seconds", "of silence that end a line sent without a line end"
    )
    segment_seconds: float = _limit(
        0.005, "seconds", "between two lines to clients that look at the start of a chunk only"
    )
    text_characters: int = _limit(4000, "characters", "of one message; past it refused")
    nick_characters: int = _limit(32, "characters", "of a nick; past it refused")
    realname_characters: int = _limit(
        150, "characters", "of what one tells about oneself; past it refused"
    )
    topic_characters: int = _limit(390, "characters", "of a room's topic; past it refused")
    reason_characters: int = _limit(200, "characters", "of a reason for a kick, a ban, being away")
    past_people: int = _limit(1000, "people", "who gave a nick up are remembered")
    found_people: int = _limit(500, "people", "a search for people may return")
    watched: int = _limit(100, "people", "one session may watch; past it refused")
    reaction_characters: int = _limit(32, "characters", "of a reaction; past it refused")
    message_reactions: int = _limit(50, "reactions", "to one message; past it refused")
    read_marks: int = _limit(
        1000, "rooms and people", "for which it is known how far one has read; past it refused"
    )
    ignored: int = _limit(200, "people", "one session may ignore; past it refused")
    room_bans: int = _limit(1000, "bans", "and other rules of one room; past it refused")
    room_guests: int = _limit(
        1000, "people", "without account or role who have left but may come back as let in"
    )
    mask_characters: int = _limit(128, "characters", "of a mask `nick!user@host` in such a rule")
    ban_seconds: int = _limit(31536000, "seconds", "the longest ban that ends by itself (a year)")
    room_characters: int = _limit(64, "characters", "of a room name; past it refused")
    rename_seconds: int = _limit(
        60, "seconds", "between two new names of a room, each told at length to everybody in it"
    )
    introduction_seconds: float = _limit(
        20, "seconds", "to say something usable on a wire that does not greet"
    )
    silence_seconds: float = _limit(
        120,
        "seconds",
        "of an IRC client's silence, up to twice as many, then it is asked for a sign (`PING`)",
    )
    answer_seconds: float = _limit(
        240, "seconds", "to give one, then it is dropped, which others see as a ping timeout"
    )
    appear_seconds: float = _limit(
        30, "seconds", "a greeted connection may listen before all see it"
    )
    slow_pause_bytes: int = _limit(
        65536, "bytes", "waiting for a slow reader, then its input is paused"
    )
    slow_drop_bytes: int = _limit(262144, "bytes", "waiting for a slow reader, then it is dropped")
    slow_seconds: float = _limit(
        30, "seconds", "without progress of a slow reader, then it is dropped"
    )
    connections: int = _limit(0, "connections", "in all; 0 means the process's file limit less 64")
    address_connections: int = _limit(
        64, "connections", "from one IPv4 address or IPv6 /64; 0 means no limit"
    )
    address_new_connections: int = _limit(
        30, "connections", "newly made by one address in 10 seconds; 0 means no limit"
    )
    throttle_loopback: int = _limit(
        0, "0 or 1", "1 gives this machine's own connections all limits, and no more rights"
    )
    message_burst: int = _limit(10, "commands", "one session may send at once")
    message_rate: float = _limit(
        5, "commands a second", "one session may send for ever; more waits, unlost"
    )
    paste_lines: int = _limit(20, "lines", "arriving together that are taken as one burst")
    flood_seconds: float = _limit(
        120, "seconds", "of sending faster than the rate without a break, then a close"
    )
    rooms_per_session: int = _limit(20, "rooms", "one session may make")
    address_rooms: int = _limit(500, "rooms an hour", "made from one address")
    rooms: int = _limit(10000, "rooms", "in all")
    replay_messages: int = _limit(50, "messages", "replayed on joining (`--history`)")
    history_messages: int = _limit(500, "messages", "one history request may return")
    history_bytes: int = _limit(131072, "characters", "of text one history page may hold")
    recent_messages: int = _limit(500, "messages", "of each active room kept in memory")
    pending_messages: int = _limit(10000, "messages", "waiting for the disk; past it refused")
    retry_seconds: int = _limit(
        604800, "seconds", "a repeated client-chosen id is taken as a retry (7 days)"
    )
    create_seconds: float = _limit(
        0.25, "seconds", "until one enters a new channel by itself, if no join comes"
    )
    roster_bytes_per_second: int = _limit(
        20000000, "bytes a second", "spent on full user lists; a huge lobby's lists come less often"
    )
    notice_pause: float = _limit(
        0.0001,
        "seconds for each listener",
        "between two rounds of joins and leaves: one room of 1,000 gets 10 rounds a second",
    )
    password_least_characters: int = _limit(
        8, "characters", "of a new account's password at least; fewer are soon guessed"
    )
    password_characters: int = _limit(300, "characters", "of a password; past it refused")
    password_tries: int = _limit(
        5, "wrong passwords", "of one address for one name at once, then refused unchecked"
    )
    password_seconds: float = _limit(60, "seconds", "until one more of these may be tried")
    scram_iterations: int = _limit(
        100000, "rounds", "that a guess of a stolen SCRAM verifier takes, and each client's login"
    )
    login_seconds: float = _limit(
        30, "seconds", "to log in for who takes a registered nick, then another one is given"
    )
    facts: int = _limit(50, "keys", "under which somebody or a room may tell something")
    fact_bytes: int = _limit(300, "bytes", "of what is told under one key")
    fact_subscriptions: int = _limit(100, "keys", "one session may subscribe to")
    always_on_rooms: int = _limit(
        100, "rooms", "an always-on account stays in while it is not connected"
    )
    address_accounts: int = _limit(10, "accounts an hour", "registered from one address")
    udp_answers_per_second: float = _limit(
        1, "answers a second", "to discovery queries of one address"
    )
    shutdown_seconds: float = _limit(4, "seconds", "connections get to take the last lines")
