"""The members of a model are collected at their first use, and are then what pydantic makes of the class at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest
from pydantic import VERSION, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from mockserver.kernel.settings import ready
from mockserver.models.deferred import DEFERS, FIELDS, Deferred

pytestmark = pytest.mark.skipif(not DEFERS, reason="this version of pydantic makes its classes at once")


class Base(BaseModel, metaclass=Deferred):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")


def coins() -> tuple[type[Any], type[Any], type[Any]]:
    """A model, one below it, and one that contains it; nobody has used them yet."""

    class Coin(Base):
        value: int = Field(ge=1)
        currency: str = "EUR"

    class Medal(Coin):
        year: int

    class Purse(Base):
        coins: tuple[Coin, ...]

    return Coin, Medal, Purse


def unvalidated(model: type[Any]) -> Any:
    return ready(model, ["value"], {"value": 2, "currency": "EUR"})


USES: dict[str, Callable[[Any], Any]] = {
    "validating": lambda model: model(value=2),
    "validating JSON": lambda model: model.model_validate_json(b'{"value": 2}'),
    "constructing": lambda model: model.model_construct(value=2),
    "looking at the members": lambda model: model.model_fields,
    "the JSON schema": lambda model: model.model_json_schema(),
    "an adapter": lambda model: TypeAdapter(model).validate_python({"value": 2}),
    "a rebuild": lambda model: model.model_rebuild(force=True),
    "whether it is complete": lambda model: model.__pydantic_fields_complete__,
    "the text of an object": lambda model: repr(unvalidated(model)),
    "comparing objects": lambda model: unvalidated(model) == unvalidated(model),
    "the JSON of an object": lambda model: unvalidated(model).model_dump_json(),
}


@pytest.mark.parametrize("use", USES)
def test_members_are_collected_at_the_first_use(use: str) -> None:
    coin, medal, _ = coins()
    assert FIELDS not in vars(coin)
    assert FIELDS not in vars(medal)
    USES[use](coin)
    assert list(coin.model_fields) == ["value", "currency"]
    assert list(medal.model_fields) == ["value", "currency", "year"]


def test_the_model_below_may_be_used_first() -> None:
    coin, medal, _ = coins()
    assert medal(value=1, year=1999).currency == "EUR"
    assert coin(value=3).value == 3
    assert list(coin.model_fields) == ["value", "currency"]


def test_a_model_that_contains_it_finds_its_members() -> None:
    _, _, purse = coins()
    assert purse.model_validate({"coins": [{"value": 5}]}).coins[0].currency == "EUR"
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        purse.model_validate({"coins": [{"value": 0}]})


def test_a_model_made_below_one_in_use_has_its_own_members() -> None:
    coin, _, _ = coins()
    coin(value=1)

    class Token(coin):  # type: ignore[misc,valid-type] # a class that is known at run time only
        number: int

    assert list(Token.model_fields) == ["value", "currency", "number"]
    assert list(coin.model_fields) == ["value", "currency"]


def test_equal_objects_hash_alike_and_others_do_not() -> None:
    coin, _, _ = coins()
    assert hash(coin(value=1)) == hash(coin(value=1))
    assert len({coin(value=number) for number in range(1, 50)}) == 49


def test_a_frozen_model_stays_frozen_and_a_default_is_no_member_of_the_class() -> None:
    coin, _, _ = coins()
    with pytest.raises(ValidationError, match="frozen"):
        coin(value=1).value = 2
    assert not hasattr(coin, "value")


def test_a_mistake_in_a_model_is_found_at_its_first_use() -> None:
    class Wrong(Base):
        value: NoSuchType  # type: ignore[name-defined] # noqa: F821 - what the test is about

    with pytest.raises(Exception, match="not fully defined"):
        Wrong(value=1)


def test_the_base_has_no_members() -> None:
    with pytest.raises(TypeError, match="has no members of its own"):

        class Other(BaseModel, metaclass=Deferred):
            value: int


def test_a_deferred_model_has_no_private_members() -> None:
    with pytest.raises(TypeError, match=r"Purse\._count: a deferred model has no private members"):

        class Purse(Base):
            _count: int = 0


SCHEMAS = """
    import pydantic
    pydantic.VERSION = {version!r}
    import orjson
    import mockserver.server
    from mockserver.kernel.profile import Profile
    from mockserver.models import FAMILIES, validator
    from mockserver.models import deferred
    assert deferred.DEFERS is {defers}
    assert hasattr(deferred, "_model_construction") is {defers}, "names that are not public, with another version"
    schemas = {{name: validator(name).json_schema() for name in FAMILIES}}
    print(orjson.dumps([schemas, Profile.model_json_schema()]).decode())
"""


def schemas(version: str, *, defers: bool) -> str:
    code = dedent(SCHEMAS.format(version=version, defers=defers))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_every_model_is_what_pydantic_makes_of_it_at_once() -> None:
    assert schemas(VERSION, defers=True) == schemas("2.10.0", defers=False)


@pytest.mark.slow
def test_a_start_collects_next_to_nothing() -> None:
    code = dedent("""
        import mockserver.server
        from mockserver.kernel.profile import profile
        profile("sandbox")
        from mockserver.models.base import Model
        from mockserver.kernel.settings import Section
        def below(model):
            for each in model.__subclasses__():
                yield each
                yield from below(each)
        made = [each for base in (Model, Section) for each in below(base)]
        print(len(made), *(each.__name__ for each in made if each.__pydantic_complete__))
    """)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    many, *complete = run.stdout.split()
    assert int(many) > 150
    assert complete == []
