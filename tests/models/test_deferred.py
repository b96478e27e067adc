"""A model is finished at its first use, and is then what pydantic makes of the class at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from textwrap import dedent
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest
from pydantic import VERSION, BaseModel, ConfigDict, PrivateAttr, TypeAdapter, ValidationError

from mockserver.kernel.settings import ready
from mockserver.models.deferred import DEFERS, Deferred
from mockserver.models.first_use import finished

pytestmark = pytest.mark.skipif(not DEFERS, reason="this version of pydantic makes its classes at once")

NUMBERS = count()


class Base(BaseModel, metaclass=Deferred):
    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")


def module(source: str) -> Any:
    """A module of its own with these classes: only those of modules are deferred."""
    made = ModuleType(f"{__name__}_{next(NUMBERS)}")
    sys.modules[made.__name__] = made
    vars(made).update(Base=Base, PrivateAttr=PrivateAttr)
    exec(compile(dedent(source), made.__name__, "exec"), vars(made))
    return made


@pytest.fixture(autouse=True)
def _modules_removed() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.startswith(f"{__name__}_")]:
        del sys.modules[name]


def coins() -> tuple[type[Any], type[Any], type[Any]]:
    """A model, one below it, and one that contains it; nobody has used them yet."""
    made = module("""
        from __future__ import annotations
        from pydantic import Field

        class Coin(Base):
            value: int = Field(ge=1)
            currency: str = "EUR"

        class Medal(Coin):
            year: int

        class Purse(Base):
            coins: tuple[Coin, ...]
    """)
    return made.Coin, made.Medal, made.Purse


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
    "the hash of an object": lambda model: hash(unvalidated(model)),
    "the configuration": lambda model: model.model_config,
    "a member of an object that does not exist": lambda model: hasattr(unvalidated(model), "year"),
    "the JSON of an object": lambda model: unvalidated(model).model_dump_json(),
}


@pytest.mark.parametrize("use", USES)
def test_a_model_is_finished_at_its_first_use(use: str) -> None:
    coin, medal, purse = coins()
    assert not finished(coin)
    USES[use](coin)
    assert finished(coin)
    assert not finished(medal)
    assert not finished(purse)
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


def test_a_mistake_in_a_model_is_found_at_every_use() -> None:
    wrong = module("""
        class Wrong(Base):
            value: "NoSuchType"

        class Unwritten(Base):
            value = 1
    """)
    for _ in range(2):
        with pytest.raises(Exception, match="not fully defined"):
            wrong.Wrong(value=1)
        with pytest.raises(Exception, match="non-annotated attribute"):
            wrong.Unwritten(value=1)


def test_private_members_are_kept_as_pydantic_keeps_them() -> None:
    purse = module("""
        class Purse(Base):
            _count: int = PrivateAttr(3)
            _owner: str = "nobody"
    """).Purse
    assert (purse()._count, purse()._owner) == (3, "nobody")


def test_a_model_in_a_function_is_made_at_once_and_sees_its_names() -> None:
    class Value(Base):
        number: int

    class Holder(Base):
        value: Value

    assert finished(Holder)
    assert Holder.model_validate({"value": {"number": 1}}).value.number == 1


def test_threads_that_use_a_model_at_once_find_it_finished() -> None:
    barrier = Barrier(4)

    def use(model: type[Any]) -> str:
        barrier.wait()
        return repr(model(value=2))

    for _ in range(20):
        coin, _, _ = coins()
        with ThreadPoolExecutor(4) as threads:
            assert set(threads.map(use, 4 * [coin])) == {"Coin(value=2, currency='EUR')"}


SCHEMAS = """
    import pydantic
    pydantic.VERSION = {version!r}
    import orjson
    import mockserver.server
    from mockserver.kernel.profile import Profile
    from mockserver.models import FAMILIES, validator
    from mockserver.models import deferred
    assert deferred.DEFERS is {defers}
    assert hasattr(deferred, "_mock_val_ser") is {defers}, "names that are not public, with another version"
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
def test_a_start_finishes_next_to_nothing() -> None:
    code = dedent("""
        import mockserver.server
        from mockserver.kernel.profile import profile
        profile("sandbox")
        from pydantic import BaseModel
        from mockserver.models.first_use import finished
        def below(model):
            for each in model.__subclasses__():
                yield each
                yield from below(each)
        made = [each for each in below(BaseModel) if each.__module__.startswith("mockserver.")]
        print(len(made), *(each.__name__ for each in made if finished(each)))
    """)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    many, *complete = run.stdout.split()
    assert int(many) > 200
    bases = {"Model", "Section", "Closed", "RequestBody"}
    constants = {"FeeModel", "Refusals", "StageSetting", "InstrumentVenue"}
    assert set(complete) <= bases | constants
