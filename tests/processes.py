"""``mockserver serve`` as a process, for tests of what it prints and does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys


class Server:
    """``mockserver serve`` on a free port; its time stands."""

    def __init__(self, *options: str) -> None:
        arguments = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--clock", "manual", *options]
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, text=True, env={**os.environ, "MOCKSERVER_SEED": "7"}
        )
        assert self.process.stdout is not None
        self.lines: list[str] = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if "mockserver clock show" in line:
                break
        self.url = self.lines[0].rpartition(" ")[2]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code
