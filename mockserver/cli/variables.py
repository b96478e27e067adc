"""Variables of the environment whose names begin with MOCKSERVER_: options of commands, mistakes, and strangers.

A misspelt one would be ignored in silence, so it is named. Kubernetes and Docker set variables of such names by
themselves where a service or a linked container is called ``mockserver``; one of them, ``MOCKSERVER_PORT``, is
``tcp://10.0.0.1:8080`` then, and is taken out of the environment before it is read as ``--port``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, MutableMapping
from typing import Final, NamedTuple

import click

from mockserver.kernel.spelling import close

PREFIX: Final = "MOCKSERVER_"

PLUGIN: Final = frozenset(
    {
        "MOCKSERVER_URL",
        "MOCKSERVER_CONTROL_TOKEN",
        "MOCKSERVER_RECEIVER_HOST",
        "MOCKSERVER_RECEIVER_BIND",
        "MOCKSERVER_SEED",
    }
)
"""Those of the pytest plugin, which cannot be imported where there is no pytest."""

_SERVICE: Final = re.compile(
    # https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables, and Docker's legacy links
    r"MOCKSERVER(_\w+?)??_("
    r"SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR|START|END))?|ENV_\w+)"
)
_ADDRESS: Final = re.compile(r"(tcp|udp|sctp)://\S+")
_LINK: Final = re.compile(r"/\S+/\S+")


class Strangers(NamedTuple):
    """Variables of the environment that are no option of any command."""

    service: tuple[str, ...]
    """Those that Kubernetes or Docker set for a service."""
    unknown: tuple[str, ...]

    def warnings(self, known: Iterable[str]) -> list[str]:
        """What to say of them: of the unknown ones what may have been meant, of the others only where it matters."""
        lines = [f"{name} is not a variable of mockserver{_meant(name, known)}" for name in self.unknown]
        if f"{PREFIX}PORT" in self.service:
            lines.append(
                f"{PREFIX}PORT is ignored: it is the address of a service called mockserver, set by Kubernetes or "
                "Docker, and no port. Choose the port by --port; enableServiceLinks: false keeps such variables away."
            )
        return lines


def set_apart(environment: MutableMapping[str, str], known: Iterable[str]) -> Strangers:
    """The variables that no command knows; those of services are taken out of ``environment``."""
    names = frozenset(known)
    service, unknown = [], []
    for name in [each for each in environment if each.startswith(PREFIX)]:
        if is_of_a_service(name, environment[name]):
            service.append(name)
            del environment[name]
        elif name not in names:
            unknown.append(name)
    return Strangers(tuple(sorted(service)), tuple(sorted(unknown)))


def is_of_a_service(name: str, value: str) -> bool:
    """Whether Kubernetes or Docker set a variable for a service, or a linked container, called ``mockserver``."""
    if _SERVICE.fullmatch(name):
        return True
    if name.endswith("_PORT"):
        return _ADDRESS.fullmatch(value) is not None
    return name.endswith("_NAME") and _LINK.fullmatch(value) is not None


def name(command: click.Command) -> None:
    """Make every option of a command and of its own commands a variable too, and show it in the help.

    `--port` is MOCKSERVER_PORT, whatever the command is called: click's own `auto_envvar_prefix` has the names of
    commands in it (MOCKSERVER_SERVE_PORT).
    """
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            longest = max(parameter.opts, key=len)
            parameter.envvar = f"{PREFIX}{longest.lstrip('-').replace('-', '_').upper()}"
            parameter.show_envvar = True
    if isinstance(command, click.Group):
        for each in command.commands.values():
            name(each)


def of_command(command: click.Command) -> frozenset[str]:
    """The variables that a command and its own commands read."""
    names: set[str] = set()
    for parameter in command.params:
        given = parameter.envvar or ()
        names.update((given,) if isinstance(given, str) else given)
    if isinstance(command, click.Group):
        for each in command.commands.values():
            names |= of_command(each)
    return frozenset(names)


def check(group: click.Group, context: click.Context, environment: MutableMapping[str, str] = os.environ) -> list[str]:
    """Set service variables apart, and return warnings. Other commands are loaded only if a name may be theirs."""
    if not any(name.startswith(PREFIX) for name in environment):
        return []
    called = group.get_command(context, context.invoked_subcommand or "")
    own = frozenset() if called is None else of_command(called)
    strangers = set_apart(environment, own)
    if not strangers.unknown:
        return strangers.warnings(own)
    known = own.union(PLUGIN, *(of_command(each) for each in _commands(group, context)))
    unknown = tuple(name for name in strangers.unknown if name not in known)
    return strangers._replace(unknown=unknown).warnings(known)


def _commands(group: click.Group, context: click.Context) -> Iterable[click.Command]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None:
            yield command


def _meant(name: str, known: Iterable[str]) -> str:
    found = close(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], 2, 0.7)
    if found:
        return f": did you mean {' or '.join(PREFIX + each for each in found)}?"
    return ": `mockserver COMMAND --help` names those of a command"
