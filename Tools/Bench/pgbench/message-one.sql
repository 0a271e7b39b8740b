-- One message stored by one statement that does all of it: the room's next number from its row, the message, the sender's
-- own. What a server has to do that looks at nothing else.
-- From the command line: ms, rooms, content.
\set ms :ms + 1
\set room random(1, :rooms)
\set low random(0, 1152921504606846975)
\set who random(1, 2)
with moved as (
    update rooms set last_seq = last_seq + 1, last_activity_at = greatest(last_activity_at, now())
    where order_id = ('00000000-0000-7000-9000-' || lpad(to_hex(:room::bigint), 12, '0'))::uuid and closed_at is null
    returning order_id, last_seq),
stored as (
    insert into messages (order_id, seq, id, kind, sender_id, sender_role, content, client_message_id, created_at)
    select order_id, last_seq, (lpad(to_hex(:ms::bigint), 12, '0') || '7abc8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid, 'text',
        ('00000000-0000-7000-8000-' || lpad(to_hex(:who::bigint), 12, '0'))::uuid, 'Regular', :content,
        (lpad(to_hex(:ms::bigint), 12, '0') || '7def8' || lpad(to_hex(:low::bigint), 15, '0'))::uuid, now()
    from moved)
insert into read_positions (order_id, user_id, seq, own_after)
select order_id, ('00000000-0000-7000-8000-' || lpad(to_hex(:who::bigint), 12, '0'))::uuid, 0, 1 from moved
on conflict (order_id, user_id) do update set own_after = read_positions.own_after + excluded.own_after;
