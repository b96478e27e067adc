"""Where the commands and the pytest plugin start: looks whether ``import mockserver`` gives this package.

The distribution is ``upvest-mockserver``, the package ``mockserver``. Another distribution installs a package of that
name, the Python client of MockServer (https://www.mock-server.com): whichever is installed last, or comes first on the
path, wins. Everything would fail then with an ImportError that names neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

MISTAKE = 2
"""The exit code of a command that cannot be carried out."""


def stranger() -> str | None:
    """What is wrong with the package ``mockserver``, in a sentence; ``None``: it is this one."""
    try:
        import mockserver
    except Exception as error:  # whatever a foreign package raises
        return _sentence(f"`import mockserver` fails ({type(error).__name__}: {error})")
    if getattr(mockserver, "__distribution__", None) == "upvest-mockserver":
        return None
    where = getattr(mockserver, "__file__", None) or next(iter(mockserver.__path__), "")
    return _sentence(f"`import mockserver` gives another package, {where}")


def _sentence(problem: str) -> str:
    return (
        f"upvest-mockserver cannot start, since {problem}: mockserver-client has a package of that name too; "
        "install it in another environment, uninstall it in this one, and then install upvest-mockserver anew."
    )


def main() -> None:
    """The commands ``mockserver`` and ``upvest-mockserver``."""
    problem = stranger()
    if problem is not None:
        # lazy: only to say what is wrong
        import sys

        print(problem, file=sys.stderr)
        raise SystemExit(MISTAKE)
    from mockserver.cli import main as commands

    commands()


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Load the plugin itself, whose options and fixtures pytest takes from there."""
    problem = stranger()
    if problem is not None:
        import pytest

        raise pytest.UsageError(problem)
    pluginmanager.import_plugin("mockserver.pytest_plugin")
