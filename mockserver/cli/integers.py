"""Options whose values are integers: refused with the text that the control API and scenarios have."""

from __future__ import annotations

from collections.abc import Callable

import click

from mockserver.kernel.integers import Bounds


def within(bounds: Bounds) -> Callable[[click.Context, click.Parameter, int | None], int | None]:
    """The callback of an option that takes an integer within ``bounds``."""

    def check(_: click.Context, __: click.Parameter, value: int | None) -> int | None:
        try:
            return None if value is None else bounds.checked(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return check
