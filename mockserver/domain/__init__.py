"""The rules of the API, one package per resource family; importing it attaches them to the contract's operations.

Every module of every family is loaded, in alphabetical order: an operation, a stage or a life cycle that was not loaded
would be missing without an error.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from mockserver.kernel.garbage import gc_paused

LOADED_BY_THEIR_USERS: Final = frozenset({"rules", "seeding", "sizes"})
"""What registers nothing: the rows of the fidelity table, and what scenarios seed."""

with gc_paused():  # what imports make stays: looking through it, again and again, is a tenth of their time
    for _part in iter_modules(__path__):
        if _part.name not in LOADED_BY_THEIR_USERS:
            _family = import_module(f"{__name__}.{_part.name}")
            for _module in iter_modules(_family.__path__ if _part.ispkg else []):
                import_module(f"{_family.__name__}.{_module.name}")
