"""The names of holders, and whether the sender of a transfer is one: as banks write names (payments.md §6.2)."""

from __future__ import annotations

import unicodedata
from typing import Final

from mockserver.domain.accounts.accounts import AccountGroup
from mockserver.domain.accounts.holders import holders
from mockserver.kernel.world import World

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LETTERS: Final = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


def holder_names(world: World, of: AccountGroup) -> list[str]:
    """First and last name of each holder of the account group, in the order in which the group names them."""
    return [each.name for each in holders(world, of)]


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same to a bank, which writes ASCII: Müller is Muller or Mueller.

    Case and additional blanks do not count; the order of first and last name does (inferred).
    """
    return bool(_spellings(one) & _spellings(other))


def _spellings(name: str) -> set[str]:
    low = " ".join(unicodedata.normalize("NFC", name).casefold().split()).translate(_LETTERS)
    return {_bare(low), _bare(low.translate(_UMLAUTS))}


def _bare(text: str) -> str:
    """``text`` without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
