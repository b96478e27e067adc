"""What ``serve`` suggests to try: lines for a shell, which work as they stand."""

from __future__ import annotations

from pathlib import Path

from mockserver.hosting.tenants import Tenant
from mockserver.protocol.clients import Auth

SCOPES = "instruments:read accounts:read portfolios:admin"


def suggestions(url: str, tenant: Tenant, key_file: Path | None) -> list[str]:
    """A first request, as the world's authority needs it."""
    if tenant.auth is Auth.STRICT:
        return _signed(url, tenant, key_file)
    head = f"-H 'upvest-client-id: {tenant.client_id}'"
    if tenant.auth is Auth.OFF:
        return [f"curl -s {url}/instruments {head}"]
    form = f"grant_type=client_credentials&client_id={tenant.client_id}&client_secret={tenant.client_secret}"
    form += f"&scope={SCOPES}"
    return [
        f"TOKEN=$(curl -s {url}/auth/token {head} -d '{form}' \\",
        '        | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')',
        f'curl -s {url}/instruments {head} -H "authorization: Bearer $TOKEN"',
    ]


def _signed(url: str, tenant: Tenant, key_file: Path | None) -> list[str]:
    """By the vendor's own client: curl cannot sign."""
    if key_file is None:
        return ["# sign with your key; or, for curl: mockserver serve --auth off"]
    return [
        "# curl cannot sign: for it, mockserver serve --auth off.",
        "# In Python, after pip install 'upvest-investment-api[requests-auth]':",
        "python3 -c 'if True:",  # so that the lines may be indented
        "import requests; from upvest_investment_api import UpvestRequestsAuth as Auth",
        f'auth = Auth(private_key_pem=open("{key_file}", "rb").read(), private_key_passphrase=None,',
        f'            key_id="{tenant.keys.test_key.id}", client_id="{tenant.client_id}",',
        f'            client_secret="{tenant.client_secret}", scopes="{SCOPES}".split())',
        f'print(requests.get("{url}/instruments", auth=auth).text)\'',
    ]
