-- One order stored by one statement that does all of it: the order with its number, the audit entry, the answer kept for a
-- repeat, the event. What a server has to do that looks at nothing else.
-- From the command line: ms, run (a number of this run), description, specifications, answer, payload, fingerprint.
\set ms :ms + 1
\set owner random(1, 16)
\set low random(0, 1152921504606846975)
\set event random(0, 1152921504606846975)
with stored as (
    insert into orders (id, number, owner_id, description, specifications, quantity, status, version, created_at, updated_at)
    values ((lpad(to_hex(:ms::bigint), 12, '0') || '7abc8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid, nextval('order_number'),
        ('00000000-0000-7000-8000-' || lpad(to_hex(:owner::bigint), 12, '0'))::uuid, :description, :specifications::json, 3, 'Review', 1,
        now(), now())
    returning id, owner_id),
told as (
    insert into order_history (order_id, at, kind, actor_id, actor_role)
    select id, now(), 'created', owner_id, 'Regular' from stored),
kept as (
    insert into idempotency_keys (user_id, key, fingerprint, reference, answer, created_at)
    select owner_id, :run || '-' || :low, :fingerprint::bytea, id, :answer::bytea, now() from stored)
insert into outbox (id, key, subject, payload)
select (lpad(to_hex(:ms::bigint), 12, '0') || '7def8' || lpad(to_hex(:event::bigint), 15, '0'))::uuid, id, 'orders.event.created',
    :payload::bytea from stored;
