"""``check`` and ``scenarios``."""

from __future__ import annotations

import click
import orjson

from mockserver.cli import completion
from mockserver.cli.errors import fail_with_mistakes
from mockserver.cli.printing import say
from mockserver.scenario import shipped
from mockserver.scenario.build import build_world
from mockserver.scenario.document import parse
from mockserver.scenario.errors import Mistake, ScenarioError
from mockserver.scenario.load import load
from mockserver.scenario.schema import Scenario
from mockserver.scenario.schema_document import schema_document


@click.command()
@click.argument("sources", metavar="SCENARIO...", nargs=-1, required=True, shell_complete=completion.scenarios)
def check(sources: tuple[str, ...]) -> None:
    """Find every mistake in scenarios: names of shipped ones, or files.

    Nothing is started. Each mistake is a line of file, line number and what is wrong; with any, the exit code is 2.

    \b
    mockserver check my-scenario.yaml
    mockserver check scenarios/*.yaml
    """
    mistakes: list[Mistake] = []
    for source in sources:
        try:
            scenario = load(source, played=True)
            build_world(scenario)
        except ScenarioError as error:
            mistakes += error.mistakes
        else:
            steps = len(scenario.steps)
            click.echo(f"{scenario.document.file}: good ({steps} step{'' if steps == 1 else 's'})")
    if mistakes:
        fail_with_mistakes(mistakes)


def load_all(sources: tuple[str, ...]) -> list[Scenario]:
    """The scenarios that are named; with a mistake in any of them the command ends, all mistakes told."""
    found, mistakes = [], []
    for source in sources:
        try:
            found.append(load(source, played=True))
        except ScenarioError as error:
            mistakes += error.mistakes
    if mistakes:
        fail_with_mistakes(mistakes)
    return found


@click.command()
@click.option("--schema", is_flag=True, help="Print the JSON Schema of scenarios, for editors.")
def scenarios(schema: bool) -> None:
    """List the shipped scenarios with what they show.

    \b
    mockserver scenarios
    mockserver replay portfolio-switch
    mockserver scenarios --schema > scenario.schema.json
    """
    if schema:
        click.echo(orjson.dumps(schema_document(), option=orjson.OPT_INDENT_2))
        return
    files = shipped.files()
    width = max(map(len, files), default=0)
    for name, path in files.items():
        data = parse(path.read_bytes(), str(path)).data
        say(f"{name:{width}}  {data.get('description', '')}")
