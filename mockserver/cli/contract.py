"""``openapi``."""

from __future__ import annotations

import click
import orjson

from mockserver.contract import contract


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the mocked API, as JSON.

    \b
    mockserver openapi > upvest.json
    """
    click.echo(orjson.dumps(contract().document, option=orjson.OPT_INDENT_2))
