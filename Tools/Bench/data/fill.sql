-- Fills the services' schemas as a year of use would have, straight into their tables: as a superuser, into empty ones.
-- From the command line: orders (how many), owners, admin (an Admin's id), admin_name.
\set ON_ERROR_STOP on
set synchronous_commit = off;
set maintenance_work_mem = '512MB';
set work_mem = '256MB';
-- Foreign keys hold by the way the rows are made.
set session_replication_role = replica;

create function pg_temp.v7(at timestamptz, word text) returns uuid language sql immutable as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(word), 1, 3) || '8'
        || substr(md5(word), 4, 15))::uuid
$$;
create function pg_temp.word(n bigint) returns text language sql immutable as $$
    select (array['steel', 'brackets', 'shelves', 'northern', 'store', 'oak', 'panels', 'lacquer', 'hinges', 'brass',
        'screws', 'long', 'cable', 'copper', 'grey', 'pallet', 'boxes', 'label', 'urgent', 'spring', 'delivery', 'window',
        'frames', 'glass', 'sealed', 'rubber', 'rings', 'pump', 'valve', 'filter', 'paint', 'white', 'matt', 'doors',
        'handles', 'round', 'square', 'tube', 'welded', 'polished'])[1 + abs(n) % 40]
$$;

create temporary table person as
select n, pg_temp.v7(now() - interval '400 days', 'owner ' || n) as id, 'Customer ' || n as name
from generate_series(1, :owners) n;
-- Of the statuses' three, each has a third; the oldest orders are as many as the youngest.
create temporary table placed as
select made.n, pg_temp.v7(at, 'order ' || made.n) as id, at, made.n % 3 as stage, o.id as owner_id, 1000 + made.n as number
from (select n, date_trunc('milliseconds', now() - interval '365 days' * (1 - n::float8 / :orders)) as at
    from generate_series(1, :orders) n) as made
join person o on o.n = 1 + made.n % :owners;
analyze placed;

-- All at once: the services compare their facts by themselves, and would make rooms of orders that have none.
begin;
select pg_get_indexdef('orders.orders_by_search'::regclass) as search_index \gset
drop index orders.orders_by_search;
insert into orders.people (id, name) select id, name from person union all select :'admin', :'admin_name'
on conflict do nothing;
insert into orders.orders (id, number, owner_id, description, specifications, quantity, metadata, status, version, created_at, updated_at)
select id, number, owner_id,
    pg_temp.word(n) || ' ' || pg_temp.word(n / 40 + 7) || ' for ' || pg_temp.word(n / 1600 + 3)
        -- Twenty orders have a word that no other has, in the small data as in the large.
        || case when n % (:orders / 20) = 0 then ' zirconium' else '' end,
    to_json(pg_temp.word(n * 7) || ' ' || pg_temp.word(n / 3) || ', ' || n % 97 || ' mm'), 1 + n % 50, null,
    (array['Review', 'Processing', 'Completed'])[1 + stage], 1 + stage, at, at + interval '4 minutes' * stage
from placed order by n;
:search_index;
insert into orders.order_history (order_id, at, kind, actor_id, actor_role, from_status, to_status)
select id, at, 'created', owner_id, 'Regular', null, null from placed
union all
select id, at + interval '4 minutes', 'status-changed', :'admin', 'Admin', 'Review', 'Processing' from placed where stage > 0
union all
select id, at + interval '8 minutes', 'status-changed', :'admin', 'Admin', 'Processing', 'Completed' from placed where stage > 1;
select setval('orders.order_number', 1000 + :orders);

insert into chat.people (id, name) select id, name from person union all select :'admin', :'admin_name'
on conflict do nothing;
-- Five messages in every room; three hundred in the youngest one, whose history is leafed through.
create temporary table conversation as
select n, id, at, stage, owner_id, number, case when n = :orders then 300 else 5 end as length from placed;
insert into chat.rooms (order_id, order_number, owner_id, created_at, last_seq, last_activity_at, summary, closed_at, closed_by, closed_by_role)
select id, number, owner_id, at, length, at + interval '4 minutes',
    case when stage > 0 then 'Agreed and done' end, case when stage > 0 then at + interval '4 minutes' end,
    case when stage > 0 then :'admin'::uuid end, case when stage > 0 then 'Admin' end
from conversation order by n;
-- The customer and the Admin speak in turn; a closed room ends with the Admin's summary.
insert into chat.messages (order_id, seq, id, kind, sender_id, sender_role, content, client_message_id, created_at)
select id, seq, pg_temp.v7(at + interval '48 seconds' * least(seq, 5), 'message ' || n || ' ' || seq),
    case when is_last then 'summary' else 'text' end,
    case when by_admin then :'admin'::uuid else owner_id end, case when by_admin then 'Admin' else 'Regular' end,
    case when is_last then 'Agreed and done'
        else pg_temp.word(n + seq) || ' ' || pg_temp.word(n / 40 + seq) || ' by the end of the week, please' end,
    case when seq % 2 = 1 then pg_temp.v7(at, 'client ' || n || ' ' || seq) end, at + interval '48 seconds' * least(seq, 5)
from (select *, stage > 0 and seq = length as is_last, seq % 2 = 0 or (stage > 0 and seq = length) as by_admin
    from conversation cross join lateral generate_series(1, length) seq) as said
order by n, seq;
-- Both have read up to three messages before the end, and what they wrote after that is not unread to them.
insert into chat.read_positions (order_id, user_id, seq, own_after)
select c.id, reader, length - 3, (select count(*) from chat.messages m
    where m.order_id = c.id and m.seq > length - 3 and m.sender_id = reader)
from conversation c cross join lateral (values (owner_id), (:'admin'::uuid)) as readers(reader);

commit;
reset session_replication_role;
vacuum analyze;
checkpoint;
