"""The colours: a palette for each theme, and the user's own themes on top of them."""

from __future__ import annotations

from collections.abc import Mapping

import urwid

from chatservice.domain.errors import BadInput

Colours = tuple[str, ...]
Theme = Mapping[str, Colours]
Entry = tuple[str, str, str, str, str, str]


def _entry(role: str, colours: Colours) -> Entry:
    """What is left out: the default background and mono, the 16-colour pair for 256 colours."""
    foreground, background, mono, high, high_background = (*colours, *("",) * 5)[:5]
    background = background or "default"
    return (
        role,
        foreground,
        background,
        mono or "default",
        high or foreground,
        high_background or ("default" if high else background),
    )


# Each has a contrast of nearly 4 or more with both black and white.
_NICK_COLOURS = (
    ("dark red", "#a66"),
    ("brown", "#a60"),
    ("brown", "#680"),
    ("dark green", "#080"),
    ("dark cyan", "#086"),
    ("dark cyan", "#088"),
    ("dark cyan", "#08a"),
    ("light blue", "#06f"),
    ("light blue", "#66f"),
    ("dark magenta", "#86f"),
    ("dark magenta", "#a6a"),
    ("dark magenta", "#d0d"),
    ("dark magenta", "#d0a"),
    ("dark red", "#d06"),
)
NICKS = len(_NICK_COLOURS)
_NICKS: dict[str, Colours] = {
    f"nick{number}": (colour, "default", "bold", high, "default")
    for number, (colour, high) in enumerate(_NICK_COLOURS)
}

DARK: dict[str, Colours] = {
    "text": ("default", "default"),
    "time": ("dark gray", "default", "default", "g50", "default"),
    "rule": ("dark gray", "default", "default", "g42", "default"),
    "heading": ("default,bold", "default", "bold"),
    "title": ("white", "dark blue", "standout", "#fff", "#006"),
    "status": ("white", "dark blue", "standout", "#fff", "#006"),
    "more": ("yellow", "dark blue", "standout,bold", "#fd0", "#006"),
    "warning": ("yellow", "dark blue", "standout,bold", "#fd0", "#006"),
    "notice": ("dark cyan", "default", "default", "#08a", "default"),
    "error": ("light red", "default", "bold", "#f66", "default"),
    "presence": ("dark gray", "default", "default", "g50", "default"),
    "pending": ("dark gray", "default", "underline", "g50", "default"),
    "failed": ("light red", "default", "underline", "#f66", "default"),
    "mention": ("black", "yellow", "standout,bold", "#000", "#fd0"),
    "mentioned": ("yellow", "default", "bold", "#fd8", "default"),
    "new": ("light red", "default", "bold", "#f66", "default"),
    "day": ("dark gray", "default", "default", "g50", "default"),
    "room": ("default", "default"),
    "room_unread": ("default,bold", "default", "bold"),
    "room_mention": ("black", "yellow", "standout,bold", "#000", "#fd0"),
    "room_current": ("light cyan,bold", "default", "standout", "#6df,bold", "default"),
    "me": ("default,bold", "default", "bold"),
    "chosen": ("black", "light gray", "standout", "#000", "g78"),
    **_NICKS,
}
LIGHT: dict[str, Colours] = {
    **DARK,
    "title": ("black", "light gray", "standout", "#000", "g82"),
    "status": ("black", "light gray", "standout", "#000", "g82"),
    "more": ("dark red", "light gray", "standout,bold", "#800", "g82"),
    "warning": ("dark red", "light gray", "standout,bold", "#800", "g82"),
    "error": ("dark red", "default", "bold", "#d00", "default"),
    "failed": ("dark red", "default", "underline", "#d00", "default"),
    "mentioned": ("brown", "default", "bold", "#860", "default"),
    "new": ("dark red", "default", "bold", "#d00", "default"),
    "room_current": ("dark blue,bold", "default", "standout", "#06a,bold", "default"),
    "chosen": ("white", "dark gray", "standout", "#fff", "g35"),
}
MONO: dict[str, Colours] = {
    role: (entry[3], "default", entry[3])
    for role, entry in ((role, _entry(role, colours)) for role, colours in DARK.items())
}
BUILT_IN: dict[str, Theme] = {"dark": DARK, "light": LIGHT, "mono": MONO}


def names(own: Mapping[str, Theme]) -> tuple[str, ...]:
    """The themes there are."""
    return tuple(dict.fromkeys([*BUILT_IN, *own]))


def palette(name: str, own: Mapping[str, Theme]) -> list[Entry]:
    """The urwid palette of a theme; what the user's own leaves out is that of `dark`.

    Raises `BadInput` with a sentence for a theme, role or colour that does not exist.
    """
    theme = own.get(name, BUILT_IN.get(name))
    if theme is None:
        raise BadInput(f"There is no theme {name[:32]}; there are {', '.join(names(own))}.")
    for role, colours in theme.items():
        if role not in DARK:
            raise BadInput(f"Theme {name}: there is no {role}; there are {', '.join(DARK)}.")
        _check(name, role, colours)
    return [_entry(role, colours) for role, colours in {**DARK, **theme}.items()]


def _check(name: str, role: str, colours: Colours) -> None:
    try:
        if not 1 <= len(colours) <= 5:
            raise ValueError
        _, foreground, background, mono, high, high_background = _entry(role, colours)
        urwid.AttrSpec(foreground, background, 16)
        urwid.AttrSpec(mono, "default", 1)
        urwid.AttrSpec(high, high_background, 256)
    except (ValueError, urwid.AttrSpecError):
        raise BadInput(
            f"Theme {name}: {role} = {list(colours)} is no list of colours; "
            'as in ["yellow", "dark blue"].'
        ) from None
