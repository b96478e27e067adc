// node --test      (with the mock at MOCKSERVER_URL)
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, test } from "node:test";

import { Api, answered } from "./api.mjs";

const url = process.env.MOCKSERVER_URL ?? "http://127.0.0.1:8080";
const token = process.env.MOCKSERVER_CONTROL_TOKEN;
const world = JSON.parse(await readFile(new URL("../first-order.json", import.meta.url), "utf8"));

/** A command to the mock itself: worlds, clocks, faults. */
function command(method, path, body) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  return answered(fetch(`${url}/_mock${path}`, { method, headers, body: body && JSON.stringify(body) }));
}

let clientId, api, account;

beforeEach(async () => {
  const made = await command("POST", "/worlds", world); // a world of its own for each test
  clientId = made.client_id;
  api = new Api(url, clientId, made.client_secret);
  await api.logIn("accounts:read", "orders:read", "orders:admin", "webhooks:admin");
  [account] = (await api.get("/accounts")).data;
});

afterEach(() => command("DELETE", `/worlds/${clientId}`));

test("an order is filled once time passes", async () => {
  const order = await api.post("/orders", {
    user_id: account.users[0].id,
    account_id: account.id,
    side: "BUY",
    cash_amount: "100.00",
    currency: "EUR",
    instrument_id: "IE00B4L5Y983",
    instrument_id_type: "ISIN",
    order_type: "MARKET",
    client_reference: null, // unset: counts as absent
  });
  assert.equal(order.status, "NEW");
  await command("POST", `/worlds/${clientId}/clock/advance`, { until: "idle" });
  const { status, executions } = await api.get(`/orders/${order.id}`);
  assert.equal(status, "FILLED");
  assert.equal(Number(executions[0].share_quantity), 1.25); // 100 EUR at 80
});

test("a webhook is subscribed and removed", async () => {
  const webhook = await api.post("/webhooks", { title: "Mine", url: "http://127.0.0.1:9/none", type: ["ORDER"] });
  await api.delete(`/webhooks/${webhook.id}`);
  await assert.rejects(api.get(`/webhooks/${webhook.id}`), /^Error: 404/);
});
