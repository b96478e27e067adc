"""Types of commands' bodies: what a command takes, and what a program sends without a choice."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from mockserver.control.commands import command
from mockserver.control.media_types import check_media_type
from mockserver.kernel.rules import Refusal

JSON = ("application/json",)
BOTH = ("application/json", "application/yaml")


def check(accepted: tuple[str, ...], *headers: tuple[str, str]) -> None:
    check_media_type(CIMultiDictProxy(CIMultiDict(headers)), accepted)


@pytest.mark.parametrize(
    ("accepted", "given"),
    [
        (JSON, "application/json"),
        (JSON, "APPLICATION/JSON ; charset=utf-8"),
        (BOTH, "application/yaml"),
        (BOTH, "application/json"),
        (JSON, "application/x-www-form-urlencoded"),
    ],
)
def test_a_program_sends_what_a_command_takes(accepted: tuple[str, ...], given: str) -> None:
    check(accepted, ("content-type", given))


@pytest.mark.parametrize(
    "given", ["application/yaml", "text/plain", "application/jsonp", "text/json", ",application/json"]
)
def test_other_types_are_refused_with_those_that_pass(given: str) -> None:
    with pytest.raises(Refusal) as caught:
        check(JSON, ("content-type", given))
    assert caught.value.rule.status == 415
    assert f"is '{given}': send content-type: application/json." in caught.value.detail


def test_every_type_that_passes_is_named() -> None:
    with pytest.raises(Refusal, match=r"send content-type: application/json or application/yaml\."):
        check(BOTH, ("content-type", "text/plain"))


def test_two_types_are_none() -> None:
    with pytest.raises(Refusal, match=r"is 'application/json, text/plain'"):
        check(JSON, ("content-type", "application/json"), ("Content-Type", "text/plain"))


@pytest.mark.parametrize(
    "name", ["Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User"]
)
def test_a_browser_has_to_name_the_type(name: str) -> None:
    with pytest.raises(Refusal, match=rf"is missing beside the header {name.lower()}, as browsers send it"):
        check(JSON, (name, "x"))
    with pytest.raises(Refusal, match=rf"urlencoded' beside the header {name.lower()}, as browsers send it"):
        check(JSON, (name, "x"), ("content-type", "application/x-www-form-urlencoded"))
    check(JSON, (name, "x"), ("content-type", "application/json"))


def test_no_command_takes_what_a_page_sends_without_asking() -> None:
    """The CORS-safelisted types of the Fetch standard."""
    safelisted = {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
    assert command.all
    assert not [each.path for each in command.all if safelisted & set(each.accepts)]
