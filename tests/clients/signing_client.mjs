// A client in another language: signs requests with Node's own crypto, and prints what was answered.
//
//   node signing_client.mjs < {"url", "client_id", "client_secret", "key_id", "private_key", "version"}
//
// It is written from the documentation alone and shares nothing with the server.
import { createHash, createSign, createPrivateKey, randomUUID, sign as signOnce } from "node:crypto";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const given = JSON.parse(Buffer.concat(chunks).toString());
const key = createPrivateKey(given.private_key);

function signature(base) {
  if (key.asymmetricKeyType === "ed25519") return signOnce(null, Buffer.from(base), key);
  return createSign("SHA512").update(base).sign(key);
}

function signed(method, target, headers, body) {
  const url = new URL(target, given.url);
  const covered = new Map([["@method", method], ["@path", url.pathname]]);
  if (url.search) covered.set("@query", url.search);
  for (const [name, value] of Object.entries(headers)) covered.set(name, value);
  const added = { date: new Date().toUTCString() };
  if (body) {
    added["content-length"] = String(Buffer.byteLength(body));
    if (given.version === 15)
      added["content-digest"] = `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
    else added["digest"] = `SHA-256=${createHash("sha256").update(body).digest("base64")}`;
  }
  for (const [name, value] of Object.entries(added)) covered.set(name, value);
  const created = Math.floor(Date.now() / 1000);
  const names = [...covered.keys()].map((name) => `"${name}"`).join(" ");
  const params = `(${names});keyid="${given.key_id}";created=${created};expires=${created + 5};nonce="${randomUUID()}"`;
  covered.set("@signature-params", params);
  const quote = given.version === 15 ? '"' : "";
  const base = [...covered].map(([name, value]) => `${quote}${name}${quote}: ${value}`).join("\n");
  const all = { ...headers, ...added, "signature-input": `sig1=${params}` };
  all["signature"] = `sig1=:${signature(base).toString("base64")}:`;
  if (given.version === 15) all["upvest-signature-version"] = "15";
  return [url, { method, headers: all, body }];
}

async function ask(method, target, headers, body) {
  const answer = await fetch(...signed(method, target, headers, body));
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

const common = { accept: "application/json", "upvest-client-id": given.client_id };
const form = new URLSearchParams({
  client_id: given.client_id,
  client_secret: given.client_secret,
  grant_type: "client_credentials",
  scope: "instruments:read webhooks:admin",
}).toString();
const formType = { "content-type": "application/x-www-form-urlencoded" };
const token = await ask("POST", "/auth/token", { ...common, ...formType }, form);
const own = { ...common, authorization: `Bearer ${token.body.access_token}` };
const json = { ...own, "content-type": "application/json", "idempotency-key": randomUUID() };
const answers = { token: token.status };
answers.get = (await ask("GET", "/instruments?limit=1&offset=1", own)).status;
const hook = JSON.stringify({ title: "Node", url: "http://127.0.0.1:9/none", type: ["ALL"] });
const created = await ask("POST", "/webhooks", json, hook);
answers.post = created.status;
answers.patch = (await ask("PATCH", `/webhooks/${created.body.id}`, json, JSON.stringify({ title: "Noder" }))).status;
answers.delete = (await ask("DELETE", `/webhooks/${created.body.id}`, own)).status;
console.log(JSON.stringify(answers));
