-- Orders, their audit timeline, the answers of repeated requests, and the events that go out and come in.

-- Search finds a literal part of a text; three-letter pieces are what an index can hold of that.
-- Where this role may not add it, whoever set up the database has (Deploy/postgres-init.sql).
create extension if not exists pg_trgm;

-- Names of people as the auth service tells them. Version 0 is what a token said before any event came.
create table people (
    id uuid primary key,
    name text not null,
    version integer not null default 0
);

create sequence order_number as bigint start 1000 no cycle;

create table orders (
    -- UUIDv7: sorts by the time of creation, so lists are ordered by it alone.
    id uuid primary key,
    number bigint not null constraint orders_number_key unique,
    owner_id uuid not null,
    description text not null,
    -- json, not jsonb: a client gets back the order of members and the form of numbers that it sent.
    specifications json not null,
    quantity integer not null,
    metadata json,
    status text not null constraint orders_status_check check (status in ('Review', 'Processing', 'Completed')),
    version integer not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    -- What `q` looks in. A line feed keeps a search from matching across two fields; the collation makes lower case the same in every
    -- database, whatever its own locale is.
    search text not null generated always as (
        number::text || E'\n' || lower(description collate "und-x-icu") || E'\n' || lower(
            case json_typeof(specifications) when 'string' then specifications #>> '{}' else specifications::text end
            collate "und-x-icu")) stored
);

create index orders_by_owner on orders (owner_id, id desc);
create index orders_by_status on orders (status, id desc);
create index orders_by_search on orders using gin (search gin_trgm_ops);

create table order_history (
    position bigint generated always as identity primary key,
    order_id uuid not null,
    at timestamptz not null,
    kind text not null check (kind in ('created', 'updated', 'status-changed')),
    actor_id uuid not null,
    actor_role text not null,
    from_status text,
    to_status text,
    changes json
);

create index order_history_by_order on order_history (order_id, position);
-- A status is reached once: what would be written twice by a fault is refused here.
create unique index order_history_one_move on order_history (order_id, to_status) where kind = 'status-changed';

create table idempotency_keys (
    user_id uuid not null,
    key text not null,
    -- SHA-256 of the payload.
    fingerprint bytea not null,
    -- The order that was placed.
    reference uuid not null,
    answer bytea not null,
    created_at timestamptz not null,
    constraint idempotency_keys_pkey primary key (user_id, key)
);

create index idempotency_keys_by_age on idempotency_keys (created_at);

create table outbox (
    position bigint generated always as identity primary key,
    id uuid not null,
    key uuid not null,
    subject text not null,
    payload bytea not null,
    traceparent text
);

create table inbox (
    event_id uuid primary key,
    received_at timestamptz not null default now()
);

create index inbox_by_age on inbox (received_at);

create table parked_events (
    consumer text not null,
    stream_sequence bigint not null,
    event_id uuid,
    subject text not null,
    payload bytea not null,
    reason text not null,
    parked_at timestamptz not null default now(),
    primary key (consumer, stream_sequence)
);
