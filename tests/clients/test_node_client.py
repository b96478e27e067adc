"""A client in another language, on its own crypto: signed requests from Node pass in both versions."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.clients.conftest import Strict
from tests.protocol.signing.signer import KINDS, private_key

NODE = shutil.which("node")
CLIENT = Path(__file__).with_name("signing_client.mjs")


@pytest.mark.skipif(NODE is None, reason="NOT TESTED HERE: signing from Node, since node is not installed")
@pytest.mark.parametrize("version", [15, 6])
@pytest.mark.parametrize("kind", KINDS)
def test_a_client_on_nodes_crypto_signs_every_method(strict: Strict, kind: str, version: int) -> None:
    given = {
        "url": strict.url,
        "client_id": strict.tenant.client_id,
        "client_secret": strict.tenant.client_secret,
        "key_id": kind,
        "private_key": private_key(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "version": version,
    }
    ran = subprocess.run([str(NODE), str(CLIENT)], input=json.dumps(given), capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"token": 200, "get": 200, "post": 201, "patch": 200, "delete": 204}
