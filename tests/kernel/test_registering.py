"""Actions, operations and refusals: registered once, found by name, told in words."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.kernel.actions import action
from mockserver.kernel.operations import Call, Nothing, Operations
from mockserver.kernel.rules import Rule
from mockserver.kernel.world import World

TOO_MANY = Rule("lamps.too_many", 409, "{count} lamps are more than {most}", "made up")


def test_an_action_is_run_by_its_name_with_its_arguments(world: World) -> None:
    seen: list[tuple[World, str, str]] = []
    action("test.greet")(lambda world, first, last: seen.append((world, first, last)))
    world.clock.at(world.now, "test.greet", "Ada", "Lovelace", reason="a test")
    world.run(world.now)
    assert seen == [(world, "Ada", "Lovelace")]


def test_two_actions_of_one_name_are_a_mistake() -> None:
    action("test.greet")(lambda _: None)
    with pytest.raises(ValueError, match=r"two actions are named 'test.greet'"):
        action("test.greet")(lambda _: None)


def test_a_function_serves_an_operation(world: World) -> None:
    operation = Operations()

    @operation("light_lamp")
    def light(world: World, call: Call[Any]) -> Nothing:
        return Nothing()

    assert operation.handlers == {"light_lamp": light}
    assert light(world, Call({}, {}, None)) == Nothing()


def test_a_function_may_serve_several_operations() -> None:
    operation = Operations()

    @operation("light_lamp")
    @operation("light_all_lamps")
    def light(world: World, call: Call[Any]) -> Nothing:
        return Nothing()

    assert operation.handlers == {"light_lamp": light, "light_all_lamps": light}


def test_two_functions_for_one_operation_are_a_mistake() -> None:
    operation = Operations()
    operation("light_lamp")(lambda *_: Nothing())
    with pytest.raises(ValueError, match="two functions serve 'light_lamp'"):
        operation("light_lamp")(lambda *_: Nothing())


def test_an_operation_may_have_a_gate() -> None:
    operation = Operations()

    def switched_off(world: World) -> None:
        raise TOO_MANY.refuse(count=3, most=2)

    operation("light_lamp", gate=switched_off)(lambda *_: Nothing())
    operation("light_all_lamps")(lambda *_: Nothing())
    assert operation.gates == {"light_lamp": switched_off}


def test_a_refusal_says_what_was_wrong_and_which_rule_refused() -> None:
    refusal = TOO_MANY.refuse(count=3, most=2)
    assert refusal.rule is TOO_MANY
    assert refusal.detail == str(refusal) == "3 lamps are more than 2"


def test_braces_in_a_value_are_told_as_they_are() -> None:
    assert TOO_MANY.refuse(count="{most}", most=2).detail == "{most} lamps are more than 2"
