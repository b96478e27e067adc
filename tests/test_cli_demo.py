"""``demo``: a server with three worlds in which something has happened, and pages that can be opened."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from urllib.request import Request, urlopen

from mockserver.cli.demo import WORLDS


def test_the_demo_prints_pages_that_show_three_worlds() -> None:
    program = [sys.executable, "-m", "mockserver", "demo", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline() for _ in range(5)]
            addresses = re.findall(r"http://\S+", "".join(lines))
            assert len(addresses) == 4
            first, *worlds = (urlopen(Request(each), timeout=20).read().decode() for each in addresses)
            assert all(name in first for name in WORLDS)
            assert all("What led to what" in page for page in worlds)
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
