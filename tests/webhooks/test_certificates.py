"""Targets over TLS: trusted by the certificates of the machine, which are read when the first one is sent to."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mockserver.webhooks.sender import Sender
from tests.webhooks.tenants import Tenant

BODY = b'{"payload":[]}'


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that signed itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    bare = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path_factory.mktemp("tls") / "receiver.pem"
    file.write_bytes(signed.public_bytes(pem) + bare)
    return file


@pytest.fixture
async def url(certificate: Path) -> AsyncIterator[str]:
    """The address of a receiver over TLS."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)

    async def receive(_: web.BaseRequest) -> web.Response:
        return web.Response()

    runner = web.ServerRunner(web.Server(receive))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}/hooks"
    await runner.cleanup()


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    sender = Sender()
    yield sender
    await sender.close()


async def test_a_target_that_the_machine_trusts_gets_its_delivery(
    tenant: Tenant, sender: Sender, url: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    outcome = await sender.send(tenant.world, url, BODY)
    assert (outcome.status, outcome.error) == (200, None)


async def test_a_target_that_the_machine_does_not_trust_gets_none(
    tenant: Tenant, sender: Sender, url: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = await sender.send(tenant.world, url, BODY)
    assert outcome.error is not None
    assert "certificate" in outcome.error
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    again = await sender.send(tenant.world, url, BODY)
    assert again.error == outcome.error  # read once


def test_serve_starts_without_the_certificates_and_leaves_the_variables_as_they_were() -> None:
    program = """
import os, click
from mockserver.cli import main
main.get_command(click.Context(main), "serve")
from aiohttp.connector import _SSL_CONTEXT_VERIFIED as verified
print(len(verified.get_ca_certs()), os.environ["SSL_CERT_FILE"], os.environ.get("SSL_CERT_DIR"))
"""
    environment = {name: value for name, value in os.environ.items() if name != "SSL_CERT_DIR"}
    environment["SSL_CERT_FILE"] = "/etc/ssl/mine.pem"
    found = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["0", "/etc/ssl/mine.pem", "None"]
