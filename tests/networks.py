"""Two machines joined by a cable, as network namespaces, for what goes from a container to a test. Linux, root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
NAMES: Final = Path("/etc/netns")
"""Where ``ip netns exec`` takes files from that replace those of /etc in a namespace."""

FORWARD: Final = """
import asyncio, sys

async def copy(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()

async def forward(reader, writer):
    other_reader, other_writer = await asyncio.open_connection(sys.argv[2], int(sys.argv[3]))
    await asyncio.gather(copy(reader, other_writer), copy(other_reader, writer), return_exceptions=True)

async def main():
    server = await asyncio.start_server(forward, "127.0.0.1", int(sys.argv[1]))
    print("ready", flush=True)
    await server.serve_forever()

asyncio.run(main())
"""
"""What a container engine does for a published port: local port, host, port."""


@dataclass
class Machine:
    """A network namespace with an address, and the names that it resolves."""

    namespace: str
    address: str
    address_6: str
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def resolves(self, names: Mapping[str, str]) -> None:
        """Let these names, and no others but localhost, resolve here."""
        folder = NAMES / self.namespace
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in names.items())]
        (folder / "hosts").write_text("\n".join([*lines, ""]), encoding="utf-8")

    def run(
        self, command: Sequence[str], cwd: Path, environment: Mapping[str, str], timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._inside(command),
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, command: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> str:
        """Start a process that says by a first line that it is ready; returns that line."""
        process = subprocess.Popen(
            self._inside(command), cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.processes.append(process)
        assert process.stdout is not None
        return process.stdout.readline().rstrip()

    def publish(self, port: int, other: Machine, cwd: Path) -> None:
        """Let the port of localhost here lead to that port of the other machine, as ``docker run -p`` does."""
        line = self.start([sys.executable, "-c", FORWARD, str(port), other.address, str(port)], cwd, os.environ)
        assert line == "ready"

    def stop(self) -> None:
        """End what was started here."""
        for process in self.processes:
            process.terminate()
            process.wait(20)
            assert process.stdout is not None
            process.stdout.close()
        self.processes.clear()

    def _inside(self, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, *command]


@dataclass(frozen=True)
class Network:
    """The machine of the server, and that of the tests."""

    server: Machine
    tests: Machine


@contextmanager
def network() -> Iterator[Network]:
    """Two machines that reach each other and nothing else.

    Raises :class:`OSError` where this machine does not let them be made; the text says why.
    """
    if shutil.which("ip") is None:
        raise OSError("there is no command ip (iproute2)")
    prefix = f"ms{os.getpid()}"
    # addresses for documentation (RFC 5737, RFC 3849): never those of this machine's own networks
    server = Machine(f"{prefix}s", "198.51.100.1", "2001:db8::1")
    tests = Machine(f"{prefix}t", "198.51.100.2", "2001:db8::2")
    existed = NAMES.exists()
    try:
        for machine in (server, tests):
            _ip("netns", "add", machine.namespace)
            _ip("-n", machine.namespace, "link", "set", "lo", "up")
        cable = f"{prefix}c"
        _ip("link", "add", cable, "netns", server.namespace, "type", "veth", "peer", cable, "netns", tests.namespace)
        for machine in (server, tests):
            _ip("-n", machine.namespace, "addr", "add", f"{machine.address}/24", "dev", cable)
            _ip("-n", machine.namespace, "addr", "add", f"{machine.address_6}/64", "dev", cable, "nodad")
            _ip("-n", machine.namespace, "link", "set", cable, "up")
            machine.resolves({})
        probe = server.run(["true"], ROOT, os.environ)
        if probe.returncode:
            raise OSError(f"ip netns exec: {probe.stderr.strip()}")
        yield Network(server, tests)
    finally:
        for machine in (server, tests):
            machine.stop()
            subprocess.run(["ip", "netns", "del", machine.namespace], capture_output=True, check=False)
            shutil.rmtree(NAMES / machine.namespace, ignore_errors=True)
        if not existed and NAMES.exists() and not any(NAMES.iterdir()):
            NAMES.rmdir()


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
