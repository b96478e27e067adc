"""requests, httpx and aiohttp: ``python clients.py URL``."""

import asyncio
import sys

import aiohttp
import httpx
import requests

FORM, BODY = {"scope": "users:read"}, {"title": "Mine"}


def synchronous(url: str, library) -> None:
    base = f"{url}/{library.__name__} {library.__version__}"
    library.post(f"{base}/form", data=FORM)
    library.get(f"{base}/read")
    library.post(f"{base}/write", json=BODY)
    library.post(f"{base}/post")
    library.delete(f"{base}/delete")


async def asynchronous(url: str) -> None:
    base = f"{url}/aiohttp {aiohttp.__version__}"
    async with aiohttp.ClientSession() as session:
        for request in (
            session.post(f"{base}/form", data=FORM),
            session.get(f"{base}/read"),
            session.post(f"{base}/write", json=BODY),
            session.post(f"{base}/post"),
            session.delete(f"{base}/delete"),
        ):
            async with request as response:
                await response.read()


synchronous(sys.argv[-1], requests)
synchronous(sys.argv[-1], httpx)
asyncio.run(asynchronous(sys.argv[-1]))
