// node receiver.mjs      (MOCKSERVER_URL, UPVEST_CLIENT_ID)
// A receiver of webhooks that verifies every delivery, signed by version 6 or 15: 200, or 401 and the reason.
import { createHash, createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";

const api = process.env.MOCKSERVER_URL ?? "http://127.0.0.1:8080";
const clientId = process.env.UPVEST_CLIENT_ID;

/** The keys that deliveries are signed with. They rotate: fetch them again for a key id that is not among them. */
async function publishedKeys() {
  const headers = { accept: "application/json", "upvest-client-id": clientId };
  return (await (await fetch(`${api}/auth/verify_keys`, { headers })).json()).keys;
}

/** Why a delivery is not genuine; undefined where it is. `body`: the bytes that came, not JSON that was written again. */
export async function refusal(method, target, headers, body) {
  const given = headers["signature-input"]?.match(/^sig1=(\(("[^)]*")\);.*)$/);
  const made = headers.signature?.match(/^sig1=:([A-Za-z0-9+/=]+):$/);
  if (!given || !made) return "it is not signed";
  const [, params, list] = given;
  const names = [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1]);
  const newer = headers["upvest-signature-version"] === "15";
  const quote = newer ? '"' : ""; // version 6 writes the names without quotes
  const [path, query] = target.split(/(?=\?)/);
  const values = { ...headers, "@method": method, "@path": path, "@query": query };
  const lines = names.map((name) => `${quote}${name}${quote}: ${values[name] ?? ""}`);
  const base = [...lines, `${quote}@signature-params${quote}: ${params}`].join("\n");

  const hash = (algorithm) => createHash(algorithm).update(body).digest("base64");
  const [name, digest] = newer ? ["content-digest", `sha-512=:${hash("sha512")}:`] : ["digest", `SHA-256=${hash("sha256")}`];
  if (!names.includes(name) || headers[name] !== digest) return `${name} is not that of the body`;
  const expires = params.match(/;expires=(\d+)/)?.[1];
  if (expires && Number(expires) < Date.now() / 1000 - 60) return "it is expired";
  const kid = params.match(/;keyid="([^"]+)"/)?.[1];
  const jwk = (await publishedKeys()).find((key) => key.kid === kid);
  if (!jwk) return "its key is not published";
  const key = createPublicKey({ key: jwk, format: "jwk" });
  if (!verify("sha512", Buffer.from(base), key, Buffer.from(made[1], "base64"))) return "the signature does not fit";
}

const server = createServer(async (request, response) => {
  const chunks = await request.toArray();
  const reason = await refusal(request.method, request.url, request.headers, Buffer.concat(chunks));
  response.writeHead(reason ? 401 : 200).end(reason);
});
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
