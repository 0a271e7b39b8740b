-- One message as the chat service stores it (ChatStore+Send), in a transaction of its own: two round trips, the same
-- statements with arrays of one. The service counts on from the room's last number, which it read; pgbench cannot take
-- a result inside a pipeline, so the number is read again where it is written, under the same lock.
-- From the command line: ms, rooms, content.
\set ms :ms + 1
\set room random(1, :rooms)
\set low random(0, 1152921504606846975)
\set who random(1, 2)
-- pgbench prepares all statements at a client's first one, which it cannot do inside a pipeline.
\if :first
select 1;
\set first 0
\endif
\startpipeline
begin;
with locked as (
    select order_id, owner_id, last_seq, closed_at is null as is_open from rooms
    where order_id = any(array[('00000000-0000-7000-9000-' || lpad(to_hex(:room::bigint), 12, '0'))::uuid]) order by order_id for update)
select order_id, owner_id, last_seq, is_open, null::uuid as person_id, null::text as name from locked
union all
select null, null, null, null, id, name from people
where id = any(array[('00000000-0000-7000-8000-' || lpad(to_hex(:who::bigint), 12, '0'))::uuid]);
select m.id, m.order_id, m.seq, m.kind, m.sender_id, s.name, m.sender_role, m.content, m.client_message_id, m.created_at
from unnest(array[('00000000-0000-7000-9000-' || lpad(to_hex(:room::bigint), 12, '0'))::uuid],
    array[('00000000-0000-7000-8000-' || lpad(to_hex(:who::bigint), 12, '0'))::uuid],
    array[(lpad(to_hex(:ms::bigint), 12, '0') || '7def8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid])
    as asked(order_id, sender_id, client_message_id)
join messages m on m.order_id = asked.order_id and m.sender_id = asked.sender_id
    and m.client_message_id = asked.client_message_id
join people s on s.id = m.sender_id;
\endpipeline
\startpipeline
with stored as (
    insert into messages (order_id, seq, id, kind, sender_id, sender_role, content, client_message_id, created_at)
    select * from unnest(array[('00000000-0000-7000-9000-' || lpad(to_hex(:room::bigint), 12, '0'))::uuid],
        array[(select last_seq + 1 from rooms
            where order_id = ('00000000-0000-7000-9000-' || lpad(to_hex(:room::bigint), 12, '0'))::uuid)]::integer[],
        array[(lpad(to_hex(:ms::bigint), 12, '0') || '7abc8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid], array['text']::text[],
        array[('00000000-0000-7000-8000-' || lpad(to_hex(:who::bigint), 12, '0'))::uuid], array['Regular']::text[],
        array[:content]::text[], array[(lpad(to_hex(:ms::bigint), 12, '0') || '7def8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid],
        array[now()]::timestamptz[])),
moved as (
    update rooms set last_seq = rooms.last_seq + 1, last_activity_at = greatest(rooms.last_activity_at, head.at)
    from unnest(array[('00000000-0000-7000-9000-' || lpad(to_hex(:room::bigint), 12, '0'))::uuid], array[now()]::timestamptz[])
        as head(order_id, at)
    where rooms.order_id = head.order_id)
insert into read_positions (order_id, user_id, seq, own_after)
select order_id, user_id, 0, count(*) from unnest(array[('00000000-0000-7000-9000-' || lpad(to_hex(:room::bigint), 12, '0'))::uuid],
    array[('00000000-0000-7000-8000-' || lpad(to_hex(:who::bigint), 12, '0'))::uuid])
    as own(order_id, user_id) group by order_id, user_id order by order_id, user_id
on conflict (order_id, user_id) do update set own_after = read_positions.own_after + excluded.own_after;
commit;
\endpipeline
