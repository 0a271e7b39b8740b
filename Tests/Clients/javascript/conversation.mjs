// Two clients in one room: one sends, one listens; tells as JSON what each has seen.
//
//   node conversation.mjs CLIENT ORIGIN OWNER ADMIN COUNT     OWNER and ADMIN: {email, password} as JSON
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [client, origin, owner, admin, count] = process.argv.slice(2);
const { Client } = await import(pathToFileURL(client).href);
const WebSocket = globalThis.WebSocket ?? createRequire(import.meta.url)("ws");

const olga = new Client({ origin, WebSocket });
const ada = new Client({ origin, WebSocket });
await olga.logIn(JSON.parse(owner));
await ada.logIn(JSON.parse(admin));
const order = await olga.placeOrder({ description: "A table", specifications: "oak", quantity: 1 });

const [heard, states] = [[], []];
const listening = (async () => {
  for await (const event of ada.room(order.id, { after: 0 })) {
    if (event.type === "message") heard.push({ seq: event.message.seq, content: event.message.content });
    if (event.type === "state") states.push(event.state);
    if (event.type === "closed") break;
  }
})();
const room = olga.room(order.id, { after: 0 });
const own = [];
room.addEventListener("message", ({ detail }) => own.push(detail.message.seq));
const waiting = new Set();
for (let number = 0; number < Number(count); number++) {
  // Never more than may wait.
  while (waiting.size >= 500) await Promise.race(waiting);
  const sent = room.send(`message ${number}`).then(() => waiting.delete(sent));
  waiting.add(sent);
}
await Promise.all(waiting);
await ada.room(order.id).close("Agreed");
await listening;
while (own.length < Number(count) + 1) await new Promise((resolve) => setTimeout(resolve, 20));
let refused = null;
try { await room.send("too late"); } catch (error) { refused = error.code; }
room.leave();
const states2 = room.state;
olga.close();
ada.close();
console.log(JSON.stringify({ heard, own, states, refused, last: states2 }));
