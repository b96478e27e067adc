// Your client of the Investment API, on Node's own fetch. It knows nothing of a mock: only its URL differs in tests.
import { randomUUID } from "node:crypto";

export class Api {
  #url;
  #credentials;
  #token;

  constructor(url, clientId, clientSecret) {
    this.#url = url;
    this.#credentials = { client_id: clientId, client_secret: clientSecret };
  }

  async logIn(...scopes) {
    const form = new URLSearchParams({
      ...this.#credentials,
      grant_type: "client_credentials",
      scope: scopes.join(" "),
    });
    const answer = await answered(fetch(`${this.#url}/auth/token`, { method: "POST", body: form }));
    this.#token = answer.access_token;
  }

  get(path) {
    return this.#send("GET", path);
  }

  post(path, body) {
    const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
    return this.#send("POST", path, { headers, body: JSON.stringify(body) });
  }

  delete(path) {
    return this.#send("DELETE", path);
  }

  #send(method, path, { headers, body } = {}) {
    const all = { authorization: `Bearer ${this.#token}`, "upvest-client-id": this.#credentials.client_id, ...headers };
    return answered(fetch(`${this.#url}${path}`, { method, headers: all, body }));
  }
}

/** The JSON of an answer; a refusal is an error that says what the problem is. */
export async function answered(request) {
  const response = await request;
  const text = await response.text();
  const json = text === "" ? undefined : JSON.parse(text);
  if (!response.ok) throw new Error(`${response.status}: ${json?.detail ?? json?.title}`);
  return json;
}
