"""The numerics: what each is called, its number, and how it ends unless the caller says it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from chatservice.wire.irc.line import Line, word

NUMERICS: dict[str, tuple[str, str | None]] = {
    "RPL_WELCOME": ("001", None),
    "RPL_YOURHOST": ("002", None),
    "RPL_CREATED": ("003", None),
    "RPL_MYINFO": ("004", None),
    "RPL_ISUPPORT": ("005", "are supported by this server"),
    "RPL_ENDOFSTATS": ("219", "End of /STATS report"),
    "RPL_UMODEIS": ("221", None),
    "RPL_STATSUPTIME": ("242", None),
    "RPL_LUSERCLIENT": ("251", None),
    "RPL_LUSEROP": ("252", "operator(s) online"),
    "RPL_LUSERUNKNOWN": ("253", "unknown connection(s)"),
    "RPL_LUSERCHANNELS": ("254", "channels formed"),
    "RPL_LUSERME": ("255", None),
    "RPL_LOCALUSERS": ("265", None),
    "RPL_GLOBALUSERS": ("266", None),
    "RPL_AWAY": ("301", None),
    "RPL_USERHOST": ("302", None),
    "RPL_ISON": ("303", None),
    "RPL_UNAWAY": ("305", "You are no longer marked as being away"),
    "RPL_NOWAWAY": ("306", "You have been marked as being away"),
    "RPL_WHOISUSER": ("311", None),
    "RPL_WHOISSERVER": ("312", None),
    "RPL_WHOISOPERATOR": ("313", "is an IRC operator"),
    "RPL_WHOWASUSER": ("314", None),
    "RPL_ENDOFWHO": ("315", "End of /WHO list"),
    "RPL_WHOISIDLE": ("317", "seconds idle, signon time"),
    "RPL_ENDOFWHOIS": ("318", "End of /WHOIS list"),
    "RPL_WHOISCHANNELS": ("319", None),
    "RPL_LISTSTART": ("321", "Users  Name"),
    "RPL_LIST": ("322", None),
    "RPL_LISTEND": ("323", "End of /LIST"),
    "RPL_CHANNELMODEIS": ("324", None),
    "RPL_CREATIONTIME": ("329", None),
    "RPL_WHOISACCOUNT": ("330", "is logged in as"),
    "RPL_NOTOPIC": ("331", "No topic is set"),
    "RPL_TOPIC": ("332", None),
    "RPL_TOPICWHOTIME": ("333", None),
    "RPL_WHOISBOT": ("335", None),
    "RPL_INVITELIST": ("336", None),
    "RPL_ENDOFINVITELIST": ("337", "End of /INVITE list"),
    "RPL_INVITING": ("341", None),
    "RPL_INVEXLIST": ("346", None),
    "RPL_ENDOFINVEXLIST": ("347", "End of channel invite exception list"),
    "RPL_EXCEPTLIST": ("348", None),
    "RPL_ENDOFEXCEPTLIST": ("349", "End of channel exception list"),
    "RPL_VERSION": ("351", None),
    "RPL_WHOREPLY": ("352", None),
    "RPL_NAMREPLY": ("353", None),
    "RPL_WHOSPCRPL": ("354", None),
    "RPL_LINKS": ("364", None),
    "RPL_ENDOFLINKS": ("365", "End of /LINKS list"),
    "RPL_ENDOFNAMES": ("366", "End of /NAMES list"),
    "RPL_BANLIST": ("367", None),
    "RPL_ENDOFBANLIST": ("368", "End of channel ban list"),
    "RPL_ENDOFWHOWAS": ("369", "End of WHOWAS"),
    "RPL_INFO": ("371", None),
    "RPL_MOTD": ("372", None),
    "RPL_ENDOFINFO": ("374", "End of /INFO list"),
    "RPL_MOTDSTART": ("375", None),
    "RPL_ENDOFMOTD": ("376", "End of /MOTD command"),
    "RPL_WHOISHOST": ("378", None),
    "RPL_WHOISMODES": ("379", None),
    "RPL_YOUREOPER": ("381", "You are now an IRC operator"),
    "RPL_TIME": ("391", None),
    "ERR_NOSUCHNICK": ("401", "No such nick/channel"),
    "ERR_NOSUCHSERVER": ("402", "No such server"),
    "ERR_NOSUCHCHANNEL": ("403", "No such channel"),
    "ERR_CANNOTSENDTOCHAN": ("404", None),
    "ERR_TOOMANYCHANNELS": ("405", None),
    "ERR_WASNOSUCHNICK": ("406", "There was no such nickname"),
    "ERR_TOOMANYTARGETS": ("407", "Too many targets"),
    "ERR_NOORIGIN": ("409", "No origin specified"),
    "ERR_INVALIDCAPCMD": ("410", "Invalid CAP command"),
    "ERR_NORECIPIENT": ("411", None),
    "ERR_NOTEXTTOSEND": ("412", "No text to send"),
    "ERR_INPUTTOOLONG": ("417", "Input line was too long"),
    "ERR_UNKNOWNCOMMAND": ("421", "Unknown command"),
    "ERR_NOMOTD": ("422", "There is no message of the day"),
    "ERR_NOADMININFO": ("423", "No administrative info available"),
    "ERR_NONICKNAMEGIVEN": ("431", "No nickname given"),
    "ERR_ERRONEUSNICKNAME": ("432", None),
    "ERR_NICKNAMEINUSE": ("433", None),
    "ERR_USERNOTINCHANNEL": ("441", "They aren't on that channel"),
    "ERR_NOTONCHANNEL": ("442", "You're not on that channel"),
    "ERR_USERONCHANNEL": ("443", "is already on channel"),
    "ERR_NOTREGISTERED": ("451", "You have not registered"),
    "ERR_NEEDMOREPARAMS": ("461", "Not enough parameters"),
    "ERR_ALREADYREGISTERED": ("462", "You may not reregister"),
    "ERR_PASSWDMISMATCH": ("464", "Password incorrect"),
    "ERR_CHANNELISFULL": ("471", "Cannot join channel (+l)"),
    "ERR_UNKNOWNMODE": ("472", "is unknown mode char to me"),
    "ERR_INVITEONLYCHAN": ("473", "Cannot join channel (+i)"),
    "ERR_BANNEDFROMCHAN": ("474", None),
    "ERR_BADCHANNELKEY": ("475", None),
    "ERR_NEEDREGGEDNICK": ("477", None),
    "ERR_BADCHANMASK": ("476", None),
    "ERR_BANLISTFULL": ("478", None),
    "ERR_NOPRIVILEGES": ("481", "Permission Denied- You're not an IRC operator"),
    "ERR_CHANOPRIVSNEEDED": ("482", "You're not channel operator"),
    "ERR_NOOPERHOST": ("491", "No O-lines for your host"),
    "ERR_UMODEUNKNOWNFLAG": ("501", "Unknown MODE flag"),
    "ERR_USERSDONTMATCH": ("502", "Can't change mode for other users"),
    "ERR_HELPNOTFOUND": ("524", "No help available on this topic"),
    "ERR_INVALIDMODEPARAM": ("696", None),
    "RPL_HELPSTART": ("704", None),
    "RPL_HELPTXT": ("705", None),
    "RPL_ENDOFHELP": ("706", None),
    "RPL_MONONLINE": ("730", None),
    "RPL_MONOFFLINE": ("731", None),
    "RPL_MONLIST": ("732", None),
    "RPL_ENDOFMONLIST": ("733", "End of MONITOR list"),
    "ERR_MONLISTFULL": ("734", "Monitor list is full."),
    "RPL_WHOISKEYVALUE": ("760", None),
    "RPL_KEYVALUE": ("761", None),
    "RPL_KEYNOTSET": ("766", "no matching key"),
    "RPL_METADATASUBOK": ("770", None),
    "RPL_METADATAUNSUBOK": ("771", None),
    "RPL_METADATASUBS": ("772", None),
    "RPL_LOGGEDIN": ("900", None),
    "RPL_LOGGEDOUT": ("901", "You are now logged out"),
    "RPL_SASLSUCCESS": ("903", "SASL authentication successful"),
    "ERR_SASLFAIL": ("904", "SASL authentication failed"),
    "ERR_SASLTOOLONG": ("905", "SASL message too long"),
    "ERR_SASLABORTED": ("906", "SASL authentication aborted"),
    "RPL_SASLMECHS": ("908", "are available SASL mechanisms"),
}
"""By name: the number, and the last parameter; None where that differs from case to case."""


def numeric(source: str, nick: str, name: str, *params: str) -> Line:
    """A numeric to somebody, with its usual last parameter if it has one."""
    number, text = NUMERICS[name]
    last = () if text is None else (text,)
    return Line(verb=number, params=(nick, *params, *last), source=source)


@dataclass(slots=True, kw_only=True)
class Numerics(Line):
    """Several as one line, each by its name and parameters: for who has asked for no tags.

    The only parameter is to whom they are. All else is made once, if many get the same.
    """

    verb: str = ""
    told: tuple[tuple[str, ...], ...]

    def plain(self) -> bytes:
        """All of them."""
        nick = word(self.params[0]).encode("utf-8", "replace")
        return nick.join(_around(self.source or "", self.told, len(nick)))


@lru_cache(maxsize=32)
def _around(source: str, told: tuple[tuple[str, ...], ...], size: int) -> list[bytes]:
    """What is around a nick of this many bytes in numerics."""
    around = [b""]
    for name, *params in told:
        line = numeric(source, "x" * size, name, *params)
        start = len(f":{word(source)} {line.verb} ".encode("utf-8", "replace"))
        data = line.plain()
        around[-1] += data[:start]
        around.append(data[start + size :])
    return around
