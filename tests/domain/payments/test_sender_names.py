"""payments.md §6.2: the sender of a transfer is a holder by name."""

from __future__ import annotations

import pytest

from mockserver.domain.payments.sender_names import same_name


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("Erika Mustermann", "ERIKA  MUSTERMANN"),
        ("Jürgen Groß", "Juergen Gross"),
        ("Jürgen Groß", "Jurgen Gross"),
        ("Zoë Ångström", "Zoe Angstrom"),
        ("Łukasz Bjørnsen", "Lukasz Bjornsen"),
        ("Mary-Ann O'Neil", "Mary-Ann O'Neil"),
    ],
)
def test_a_name_fits_as_banks_may_write_it(name: str, sender: str) -> None:
    assert same_name(name, sender)
    assert same_name(sender, name)


@pytest.mark.parametrize("sender", ["", "Max Mustermann", "Mustermann", "Mustermann Erika", "Erika Mustermann jr"])
def test_another_name_does_not(sender: str) -> None:
    assert not same_name("Erika Mustermann", sender)
