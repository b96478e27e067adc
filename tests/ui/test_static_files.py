"""The files that pages load: vendored as they were published, with their licences, and kept by browsers for ever."""

from __future__ import annotations

from hashlib import sha256

import pytest

from mockserver.ui.static_files import FILES, FOLDER, address, static_file
from tests.ui.pages import visiting

VENDORED = {
    "htmx.js": ("htmx.org 4.0.1, dist/htmx.min.js", "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"),
    "hx-sse.js": (
        "htmx.org 4.0.1, dist/ext/hx-sse.min.js",
        "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
    ),
    "hotkey.js": (
        "@github/hotkey 3.1.4, dist/index.js",
        "e84f471748ca94452cf51c5601a8610d28ec08a475cbf7f8f61da36851a67eb5",
    ),
    "clipboard-copy.js": (
        "@github/clipboard-copy-element 1.3.2, dist/bundle.js",
        "373ef6fe2c592e24440ce8f3176456a54297d10bc64bbf8ca49cd90db2e2d982",
    ),
    "inter.woff2": (
        "@fontsource-variable/inter 5.3.0, files/inter-latin-wght-normal.woff2",
        "3100e775e8616cd2611beecfa23a4263d7037586789b43f035236a2e6fbd4c62",
    ),
    "jetbrains-mono.woff2": (
        "@fontsource-variable/jetbrains-mono 5.3.0, files/jetbrains-mono-latin-wght-normal.woff2",
        "18be452724bfdc236c074ca94a249a7f41a86752c7d04ab258ce9ed5651f6a7e",
    ),
}
"""Where each file of somebody else comes from, and the hash of its bytes as published on npm."""

OWN = {"style.css", "icon.svg", "keys.js"}

FIRST_VISIT = 120_000
"""Bytes of all files together as they are sent; with a page of 10,000 they are the 130,000 of the design."""


def test_every_file_is_vendored_or_the_projects_own() -> None:
    assert set(FILES) == VENDORED.keys() | OWN
    assert {each.name for each in FOLDER.iterdir() if each.is_file()} == set(FILES)


@pytest.mark.parametrize("name", VENDORED)
def test_a_vendored_file_is_as_it_was_published(name: str) -> None:
    assert sha256((FOLDER / name).read_bytes()).hexdigest() == VENDORED[name][1]


def test_every_vendored_package_has_its_licence() -> None:
    licences = {each.name.removesuffix(".txt"): each.read_text("utf-8") for each in (FOLDER / "licenses").iterdir()}
    assert licences.keys() == {"htmx", "hotkey", "clipboard-copy", "inter", "jetbrains-mono"}
    assert all("license" in text.lower() or "permission" in text.lower() for text in licences.values())


def test_the_only_script_of_the_project_joins_keys_and_elements() -> None:
    assert len((FOLDER / "keys.js").read_text("utf-8").splitlines()) == 2


def test_a_first_visit_is_within_its_budget() -> None:
    sent = [static_file(name) for name in FILES]
    assert sum(len(each.packed or each.body) for each in sent) <= FIRST_VISIT
    assert len(static_file("style.css").packed or b"") <= 8_000


async def test_a_file_is_kept_for_ever_under_the_hash_of_its_bytes_and_nowhere_else() -> None:
    async with visiting() as visitor:
        for name in FILES:
            async with visitor.session.get(address(name), headers={"accept-encoding": "gzip"}) as answer:
                body = await answer.read()
                assert answer.status == 200
                assert "immutable" in answer.headers["cache-control"]
            assert body == static_file(name).body
            assert sha256(body).hexdigest()[:12] in address(name)
        for wrong in ("0" * 12 + "/style.css", address("style.css")[-22:] + "x", "x/../../pages.py", "x"):
            async with visitor.session.get(f"/_mock/ui/static/{wrong}") as answer:
                assert answer.status == 404


async def test_the_style_sheet_names_the_fonts_under_their_hashes() -> None:
    text = static_file("style.css").body.decode()
    for name in ("inter.woff2", "jetbrains-mono.woff2"):
        assert f"url(../{static_file(name).hash}/{name})" in text
