"""Writes down the requests that clients send by themselves: ``python -m tests.default_headers.echo PROGRAM...``.

Each program (a command line) gets the address of a server as its last argument and sends requests to
``/CLIENT/KIND``; the kinds are those of ``captured.yaml``. The headers of each, as they were on the wire, are printed
in the format of that file.
"""

from __future__ import annotations

import asyncio
import shlex
import sys
from urllib.parse import unquote

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"

Captured = dict[str, dict[str, list[str]]]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, captured: Captured) -> None:
    """Keep the head of one request, read its body to the end, and answer with an empty object."""
    try:
        start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n").split("\r\n")
    except asyncio.IncompleteReadError:  # a connection that a browser opens ahead
        writer.close()
        return
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(CONTINUE)
    if "content-length" in headers:
        await reader.readexactly(int(headers["content-length"]))
    elif headers.get("transfer-encoding") == "chunked":
        await reader.readuntil(b"0\r\n\r\n")
    method, path, _ = start.split(" ")
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if len(parts) == 2:  # a browser asks for an icon too
        client, kind = parts
        captured.setdefault(client, {})[kind] = [method, *lines]
    writer.write(ANSWER)
    await writer.drain()
    writer.close()


async def capture(commands: list[str]) -> Captured:
    captured: Captured = {}
    server = await asyncio.start_server(lambda reader, writer: answer(reader, writer, captured), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        for command in commands:
            process = await asyncio.create_subprocess_exec(*shlex.split(command), f"http://127.0.0.1:{port}")
            await process.wait()
    return captured


def main() -> None:
    for client, requests in asyncio.run(capture(sys.argv[1:])).items():
        print(f"- client: {client}\n  requests:")
        for kind, (method, *lines) in requests.items():
            print(f"    {kind}: |\n      {method}", *lines, sep="\n      ")


if __name__ == "__main__":
    main()
