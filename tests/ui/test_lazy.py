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
        for path in ("/_mock/health", "/_mock/worlds", "/_mock/ui/"):
            async with session.get(path) as answer:
                assert answer.status == 200
            print(path, *loaded())

asyncio.run(main())
"""


def test_only_the_first_page_imports_the_dashboard_and_its_templates() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], check=True, stdout=subprocess.PIPE, text=True)
    assert run.stdout.splitlines() == ["/_mock/health", "/_mock/worlds", "/_mock/ui/ jinja2 mockserver.ui"]
