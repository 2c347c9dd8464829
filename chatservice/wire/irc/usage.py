"""How each command is used: what HELP says."""

from __future__ import annotations

USAGE: dict[str, tuple[str, str]] = {
    "ADMIN": ("[<server>]", "Asks who runs this server."),
    "AWAY": (
        "[:<reason>]",
        "Says why you are away, or without a reason that you are back.",
    ),
    "CAP": ("LS|LIST|REQ|END [:<capabilities>]", "Negotiates what the connection is capable of."),
    "HELP": ("[<command>]", "Shows all commands, or how one is used."),
    "HELPOP": ("[<command>]", "The same as HELP."),
    "INFO": ("[<server>]", "Tells about this server."),
    "ISON": ("<nick> [<nick> ...]", "Asks which of these people are here."),
    "JOIN": (
        "<channel>{,<channel>} [<key>{,<key>}]",
        "Enters channels, made if need be.",
    ),
    "KILL": ("<nick> [:<reason>]", "Puts somebody out of the chat; for operators of the server."),
    "LINKS": ("", "Shows the servers of this network: there is one."),
    "LUSERS": ("", "Shows how many people are here."),
    "MODE": (
        "<target> [<modes> [<parameter> ...]]",
        "Shows or changes how a channel is, or what you are: +B a bot, +i invisible.",
    ),
    "MONITOR": (
        "+|-|C|L|S [<nick>{,<nick>}]",
        "Watches who comes and goes: adds, removes, clears, lists, asks for all.",
    ),
    "MOTD": ("[<server>]", "Shows the message of the day."),
    "NICK": ("<nick>", "Takes another nick."),
    "PART": ("<channel>{,<channel>} [:<reason>]", "Leaves channels."),
    "PING": ("<token>", "Asks for a sign of life."),
    "PONG": ("<token>", "Gives one."),
    "PRIVMSG": ("<target>{,<target>} :<text>", "Says something to channels or people."),
    "QUIT": ("[:<reason>]", "Leaves the chat."),
    "SETNAME": (":<real name>", "Takes another real name."),
    "STATS": ("<letter>", "Shows statistics; u is for how long the server is up."),
    "TIME": ("[<server>]", "Shows what time it is here."),
    "USER": ("<user> 0 * :<real name>", "Introduces you; the server gives everybody the user u."),
    "USERHOST": ("<nick> [<nick> ...]", "Shows who up to five people are."),
    "VERSION": ("[<server>]", "Shows what this server is, and what it supports."),
    "WALLOPS": (":<text>", "Tells all operators of the server something, as one of them."),
    "WHO": ("<mask> [o][%<fields>[,<token>]]", "Shows who is in a channel, or whom a mask fits."),
    "WHOIS": ("[<server>] <nick>{,<nick>}", "Shows who somebody is."),
    "WHOWAS": ("<nick>{,<nick>} [<count>]", "Shows who had a nick before."),
}
"""By name: the parameters, and one sentence."""
