"""The native wire's objects: what comes back is what went in, and each refusal has its sentence."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, replace
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatservice.domain import events
from chatservice.domain.commands import Hello, History, Join, Ping, Say, SetNick, Typing
from chatservice.domain.errors import BadInput, UnknownCommand
from chatservice.domain.events import Event, Message, Notice, Pong, Welcome
from chatservice.wire.names import COMMANDS, EVENTS
from chatservice.wire.schema import (
    DEEPEST,
    LARGEST_INTEGER,
    LONGEST_ID,
    command_id,
    dump,
    load_command,
    load_event,
)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST_ID)


SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(-LARGEST_INTEGER, LARGEST_INTEGER),
    bool: st.booleans(),
    type(None): st.none(),
}
"""Any value that the wire can carry, by its type."""


def values(hint: Any, simple: dict[Any, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Any value of a field's type."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        return st.lists(values(args[0], simple), max_size=3).map(tuple)
    if origin is Union or type(None) in args:
        return st.one_of([values(each, simple) for each in args])
    return simple[hint] if hint in simple else things(hint, simple)


def things(
    cls: type, simple: dict[Any, st.SearchStrategy[Any]] | None = None
) -> st.SearchStrategy[Any]:
    """Any object of a dataclass, made of simple values."""
    hints = get_type_hints(cls)
    return st.builds(cls, **{name: values(hints[name], simple or SIMPLE) for name in hints})


ANY_COMMAND = st.one_of([things(each) for each in COMMANDS.values()])
ANY_EVENT = st.one_of([things(each) for each in EVENTS.values()])


class LawTests(SynchronousTestCase):
    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(ANY_COMMAND)
    def test_commands_come_back(self, command: Any) -> None:
        self.assertEqual(load_command(dump(command)), command)

    @settings(derandomize=True, deadline=None, max_examples=300)
    @given(ANY_EVENT)
    def test_events_come_back(self, event: Any) -> None:
        unit = dump(event)
        self.assertNotIn(b"\n", unit)
        self.assertEqual(load_event(unit), event)

    def test_the_least_of_each_comes_back(self) -> None:
        """Every optional field left out."""
        for table in (COMMANDS, EVENTS):
            for name, cls in table.items():
                hints = get_type_hints(cls)
                needed = {
                    field.name: simplest(hints[field.name])
                    for field in fields(cls)
                    if field.default is MISSING
                }
                load: Any = load_command if table is COMMANDS else load_event
                unit = dump(cls(**needed))
                self.assertEqual(load(unit), cls(**needed))
                self.assertEqual(json.loads(unit)["type"], name)

    def test_every_event_but_those_for_other_wires_has_a_name(self) -> None:
        every = {
            each
            for each in vars(events).values()
            if isinstance(each, type) and issubclass(each, Event) and each is not Event
        }
        self.assertEqual(
            every - set(EVENTS.values()),
            {events.Roster, events.Greeting, events.Gone, events.Signalled},
        )


def simplest(hint: Any) -> Any:
    """The least value of a field's type."""
    if get_origin(hint) is tuple:
        return ()
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if hint is events.Person:
        return events.Person(nick="", user="", address="")
    return {str: "", int: 0, bool: False}[hint]


class DumpTests(SynchronousTestCase):
    def test_is_one_compact_object_without_what_is_none(self) -> None:
        self.assertEqual(
            dump(Say(text="é\n", room="attic")),
            '{"type":"say","text":"é\\n","room":"attic","kind":"text"}'.encode(),
        )

    def test_nested_objects_and_lists(self) -> None:
        message = Message(room="lobby", seq=1, id="1-1", nick="a", user="1", at=2, text="t")
        page = events.HistoryPage(room="lobby", messages=(message,), more=False)
        self.assertEqual(
            json.loads(dump(page))["messages"],
            [
                {
                    "room": "lobby",
                    "seq": 1,
                    "id": "1-1",
                    "nick": "a",
                    "user": "1",
                    "at": 2,
                    "text": "t",
                    "kind": "text",
                }
            ],
        )

    def test_what_is_false_by_default_is_left_out_and_nothing_else_that_is_false(self) -> None:
        message = Message(room="a", seq=1, id="1-1", nick="a", user="1", at=2, text="")
        self.assertNotIn(b"deleted", dump(message))
        self.assertIn(b'"deleted":true', dump(replace(message, deleted=True)))
        self.assertIn(b'"active":false', dump(Typing(active=False)))
        self.assertIn(b'"more":false', dump(events.HistoryPage(room="a", messages=(), more=False)))

    def test_half_a_surrogate_pair_goes_out_as_a_question_mark(self) -> None:
        self.assertEqual(load_event(dump(Notice(text="\ud800"))), Notice(text="?"))


class LoadTests(SynchronousTestCase):
    def test_unknown_fields_are_ignored(self) -> None:
        unit = b'{"type":"ping","new":{"a":[1.5,null,true,1e999]},"id":"p"}'
        self.assertEqual(load_command(unit), Ping(id="p"))

    def test_null_is_as_good_as_nothing(self) -> None:
        unit = b'{"type":"history","room":null,"limit":null,"before":5}'
        self.assertEqual(load_command(unit), History(before=5))

    def test_spaces_and_any_order(self) -> None:
        unit = b' { "text" : "hi" , "type" : "say" } \r'
        self.assertEqual(load_command(unit), Say(text="hi"))

    def test_bytes_that_are_not_utf8_are_replaced(self) -> None:
        self.assertEqual(load_command(b'{"type":"say","text":"a\xff"}'), Say(text="a\ufffd"))

    def test_a_whole_surrogate_pair_is_one_character(self) -> None:
        unit = b'{"type":"say","text":"\\ud83d\\ude00"}'
        self.assertEqual(load_command(unit), Say(text="\U0001f600"))

    def test_an_event_of_a_later_version_is_none(self) -> None:
        for unit in (b'{"type":"dance"}', b"{}", b'{"type":7}'):
            self.assertIsNone(load_event(unit))

    def test_a_welcome_without_a_nick(self) -> None:
        """As a client gets it whose nick was taken."""
        welcome = load_event(
            b'{"type":"welcome","version":1,"features":[],"server":"s","server_id":"i",'
            b'"user":"1","text_characters":9}'
        )
        assert isinstance(welcome, Welcome)
        self.assertIsNone(welcome.nick)

    def test_brackets_in_texts_are_no_nesting(self) -> None:
        text = '["\\' * 50
        unit = dump(Say(text=text))
        self.assertEqual(load_command(unit), Say(text=text))

    def test_many_objects_beside_each_other_are_no_nesting(self) -> None:
        unit = json.dumps({"type": "ping", "x": [[1], {}] * 50}).encode()
        self.assertEqual(load_command(unit), Ping())

    def test_the_largest_numbers(self) -> None:
        for number in (LARGEST_INTEGER, -LARGEST_INTEGER):
            unit = json.dumps({"type": "join", "room": "a", "since": number}).encode()
            self.assertEqual(load_command(unit), Join(room="a", since=number))


class RefusalTests(SynchronousTestCase):
    def refused(self, unit: bytes | str, part: str) -> None:
        """Check that a unit is refused with a short sentence that has this part."""
        data = unit.encode() if isinstance(unit, str) else unit
        with self.assertRaises(BadInput) as caught:
            load_command(data)
        self.assertIn(part, caught.exception.sentence)
        self.assertLess(len(caught.exception.sentence), 200)
        self.assertTrue(caught.exception.sentence.isprintable())

    def test_what_is_no_json(self) -> None:
        for unit in (b"{", b"{'a':1}", b"\xef\xbb\xbf{}", b'{"a":1}{}', b"[", b"\xff", b'{"a":01}'):
            self.refused(unit, "This is not a JSON object: ")

    def test_what_is_no_object(self) -> None:
        for unit in (b"[]", b'"ping"', b"1", b"null", b"true"):
            self.refused(unit, 'A line has to be a JSON object, as in: {"type": "ping"}.')

    def test_lone_surrogates(self) -> None:
        self.refused('{"type":"say","text":"\\ud800"}', '"text" holds half of a surrogate pair.')
        self.refused('{"type":"nick","nick":"\\udfffx"}', '"nick" holds half of a surrogate pair.')

    def test_numbers_that_are_none(self) -> None:
        for name in ("NaN", "Infinity", "-Infinity"):
            self.refused(f'{{"type":"ping","x":{name}}}', f"{name} is not a JSON value")

    def test_numbers_that_are_too_large(self) -> None:
        for digits in (str(LARGEST_INTEGER + 1), "-" + "9" * 16, "9" * 10_000):
            self.refused(f'{{"type":"ping","x":{digits}}}', "larger than 2 to the power of 53")

    def test_keys_that_stand_twice(self) -> None:
        self.refused('{"type":"ping","type":"quit"}', "a key stands twice in one object")
        self.refused('{"type":"ping","x":{"a":1,"a":1}}', "a key stands twice in one object")

    def test_deep_nesting(self) -> None:
        for depth in (DEEPEST + 1, 100, 4000):
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                unit = f'{{"type":"ping","x":{opening * depth}0{closing * depth}}}'
                self.refused(unit, f"nested more than {DEEPEST} levels deep")
        self.refused("[" * 8000, "nested more than")

    def test_missing_fields(self) -> None:
        self.refused('{"type":"say"}', '"text" is missing in an object of type say.')
        self.refused('{"type":"nick","nick":null}', '"nick" is missing in an object of type nick.')

    def test_missing_fields_of_what_is_inside(self) -> None:
        with self.assertRaises(BadInput) as caught:
            load_event(b'{"type":"people","room":"a","people":[{}]}')
        self.assertEqual(
            caught.exception.sentence, '"nick" is missing in an object of type Person.'
        )

    def test_fields_of_another_type(self) -> None:
        for unit, sentence in (
            ('{"type":"say","text":5}', '"text" has to be a string.'),
            ('{"type":"ping","id":5}', '"id" has to be a string.'),
            ('{"type":"join","room":"a","since":"5"}', '"since" has to be a whole number.'),
            ('{"type":"join","room":"a","since":1.0}', '"since" has to be a whole number.'),
            ('{"type":"join","room":"a","since":true}', '"since" has to be a whole number.'),
            ('{"type":"join","room":"a","since":1e999}', '"since" has to be a whole number.'),
            ('{"type":"typing","active":1}', '"active" has to be true or false.'),
            (
                '{"type":"say","text":"a","kind":"x"}',
                '"kind" has to be one of: text, action, notice.',
            ),
            (
                '{"type":"say","text":"a","kind":[]}',
                '"kind" has to be one of: text, action, notice.',
            ),
        ):
            self.refused(unit, sentence)

    def test_fields_of_another_type_in_events(self) -> None:
        for unit, sentence in (
            (b'{"type":"people","room":"a","people":{}}', '"people" has to be a list.'),
            (b'{"type":"people","room":"a","people":[5]}', '"people" has to be an object.'),
        ):
            with self.assertRaises(BadInput) as caught:
                load_event(unit)
            self.assertEqual(caught.exception.sentence, sentence)

    def test_ids_and_secrets_that_are_too_long(self) -> None:
        for name in ("id", "client"):
            self.refused(
                json.dumps({"type": "hello", name: "x" * (LONGEST_ID + 1)}),
                f'"{name}" has more than {LONGEST_ID} characters.',
            )
        self.assertEqual(
            load_command(json.dumps({"type": "hello", "id": "x" * LONGEST_ID}).encode()),
            Hello(id="x" * LONGEST_ID),
        )

    def test_unknown_commands(self) -> None:
        for unit in (
            b'{"type":"dance"}',
            b"{}",
            b'{"type":5}',
            b'{"type":["say"]}',
            b'{"type":{}}',
        ):
            with self.assertRaises(UnknownCommand) as caught:
                load_command(unit)
            self.assertEqual(
                caught.exception.sentence, f'"type" has to be one of: {", ".join(COMMANDS)}.'
            )

    def test_an_event_is_no_command(self) -> None:
        with self.assertRaises(UnknownCommand):
            load_command(dump(Pong()))


class BlameTests(SynchronousTestCase):
    def test_a_refused_unit_is_named_by_its_id_if_it_has_one(self) -> None:
        for unit, expected in (
            (b'{"type":"dance","id":"x"}', "x"),
            (b'{"id":"x"}', "x"),
            (b'{"id":5}', None),
            (b"{}", None),
            (b"[]", None),
            (b"{", None),
            (json.dumps({"id": "x" * (LONGEST_ID + 1)}).encode(), None),
        ):
            self.assertEqual(command_id(unit), expected, unit)


class ExampleTests(SynchronousTestCase):
    """Commands as a client's author would write them."""

    def test_examples(self) -> None:
        for unit, command in (
            ('{"type":"hello","version":1,"nick":"ann"}', Hello(version=1, nick="ann")),
            ('{"type":"nick","nick":"bob","id":"1"}', SetNick(nick="bob", id="1")),
            ('{"type":"join","room":"lobby","since":41}', Join(room="lobby", since=41)),
            ('{"type":"typing"}', Typing(active=True)),
        ):
            self.assertEqual(load_command(unit.encode()), command)
