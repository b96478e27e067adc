// A receiver's check of a delivery in another language, with Node's own crypto: reads a delivery as JSON from its
// standard input, prints "verified" or what is wrong. Version 6: names are not quoted (concepts.md §2.1).
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const { method, target, headers, body, keys } = JSON.parse(readFileSync(0, "utf8"));
const content = Buffer.from(body, "base64");
const [path, query] = target.split(/(?=\?)/);
const params = headers["signature-input"].replace(/^sig1=/, "");
const names = [...params.match(/^\(([^)]*)\)/)[1].matchAll(/"([^"]+)"/g)].map((match) => match[1]);
const values = { ...headers, "@method": method, "@path": path, "@query": query };
const base = [...names.map((name) => `${name}: ${values[name]}`), `@signature-params: ${params}`].join("\n");
const kid = params.match(/;keyid="([^"]+)"/)[1];
const jwk = keys.keys.find((key) => key.kid === kid);
const digest = `SHA-256=${createHash("sha256").update(content).digest("base64")}`;
const signature = Buffer.from(headers.signature.match(/^sig1=:(.+):$/)[1], "base64");

if (!jwk) console.log("unknown key");
else if (!verify("sha512", Buffer.from(base), createPublicKey({ key: jwk, format: "jwk" }), signature)) console.log("wrong signature");
else if (!names.includes("digest") || headers.digest !== digest) console.log("wrong digest");
else console.log("verified");
