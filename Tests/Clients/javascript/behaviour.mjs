// What the client does when something is refused, called back or missed; tells as JSON what it saw.
//
//   node behaviour.mjs CLIENT ORIGIN OWNER ADMIN OTHER
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [client, origin, ...people] = process.argv.slice(2);
const { Client, Problem } = await import(pathToFileURL(client).href);
const WebSocket = globalThis.WebSocket ?? createRequire(import.meta.url)("ws");
const told = {};

const somebody = async (fields) => {
  const made = new Client({ origin, WebSocket });
  if (fields) await made.logIn(JSON.parse(fields));
  return made;
};
const refusal = async (work) => {
  try { await work(); } catch (error) {
    return error instanceof Problem ? { code: error.code, status: error.status, fields: error.errors.map(({ field }) => field) } : String(error);
  }
  return null;
};
const [olga, ada, otto] = await Promise.all(people.map(somebody));

const nobody = await somebody();
told.wrong = await refusal(() => nobody.logIn({ email: "nobody@shop.example", password: "wrong wrong wrong" }));
told.unknown = await refusal(() => nobody.order("00000000-0000-7000-8000-000000000000"));
told.resumed = await nobody.resume();
told.invalid = await refusal(() => olga.placeOrder({ description: "", specifications: 1, quantity: 0 }));

const order = await olga.placeOrder({ description: "A table", specifications: "oak", quantity: 1 });
told.changed = (await olga.updateOrder(order, { quantity: 2 })).version;
told.stale = await refusal(() => olga.updateOrder(order, { quantity: 3 }));
told.history = [];
for await (const { type } of olga.orderHistory(order.id)) told.history.push(type);

// Somebody else's room ends the loop with the reason.
const foreign = otto.room(order.id);
told.foreign = await refusal(async () => { for await (const _ of foreign) { /* Nothing comes. */ } });
told.foreignSend = await refusal(() => foreign.send("Hello?"));

// More was said than one join brings.
const room = olga.room(order.id, { after: 0 });
for (let number = 0; number < 150; number++) room.send(`message ${number}`);
await room.send("the last");
const states = [];
const seqs = [];
for await (const event of ada.room(order.id, { after: 0 })) {
  if (event.type === "state") states.push(event.state);
  if (event.type === "message") seqs.push(event.message.seq);
  if (event.type === "state" && event.state === "live") break;
}
told.behind = states;
told.caughtUp = seqs.length === 151 && seqs.every((seq, index) => seq === index + 1);
told.newest = [];
for await (const event of ada.room(order.id, { limit: 5 })) {
  if (event.type === "message") told.newest.push(event.message.seq);
  if (told.newest.length === 5) break;
}
told.older = (await room.messages({ before: 3 })).items.map(({ seq }) => seq);

// What others do.
const others = new Set();
const watching = (async () => {
  for await (const event of room) {
    others.add(event.type);
    if (["typing", "read", "presence"].every((type) => others.has(type))) return;
  }
})();
const joined = ada.room(order.id).join();
await new Promise((resolve) => joined.addEventListener("state", ({ detail }) => detail.state === "live" && resolve()));
joined.typing(true);
await joined.markRead();
await watching;

// Called back before it was sent, and the room with it.
const stop = new AbortController();
const mute = olga.room(order.id, { signal: stop.signal });
const reading = (async () => { for await (const _ of mute) { /* Until it is left. */ } return "over"; })();
const called = AbortSignal.abort(new Error("called back"));
told.aborted = await refusal(() => mute.send("never", { signal: called }));
stop.abort();
told.left = [await reading, mute.state];
told.afterLeaving = await refusal(() => mute.send("too late"));
told.listed = [];
for await (const { id } of olga.orders({ status: "Review" })) told.listed.push(id === order.id);

// Closed before one joins: told once, behind the summary.
await ada.room(order.id).close("Agreed");
told.closed = [];
for await (const event of olga.room(order.id, { after: 150 })) {
  if (event.type === "message") told.closed.push(event.message.seq);
  if (event.type === "closed") { told.closed.push(event.data.summary, event.data.seq); break; }
}

// The same key makes one order.
const [one, two] = await Promise.all([1, 2].map(() => olga.placeOrder({ description: "A bench", specifications: "oak", quantity: 1 }, { key: "the same" })));
told.once = one.id === two.id;

const ended = new Promise((resolve) => olga.addEventListener("sessionEnded", ({ detail }) => resolve(detail.reason)));
await olga.logOut();
told.ended = await ended;
told.afterLogOut = await refusal(() => olga.order(order.id));
told.twice = await refusal(() => olga.logOut());
for (const each of [ada, otto]) each.close();
console.log(JSON.stringify(told));
