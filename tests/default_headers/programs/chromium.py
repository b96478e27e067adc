"""Chromium: ``python chromium.py URL``.

The browser sends everything to a port of this program, so that the page and its requests have one origin; the page is
served from here, the rest is passed on as it came.
"""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from urllib.parse import quote

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
VERSION = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True).stdout.split()[1]
CLIENT = f"/{quote(f'Chromium {VERSION}')}"
PAGE = f"""<script>(async () => {{
  const send = (kind, options) => fetch("{CLIENT}/" + kind, options).then((answer) => answer.text());
  const json = {{ "content-type": "application/json" }};
  await send("form", {{ method: "POST", body: new URLSearchParams({{ scope: "users:read" }}) }});
  await send("read");
  await send("write", {{ method: "POST", headers: json, body: JSON.stringify({{ title: "Mine" }}) }});
  await send("post", {{ method: "POST" }});
  await send("delete", {{ method: "DELETE" }});
}})()</script>"""
SERVED = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {len(PAGE)}\r\n\r\n{PAGE}"


def pump(source, target):
    with contextlib.suppress(OSError):  # the other end is closed first
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def handle(browser, echo):
    data = browser.recv(65536)
    if data.startswith(b"GET /page"):
        browser.sendall(SERVED.encode())
    elif data:
        with socket.create_connection(echo) as passed:
            passed.sendall(data)
            threading.Thread(target=pump, args=(browser, passed), daemon=True).start()
            pump(passed, browser)
    browser.close()


def accept(listener, echo):
    while True:
        browser, _ = listener.accept()
        threading.Thread(target=handle, args=(browser, echo), daemon=True).start()


host, port = sys.argv[-1].removeprefix("http://").split(":")
with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data:
    threading.Thread(target=accept, args=(server, (host, int(port))), daemon=True).start()
    origin = f"http://127.0.0.1:{server.getsockname()[1]}"
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={data}", "--virtual-time-budget=8000"]
    for address in (f"{origin}/page", f"{origin}{CLIENT}/read-page"):
        subprocess.run([CHROMIUM, *options, "--dump-dom", address], capture_output=True, timeout=90)
