"""IRC: RFC 1459 and 2812, the Modern IRC documents and IRCv3, as one more wire.

- `line` parses and makes lines of bytes, `numerics`, `capabilities` and `isupport` are tables.
- `form` encodes what others see: one shared `Form` for each set of capabilities.
- `personal` encodes what one connection alone is told: answers, refusals, labels, echoes.
- `codec` takes lines: registration and capabilities, then whatever the subjects know.
- `door` puts the subjects together. A subject (`rooms`, `talk`, ...) is a module with a `SUBJECT`:

  `verbs`: what each command does: `Verb(handler, needs=least parameters)`. A handler is a function
  of (codec, line) that yields what it comes to, in order: an `Ask` (a command for the chat, whose
  answers come back as events) or a `Line` told at once. It raises `ChatError`, or yields numerics.

  `told`: how an event looks to all who see it: function of (form, event) to lines.

  `answers`: how it looks to the one connection whose command it answers, or to which alone it is
  told: function of (personal, request, event) to lines; `request` is None for what was not asked
  for. An `Ask` can bring an `answer` of its own, which comes first; None means the usual one.

  `failures`: which numeric a refusal is: {(code, verb or ""): numeric}.
"""
