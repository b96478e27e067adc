"""No remote text is a path: what a command calls a scenario reads no file but those that the server was given."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mockserver.client import AsyncMockServer, ControlError, MockServer
from mockserver.client import scenarios as of_client
from mockserver.scenario import shipped
from mockserver.scenario.document import MAX_BYTES
from mockserver.scenario.errors import ScenarioError
from mockserver.scenario.load import load
from mockserver.server import ServerSettings, start

SECRET = "topsecret"
MINE = "name: mine\nseed: 7\naccounts: [{as: savings}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of scenarios, with files beside it that no name reaches."""
    outside, inside = tmp_path / "outside", tmp_path / "scenarios"
    outside.mkdir()
    inside.mkdir()
    (outside / "other.yaml").write_text(f"name: other\nclient: {{secret: {SECRET}}}\n")
    (inside / "mine.yaml").write_text(MINE)
    (inside / "linked.yaml").symlink_to(inside / "mine.yaml")
    (inside / "escaping.yaml").symlink_to(outside / "other.yaml")
    (inside / "circle.yaml").symlink_to(inside / "circle.yaml")
    (inside / "directory.yaml").mkdir()
    (inside / "broken.yaml").write_text(f"name: broken\nclock: {SECRET}\n{SECRET}: 1\nusers: {{{SECRET}: 1}}\n")
    (inside / "garbage.yaml").write_text(f"{SECRET}: [{SECRET}\n")
    (inside / "profile.yaml").write_text(f"name: profile\nprofile: {{base: {SECRET}}}\n")
    (inside / "key.yaml").write_text(f"name: key\nclient: {{keys: [{{id: {SECRET}, public_key: {SECRET}}}]}}\n")
    (inside / "huge.yaml").write_bytes(b"")
    os.truncate(inside / "huge.yaml", 3_000_000_000)  # sparse: nobody reads it
    os.mkfifo(inside / "pipe.yaml")
    return inside


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[str]:
    settings = ServerSettings(port=0, auth="off", clock="manual", scenario_folder=folder)
    async with await start(settings) as running:
        yield running.url


async def sent(url: str, body: Any = None, **options: Any) -> requests.Response:
    options = {"json": {"scenario": body}} | options
    return await asyncio.to_thread(requests.post, f"{url}/_mock/worlds", timeout=20, **options)


@pytest.mark.parametrize("scenario", ["portfolio-switch", "mine", "mine.yaml", "linked"])
async def test_a_name_is_a_shipped_scenario_or_a_file_of_the_folder(scenario: str, server: str) -> None:
    answer = await sent(server, scenario)
    assert answer.status_code == 201, answer.text
    assert answer.json()["scenario"] in (scenario, "mine")


@pytest.mark.parametrize(
    "scenario",
    [
        "../outside/other.yaml",
        "../outside/other",
        "..",
        ".",
        "",
        " ",
        "/etc/passwd",
        "/dev/zero",
        "/proc/self/environ",
        "\\\\host\\share",
        "mine.yaml/",
        "./mine.yaml",
        "%2e%2e%2fother",
        "a" * 101,
        "a" * 300,
        "mine\0.yaml",
        "m\u00efne",
        "-",
        ".hidden",
    ],
)
async def test_what_is_no_name_is_refused_with_the_names_there_are(scenario: str, server: str) -> None:
    answer = await sent(server, scenario)
    assert answer.status_code == 400, answer.text
    detail = answer.json()["detail"]
    assert "is not the name of a scenario" in detail
    assert "mine" in detail
    assert "application/yaml" in detail


@pytest.mark.parametrize("scenario", ["escaping", "escaping.yaml", "circle", "directory", "directory.yaml", "other"])
async def test_what_lies_outside_or_is_no_file_is_not_there(scenario: str, server: str) -> None:
    answer = await sent(server, scenario)
    assert answer.status_code == 404, answer.text
    assert SECRET not in answer.text


async def test_a_misspelled_name_is_answered_with_the_one_that_was_meant(server: str) -> None:
    answer = await sent(server, "portfolio-swich")
    assert answer.status_code == 404
    assert "(did you mean portfolio-switch?)" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("scenario", "text"),
    [
        ("broken", "broken.yaml:3: a member is not known"),
        ("garbage", "garbage.yaml:2: is not YAML"),
        ("profile", "profile.yaml:2: a value is not valid"),
        ("key", "key.yaml:2: a value is not valid"),
        ("huge", "huge.yaml: is larger than the 5 MB a scenario may have"),
        ("pipe", "pipe.yaml: is not a regular file"),
    ],
)
async def test_no_file_of_the_folder_is_quoted(scenario: str, text: str, server: str) -> None:
    answer = await sent(server, scenario)
    assert answer.status_code == 400, answer.text
    assert text in answer.json()["detail"]
    assert SECRET not in answer.text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
async def test_a_file_that_cannot_be_read_is_said_so(server: str, folder: Path) -> None:
    (folder / "mine.yaml").chmod(0)
    assert "cannot be read" in (await sent(server, "mine")).json()["detail"]


@pytest.mark.parametrize("text", [MINE, "name: mine", "{name: mine}", f"# mine\n{MINE}", f"--- \n{MINE}"])
async def test_yaml_text_is_the_document_itself(text: str, server: str) -> None:
    assert (await sent(server, text)).status_code == 201


@pytest.mark.parametrize("path", ["a: ../../etc/passwd", "/etc/passwd\n", "file:///etc/passwd", "C:\\secrets.yaml"])
async def test_a_path_in_a_text_is_no_file_either(path: str, server: str) -> None:
    answer = await sent(server, path)
    assert answer.status_code == 400
    assert "root:" not in answer.text


async def test_mistakes_of_what_was_sent_are_quoted_with_their_lines(server: str) -> None:
    answer = await sent(server, "name: mine\nusres: []\n")
    assert "scenario:2: usres: 'usres' is not known here (did you mean 'users'?)" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["application/yaml", "application/yaml; charset=utf-8", "Application/YAML"])
async def test_a_body_of_yaml_is_the_document_too(kind: str, server: str) -> None:
    answer = await sent(server, data=MINE.encode(), json=None, headers={"content-type": kind})
    assert answer.status_code == 201, answer.text
    assert answer.json()["scenario"] == "mine"


async def test_beside_a_body_of_yaml_the_other_members_stand_in_the_query(server: str) -> None:
    client_id = "11111111-1111-4111-8111-111111111111"
    query = {
        "profile": "live",
        "clock": "x60",
        "seed": "9",
        "now": "2023-01-10T08:00:00Z",
        "client_id": client_id,
        "auth": "strict",
        "receiver": "http://127.0.0.1:9/",
    }
    options = {"data": MINE.encode(), "json": None, "headers": {"content-type": "application/yaml"}, "params": query}
    answer = await sent(server, **options)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["profile"], made["mode"], made["seed"], made["auth"]) == ("live", "x60", 9, "strict")
    assert "PRIVATE KEY" in made["private_key"]
    assert made["client_id"] == client_id
    assert made["now"].startswith("2023-01-10T08:00:")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"seed": "x"}, "(query).seed: must be a whole number"),
        ({"seed": str(2**63)}, "(query).seed: must be at least -9223372036854775808"),
        ({"now": "soon"}, "(query).now: 'soon' is not a moment"),
        ({"client_id": "x"}, "(query).client_id: 'x' is not a UUID"),
        ({"auth": "none"}, "(query).auth: must be off or token or strict"),
        ({"profile": "x"}, "(root).profile: "),
        ({"client_secret": "x"}, "(query).client_secret: is unknown"),
        ({"scenario": "mine"}, "(query).scenario: is unknown"),
    ],
)
async def test_a_query_that_does_not_fit_is_refused(query: dict[str, str], text: str, server: str) -> None:
    answer = await sent(
        server, data=MINE.encode(), json=None, headers={"content-type": "application/yaml"}, params=query
    )
    assert answer.status_code == 400
    assert text in answer.json()["detail"]


async def test_a_member_is_given_once(server: str) -> None:
    answer = await sent(server, json={"seed": 1}, params={"seed": "2"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "(query).seed: is given in the body too; give it once."


async def test_yaml_without_its_type_is_told_the_type(server: str) -> None:
    answer = await sent(server, data=MINE.encode(), json=None, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert "content-type: application/yaml" in answer.json()["detail"]


async def test_a_document_that_is_too_large_is_refused_unread(server: str) -> None:
    text = "name: mine\n" + "#" * MAX_BYTES
    for answer in (
        await sent(server, text),
        await sent(server, data=text.encode(), json=None, headers={"content-type": "application/yaml"}),
    ):
        assert answer.status_code == 400
        assert "is larger than the 5 MB" in answer.json()["detail"]


# --- On the client's side a file is read, and its text sent ---


async def test_the_client_reads_a_file_on_its_own_side(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(MINE)
    monkeypatch.chdir(tmp_path)
    async with AsyncMockServer(server) as mock:
        for scenario in (own, str(own), "own.yaml", Path("own.yaml"), "./own.yaml", MINE, {"name": "mine", "seed": 7}):
            world = await mock.worlds.create(scenario)
            assert world.about.json["scenario"] == "mine"
            assert world.about.json["seed"] == 7


async def test_the_client_sends_any_other_text_as_a_name(server: str) -> None:
    async with AsyncMockServer(server) as mock:
        assert (await mock.worlds.create("portfolio-switch")).about.json["scenario"] == "portfolio-switch"
        with pytest.raises(ControlError, match="There is no scenario 'own'"):
            await mock.worlds.create("own")


@pytest.mark.parametrize("scenario", ["missing/own.yaml", Path("own.yaml")])
def test_a_path_without_a_file_never_leaves_the_client(scenario: str | Path) -> None:
    with pytest.raises(FileNotFoundError), MockServer("http://127.0.0.1:9") as mock:
        mock.worlds.create(scenario)


def test_the_client_refuses_what_no_server_would_take(folder: Path, tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: \xe4\n")
    for file, text in (
        (folder / "huge.yaml", "larger than the 5 MB"),
        (folder / "pipe.yaml", "not a regular file"),
        (folder, "not a regular file"),
        (latin, "not text in UTF-8"),
    ):
        with pytest.raises(ValueError, match=text):
            of_client.sent(file)
    assert of_client.LARGEST == MAX_BYTES


def test_one_line_of_a_file_is_no_name(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text("{}")
    assert of_client.sent(file) == "{}\n"


# --- Programs of this machine go on taking paths ---


def test_the_command_line_reads_files_within_bounds(folder: Path) -> None:
    assert load(folder / "mine.yaml").name == "mine"
    for name, text in (
        ("huge.yaml", "larger than the 5 MB"),
        ("pipe.yaml", "not a regular file"),
        ("directory.yaml", "no such file"),
        ("a" * 300, "no such file"),
        ("mine\0", "no such file"),
    ):
        with pytest.raises(ScenarioError, match=text):
            load(str(folder / name))


def test_every_shipped_scenario_has_a_name_that_may_be_sent() -> None:
    assert all(of_client.sent(name) == name for name in shipped.files())
