// Ends the session from elsewhere while it is renewed: tokens live for six seconds, and renewals take some.
//
//   node late_renewal.mjs CLIENT ORIGIN OWNER
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [client, origin, owner] = process.argv.slice(2);
const { Client } = await import(pathToFileURL(client).href);
const WebSocket = globalThis.WebSocket ?? createRequire(import.meta.url)("ws");
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const olga = new Client({ origin, WebSocket });
await olga.logIn(JSON.parse(owner));
const order = await olga.placeOrder({ description: "A table", specifications: "oak", quantity: 1 });
await olga.room(order.id).send("Hello");
await pause(5500);
const signedIn = olga.user !== null;
const other = new Client({ origin, WebSocket });
await other.logIn(JSON.parse(owner));
for await (const { id, current } of other.list("/auth/sessions")) if (!current) await other.call("DELETE", `/auth/sessions/${id}`);
await pause(5000);
let afterwards = null;
try { await olga.order(order.id); } catch (error) { afterwards = error.code; }
console.log(JSON.stringify({ signedIn, user: olga.user, afterwards }));
