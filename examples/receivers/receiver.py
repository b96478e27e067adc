# python receiver.py      (MOCKSERVER_URL, UPVEST_CLIENT_ID; needs the package cryptography)
"""A receiver of webhooks that verifies every delivery, signed by version 6 or 15: 200, or 401 and the reason."""

import hashlib
import json
import os
import re
import time
from base64 import b64decode, b64encode, urlsafe_b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import Request, urlopen

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

API = os.environ.get("MOCKSERVER_URL", "http://127.0.0.1:8080")
CLIENT_ID = os.environ["UPVEST_CLIENT_ID"]


def published_keys():
    """The keys that deliveries are signed with. They rotate: fetch them again for a key id that is not among them."""
    headers = {"accept": "application/json", "upvest-client-id": CLIENT_ID}
    with urlopen(Request(f"{API}/auth/verify_keys", headers=headers)) as answer:
        return {key["kid"]: key for key in json.load(answer)["keys"]}


def refusal(method, target, headers, body):
    """Why a delivery is not genuine; None where it is. Names of headers in lower case, the body as bytes that came."""
    given = re.fullmatch(r'sig1=(\(("[^)]*")\);.*)', headers.get("signature-input", ""))
    made = re.fullmatch(r"sig1=:([A-Za-z0-9+/=]+):", headers.get("signature", ""))
    if not given or not made:
        return "it is not signed"
    params, names = given[1], re.findall(r'"([^"]+)"', given[2])
    newer = headers.get("upvest-signature-version") == "15"
    quote = '"' if newer else ""  # version 6 writes the names without quotes
    path, mark, query = target.partition("?")
    values = {**headers, "@method": method, "@path": path, "@query": mark + query}
    lines = [f"{quote}{name}{quote}: {values.get(name, '')}" for name in names]
    base = "\n".join([*lines, f"{quote}@signature-params{quote}: {params}"])

    if newer:
        name, digest = "content-digest", f"sha-512=:{b64encode(hashlib.sha512(body).digest()).decode()}:"
    else:
        name, digest = "digest", f"SHA-256={b64encode(hashlib.sha256(body).digest()).decode()}"
    if name not in names or headers.get(name) != digest:
        return f"{name} is not that of the body"
    expires = re.search(r";expires=(\d+)", params)
    if expires and int(expires[1]) < time.time() - 60:
        return "it is expired"
    kid = re.search(r';keyid="([^"]+)"', params)
    key = published_keys().get(kid and kid[1])
    if key is None:
        return "its key is not published"
    x, y = (int.from_bytes(urlsafe_b64decode(key[member] + "=="), "big") for member in ("x", "y"))
    public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP521R1()).public_key()
    try:
        public.verify(b64decode(made[1]), base.encode(), ec.ECDSA(hashes.SHA512()))
    except InvalidSignature:
        return "the signature does not fit"
    return None


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reason = refusal("POST", self.path, headers, body)
        content = (reason or "").encode()
        self.send_response(401 if reason else 200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Receiver)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()
