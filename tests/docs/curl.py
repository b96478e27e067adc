"""As much of ``curl`` as the documentation uses, for machines that have none."""

from __future__ import annotations

import http.client
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit


def main(arguments: list[str]) -> int:  # noqa: C901 # a branch an option
    options = iter(arguments)
    method, url, data, headers, into, fails, tries = "", "", None, {}, None, False, 1
    for option in options:
        if option in ("-X", "--request"):
            method = next(options)
        elif option in ("-d", "--data", "--data-binary"):
            data = _data(next(options))
        elif option in ("-H", "--header"):
            name, _, value = next(options).partition(": ")
            headers[name] = value
        elif option in ("-o", "--output"):
            into = Path(next(options))
        elif option == "--retry":
            tries += int(next(options))
        elif option in ("-s", "-f", "-sf", "--retry-connrefused"):
            fails = fails or "f" in option
        elif option.startswith("-"):
            print(f"the page uses curl {option}, which is not known here", file=sys.stderr)
            return 2
        else:
            url = option
    parts = urlsplit(url if "://" in url else f"http://{url}")
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    if data is not None:
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
    target = f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}"
    _connect(connection, tries)
    connection.request(method or ("GET" if data is None else "POST"), target, data, headers)
    answer = connection.getresponse()
    content = answer.read()
    if fails and answer.status >= 400:
        return 22
    if into is not None:
        into.write_bytes(content)
    elif content:
        sys.stdout.buffer.write(content + b"\n")
    return 0


def _connect(connection: http.client.HTTPConnection, tries: int) -> None:
    """Connect, with the pauses that curl makes: a second, and twice as long each time."""
    for number in range(tries):
        try:
            connection.connect()
            return
        except ConnectionRefusedError:
            if number + 1 == tries:
                raise
            time.sleep(2**number)


def _data(text: str) -> str:
    """The text itself, or the file that it names."""
    return Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
