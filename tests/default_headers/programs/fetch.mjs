// fetch as it is built into Node: node fetch.mjs URL
const client = `${process.argv.at(-1)}/fetch (undici ${process.versions.undici}, Node ${process.versions.node})`;
const send = (kind, options) => fetch(`${encodeURI(client)}/${kind}`, options).then((answer) => answer.text());
const json = { "content-type": "application/json" };

await send("form", { method: "POST", body: new URLSearchParams({ scope: "users:read" }) });
await send("read");
await send("write", { method: "POST", headers: json, body: JSON.stringify({ title: "Mine" }) });
await send("post", { method: "POST" });
await send("delete", { method: "DELETE" });
await send("write-untyped", { method: "POST", body: JSON.stringify({ title: "Mine" }) });
