"""A server pays for the dashboard when its first page is opened, and not before."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, sys
import aiohttp
from mockserver.server import ServerSettings, start

def loaded():
    return sorted({name.split(".")[0] + ".ui" * name.startswith("mockserver.ui") for name in sys.modules
                   if name.startswith("mockserver.ui") or name.split(".")[0] == "jinja2"})

async def main():
    async with await start(ServerSettings(port=0)) as server, aiohttp.ClientSession(server.url) as session:
        for path in sys.argv[1:]:
            async with session.get(path) as answer:
                assert answer.status == 200
            print(path, *loaded())

asyncio.run(main())
"""


def loaded_after(*paths: str) -> list[str]:
    """What of the dashboard is loaded after each request to a new server."""
    run = subprocess.run([sys.executable, "-c", PROGRAM, *paths], check=True, stdout=subprocess.PIPE, text=True)
    return run.stdout.splitlines()


def test_only_the_first_page_imports_the_dashboard_and_its_templates() -> None:
    found = loaded_after("/_mock/health", "/_mock/worlds", "/_mock/ui/")
    assert found == ["/_mock/health", "/_mock/worlds", "/_mock/ui/ jinja2 mockserver.ui"]


def test_a_page_can_be_the_first_request_to_a_server() -> None:
    assert loaded_after("/_mock/ui/default/timeline") == ["/_mock/ui/default/timeline jinja2 mockserver.ui"]
