// axios from the node_modules of the working directory: node axios.mjs URL
import { createRequire } from "node:module";

const axios = createRequire(`${process.cwd()}/`)("axios");
const client = encodeURI(`${process.argv.at(-1)}/axios ${axios.VERSION}`);

await axios.post(`${client}/form`, new URLSearchParams({ scope: "users:read" }));
await axios.get(`${client}/read`);
await axios.post(`${client}/write`, { title: "Mine" });
await axios.post(`${client}/post`);
await axios.delete(`${client}/delete`);
