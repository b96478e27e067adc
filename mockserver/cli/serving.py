"""``serve``."""

from __future__ import annotations

import gc
import logging
from collections.abc import Sequence
from pathlib import Path

import click

from mockserver.cli import completion
from mockserver.cli.errors import FAILED, fail
from mockserver.cli.first_request import suggestions
from mockserver.cli.integers import within
from mockserver.cli.key_files import folder, write
from mockserver.cli.logs import LEVELS, STYLES, JsonLines, configure
from mockserver.cli.space_separated import SpaceSeparated
from mockserver.control.access import Reach
from mockserver.hosting.plans import Source
from mockserver.kernel.events import stamp
from mockserver.kernel.integers import ANY, Bounds
from mockserver.kernel.rules import Refusal
from mockserver.protocol.clients import Auth
from mockserver.protocol.redaction import Secrets
from mockserver.protocol.signing.algorithms import KeyFormatError, load_public_key
from mockserver.protocol.signing.keys import PASSPHRASE
from mockserver.server import NotAsExpectedError, RunningServer, ServerError, ServerSettings, run

PORTS = Bounds(0, 65535)
STEPS = Bounds(1, ANY.most)

ALL = "all"
"""``--play`` without a number."""

logger = logging.getLogger(__name__)


@click.command()
@click.option(
    "--scenario",
    "scenarios",
    type=SpaceSeparated(),
    multiple=True,
    shell_complete=completion.scenarios,
    help="A shipped scenario's name, or a file; several make several worlds, the first is the default.",
)
@click.option(
    "--scenarios",
    "scenario_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder whose files commands of the control API may name as scenarios, beside the shipped ones.",
)
@click.option(
    "--play",
    is_flag=False,
    flag_value=ALL,
    metavar="[N]",
    callback=lambda _context, _parameter, value: _steps_to_play(value),
    help="Play the steps of the scenarios first, or the first N of them; time is frozen afterwards unless --clock or "
    "the scenario says otherwise. Where something is not as expected, the exit code is 1 and nothing is served.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=int,
    callback=within(PORTS),
    default=8080,
    show_default=True,
    help="0: any free one.",
)
@click.option(
    "--profile",
    type=click.Choice(["sandbox", "sandbox-strict", "live", "manual"]),
    help="How the API behaves; by default as each scenario says, else sandbox.",
)
@click.option(
    "--clock",
    metavar="manual|real|now|xN",
    help="How time passes (x60: a minute in a second; now: frozen at the time of the machine); by default as each "
    "scenario says, else real.",
)
@click.option("--seed", type=int, callback=within(ANY), help="What ids and chance are made from.")
@click.option(
    "--auth",
    type=click.Choice([each.value for each in Auth]),
    default=Auth.STRICT.value,
    show_default=True,
    help="What a request must prove: a signature and a token, a token alone, or nothing (off).",
)
@click.option(
    "--key-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the private test keys are written; by default a temporary folder, removed at the end.",
)
@click.option(
    "--public-key",
    metavar="FILE",
    help="A public key of yours that requests may be signed with: a PEM file, or its text.",
)
@click.option("--key-id", help="The id of that key, which signatures name as keyid.")
@click.option("--receiver", metavar="URL", help="Where scenarios' ${receiver} webhooks go.")
@click.option("--control-token", help="What the control API asks for as bearer token.")
@click.option(
    "--control",
    type=click.Choice([each.value for each in Reach]),
    help="Which machines may give commands to the control API; by default this one, with a token any. Web pages of "
    "other sites may not in either case.",
)
@click.option(
    "--control-host",
    "control_hosts",
    metavar="NAME",
    multiple=True,
    help="A name under which browsers and programs may reach the server, beside localhost, IP addresses and names "
    "without a dot; several are several options.",
)
@click.option(
    "--world-ttl",
    metavar="DURATION",
    help="Remove worlds made by command after so long (10m, 2h) without a request, command or delivery; by default "
    "they stay. Worlds the server starts with always stay.",
)
@click.option(
    "--max-connections",
    type=click.IntRange(min=1),
    help="Connections open at the same time, more are answered 503; by default 4000, fewer where ulimit -n is low.",
)
@click.option(
    "--log",
    "log_style",
    type=click.Choice(STYLES),
    default="text",
    show_default=True,
    help="How the log on standard error is written; json: one object a line, and so is the introduction.",
)
@click.option(
    "--log-level",
    type=click.Choice(LEVELS),
    default="warning",
    show_default=True,
    help="info: each request and each delivery too.",
)
def serve(
    scenarios: tuple[str, ...],
    scenario_folder: Path | None,
    play: int | bool,
    host: str,
    port: int,
    profile: str | None,
    clock: str | None,
    seed: int | None,
    auth: str,
    key_dir: Path | None,
    public_key: str | None,
    key_id: str | None,
    receiver: str | None,
    control_token: str | None,
    control: str | None,
    control_hosts: tuple[str, ...],
    world_ttl: str | None,
    max_connections: int | None,
    log_style: str,
    log_level: str,
) -> None:
    """Start the server, and say how its worlds are reached.

    Every option is also a variable, as named below; in MOCKSERVER_SCENARIO (several names are
    separated by spaces, one with spaces is put into double quotes).

    \b
    mockserver serve
    mockserver serve --clock manual --scenario portfolio-switch
    mockserver serve --scenario portfolio-switch --play 12
    mockserver serve --scenario my.yaml --receiver http://localhost:9000/webhooks
    mockserver serve --public-key my-key.pub.pem --key-id 8d4997a8-…
    mockserver serve --auth off             for curl, which cannot sign
    """
    gc.freeze()  # what was imported stays to the end: no collection needs to walk through it, 20 ms each time
    warnings = click.get_current_context().obj or ()
    log = configure(log_style, log_level, Secrets([control_token]).hide)
    for warning in warnings:
        logger.warning("%s", warning)
    settings = ServerSettings(
        scenarios=_loaded(scenarios),
        scenario_folder=scenario_folder,
        play=play,
        host=host,
        port=port,
        profile=profile,
        clock=clock,
        seed=seed,
        auth=Auth(auth),
        keys=_own_key(public_key, key_id),
        receiver=receiver,
        control_token=control_token,
        control=control,
        control_hosts=control_hosts,
        world_ttl=world_ttl,
        max_connections=max_connections,
    )
    try:
        with folder(key_dir) as keys:

            def ready(server: RunningServer) -> None:
                log.hide = server.hide
                (introduce_as_json if log_style == "json" else introduce)(server, keys)

            run(settings, ready)
    except NotAsExpectedError as error:
        # lazy: 60 ms of scenarios' schema, which are there where steps were played
        from mockserver.cli.reports import print_failures

        print_failures(error.replays)
        fail(str(error), FAILED)
    except Refusal as refusal:
        fail(refusal.detail.replace("(root).", "--", 1))
    except ServerError as error:
        fail(str(error))
    except OSError as error:
        fail(f"the key files cannot be written ({error.strerror}: {error.filename}): choose another --key-dir")


def _steps_to_play(value: str | None) -> int | bool:
    """Which steps ``--play`` or its variable names: a number of them, or all."""
    if value is None:
        return False
    if value == ALL:
        return True
    try:
        return STEPS.checked(int(value))
    except ValueError:
        raise click.BadParameter(f"expected a number of steps from 1 on, or {ALL}, got {value!r}") from None


def _loaded(names: tuple[str, ...]) -> Sequence[Source]:
    if not names:
        return ()
    # lazy: 35 ms of schema and YAML
    from mockserver.cli.scenarios import load_all

    return load_all(names)


def _own_key(public_key: str | None, key_id: str | None) -> dict[str, str]:
    """The user's own key by its id; nothing without one."""
    if public_key is None and key_id is None:
        return {}
    if not public_key or not key_id:
        fail("--public-key and --key-id go together: the key, and the id that signatures name it by")
    text = public_key.replace("\\n", "\n")  # as many variables have their line ends
    try:
        if "-----BEGIN" not in public_key:
            text = Path(public_key).read_text(encoding="utf-8", errors="replace")
        load_public_key(text)
    except KeyFormatError as error:
        fail(f"--public-key: {error}")
    except OSError as error:
        fail(f"--public-key: {public_key} cannot be read: {error.strerror}")
    return {key_id: text}


def introduce(server: RunningServer, keys: Path | None) -> None:
    """Print where the server is, who its clients are, and what to do next; their key files are written before."""
    files = write(server.worlds, keys)
    click.secho(_listens(server), bold=True)
    played = dict(zip((tenant.client_id for tenant in server.worlds), server.played, strict=False))
    for tenant in server.worlds:
        world = tenant.world
        origin = f"scenario {tenant.scenario}" if tenant.scenario else "empty"
        name = "default" if tenant is server.worlds.default else tenant.client_id
        click.echo(f"\nworld {name}: {origin}, profile {world.profile.name}")
        click.echo(f"  clock          {stamp(world.now)}, {tenant.driver.mode}")
        if tenant.client_id in played:
            click.echo(f"  played         {len(played[tenant.client_id].entries)} steps, all as expected")
        click.echo(f"  client id      {tenant.client_id}")
        click.echo(f"  client secret  {tenant.client_secret}")
        click.echo(f"  auth           {tenant.auth.value}")
        if tenant.client_id in files:
            plain, encrypted = files[tenant.client_id]
            click.echo(f"  key id         {tenant.keys.test_key.id}")
            click.echo(f"  key file       {plain}")
            click.echo(f"  encrypted      {encrypted} (passphrase {PASSPHRASE})")
        elif keys is None and tenant.auth is Auth.STRICT:
            shown = f"GET {server.url}/_mock/worlds/{tenant.client_id}/keys shows the key; or choose a --key-dir"
            click.echo(f"  key id         {tenant.keys.test_key.id}")
            click.echo(f"  key file       none, for no folder can be written: {shown}")
    tenant = server.worlds.default or next(iter(server.worlds))
    click.echo("\nTry:")
    for line in suggestions(server.url, tenant, files.get(tenant.client_id, (None, None))[0]):
        click.echo(f"  {line}")
    click.echo(f"  mockserver clock show --url {server.url}")


def _listens(server: RunningServer) -> str:
    """Where it listens, and for all interfaces a URL that works on this machine."""
    host, _, port = server.listens.rpartition(":")
    family = {"0.0.0.0": "IPv4", "[::]": "IPv6"}.get(host)
    if family is not None:
        return f"mockserver listens on all {family} interfaces ({host}, port {port}), on this machine at {server.url}"
    return f"mockserver listens on {server.url}"


def introduce_as_json(server: RunningServer, keys: Path | None) -> None:
    """The same as one line of the log, for programs; a log is kept and collected, so it has no client secret."""
    files = write(server.worlds, keys)
    worlds = [
        {
            "world": "default" if tenant is server.worlds.default else tenant.client_id,
            "scenario": tenant.scenario,
            "profile": tenant.world.profile.name,
            "now": stamp(tenant.world.now),
            "clock": str(tenant.driver.mode),
            "client_id": tenant.client_id,
            "auth": tenant.auth.value,
            "key_id": tenant.keys.test_key.id if tenant.auth is Auth.STRICT else None,
            "key_file": files[tenant.client_id][0] if tenant.client_id in files else None,
        }
        for tenant in server.worlds
    ]
    fields = {"url": server.url, "listens": server.listens, "worlds": worlds}
    record = logging.makeLogRecord(
        {"name": "mockserver", "levelno": logging.INFO, "levelname": "INFO", "fields": fields}
    )
    record.msg = _listens(server)
    click.echo(JsonLines().format(record))
