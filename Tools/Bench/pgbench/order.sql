-- One order as the orders service stores it (OrderStore+Create, Idempotency, Outbox), in a transaction of its own: two
-- round trips, the same statements with arrays of one. The service reads the number that it got; pgbench cannot take a
-- result inside a pipeline, so the number is read back with currval where it is written.
-- From the command line: ms, run (a number of this run), description, specifications, answer, payload, fingerprint.
\set ms :ms + 1
\set owner random(1, 16)
\set low random(0, 1152921504606846975)
\set event random(0, 1152921504606846975)
-- pgbench prepares all statements at a client's first one, which it cannot do inside a pipeline.
\if :first
select 1;
\set first 0
\endif
\startpipeline
begin;
select nextval('order_number') from generate_series(1, 1);
select id, name from people where id = any(array[('00000000-0000-7000-8000-' || lpad(to_hex(:owner::bigint), 12, '0'))::uuid]);
select pg_try_advisory_xact_lock(hashtextextended(user_id::text || key, 7))
from unnest(array[('00000000-0000-7000-8000-' || lpad(to_hex(:owner::bigint), 12, '0'))::uuid], array[:run || '-' || :low]::text[])
    with ordinality as asked(user_id, key, place) order by place;
select k.user_id, k.key, k.fingerprint, k.reference, k.answer
from unnest(array[('00000000-0000-7000-8000-' || lpad(to_hex(:owner::bigint), 12, '0'))::uuid], array[:run || '-' || :low]::text[])
    as asked(user_id, key)
join idempotency_keys k on k.user_id = asked.user_id and k.key = asked.key
where k.created_at > now() - interval '24 hours';
\endpipeline
\startpipeline
insert into orders (id, number, owner_id, description, specifications, quantity, metadata, status, version, created_at, updated_at)
select id, number, owner_id, description, specifications::json, quantity, metadata::json, 'Review', 1, created_at, created_at
from unnest(array[(lpad(to_hex(:ms::bigint), 12, '0') || '7abc8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid],
    array[currval('order_number')]::bigint[],
    array[('00000000-0000-7000-8000-' || lpad(to_hex(:owner::bigint), 12, '0'))::uuid], array[:description]::text[],
    array[:specifications]::text[], array[3]::integer[], array[null]::text[], array[now()]::timestamptz[])
    as new(id, number, owner_id, description, specifications, quantity, metadata, created_at);
insert into order_history (order_id, at, kind, actor_id, actor_role)
select order_id, at, 'created', actor_id, actor_role
from unnest(array[(lpad(to_hex(:ms::bigint), 12, '0') || '7abc8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid], array[now()]::timestamptz[],
    array[('00000000-0000-7000-8000-' || lpad(to_hex(:owner::bigint), 12, '0'))::uuid], array['Regular']::text[])
    as new(order_id, at, actor_id, actor_role);
insert into idempotency_keys (user_id, key, fingerprint, reference, answer, created_at)
select *, now()::timestamptz
from unnest(array[('00000000-0000-7000-8000-' || lpad(to_hex(:owner::bigint), 12, '0'))::uuid], array[:run || '-' || :low]::text[],
    array[:fingerprint]::bytea[], array[(lpad(to_hex(:ms::bigint), 12, '0') || '7abc8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid],
    array[:answer]::bytea[])
on conflict (user_id, key) do update set fingerprint = excluded.fingerprint, reference = excluded.reference,
    answer = excluded.answer, created_at = excluded.created_at;
insert into outbox (id, key, subject, payload, traceparent)
select * from unnest(array[(lpad(to_hex(:ms::bigint), 12, '0') || '7def8' || lpad(to_hex(:event::bigint), 15, '0'))::uuid],
    array[(lpad(to_hex(:ms::bigint), 12, '0') || '7abc8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid], array['orders.event.created']::text[],
    array[:payload]::bytea[], array[null]::text[]);
commit;
\endpipeline
