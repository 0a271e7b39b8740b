// One client that talks to itself in a room for some time, while tokens expire and gateways go.
//
//   node long_room.mjs CLIENT ORIGIN OWNER SECONDS
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [client, origin, owner, seconds] = process.argv.slice(2);
const { Client } = await import(pathToFileURL(client).href);
const WebSocket = globalThis.WebSocket ?? createRequire(import.meta.url)("ws");

const olga = new Client({ origin, WebSocket });
await olga.logIn(JSON.parse(owner));
const order = await olga.placeOrder({ description: "A table", specifications: "oak", quantity: 1 });
const room = olga.room(order.id, { after: 0 });
const [heard, states] = [[], []];
room.addEventListener("message", ({ detail }) => heard.push(detail.message.seq));
room.addEventListener("state", ({ detail }) => states.push(detail.state));
const until = Date.now() + Number(seconds) * 1000;
let sent = 0;
while (Date.now() < until) {
  await room.send(`message ${sent++}`);
  await olga.order(order.id);
  if (sent === 5) console.error("five sent");
  await new Promise((resolve) => setTimeout(resolve, 100));
}
while (heard.length < sent) await new Promise((resolve) => setTimeout(resolve, 20));
const listed = [];
for await (const each of olga.rooms()) listed.push(each.orderId);
await olga.logOut();
console.log(JSON.stringify({ sent, heard, states, listed, end: room.state, user: olga.user }));
