-- Rooms, their messages, how far people have read, and the events that go out and come in.

-- Names of people as the auth service tells them. Version 0 is what a token said before any event came.
create table people (
    id uuid primary key,
    name text not null,
    version integer not null default 0
);

create table rooms (
    -- A room belongs to exactly one order and has no other name.
    order_id uuid primary key,
    order_number bigint not null,
    owner_id uuid not null,
    created_at timestamptz not null,
    -- The sequence of the room: every message takes the next number here, under this row's lock.
    last_seq integer not null default 0,
    last_activity_at timestamptz not null,
    summary text,
    closed_at timestamptz,
    closed_by uuid,
    closed_by_role text,
    constraint rooms_closed_check check (
        (closed_at is null) = (summary is null) and (closed_at is null) = (closed_by is null)
        and (closed_at is null) = (closed_by_role is null))
);

create index rooms_by_activity on rooms (last_activity_at desc, order_id desc);
create index rooms_open_by_activity on rooms (last_activity_at desc, order_id desc) where closed_at is null;
create index rooms_by_owner on rooms (owner_id, last_activity_at desc, order_id desc);

create table messages (
    order_id uuid not null references rooms (order_id),
    seq integer not null check (seq > 0),
    id uuid not null,
    kind text not null check (kind in ('text', 'summary')),
    sender_id uuid not null,
    -- The role in which it was sent, whatever becomes of the account.
    sender_role text not null,
    content text not null,
    client_message_id uuid,
    created_at timestamptz not null,
    constraint messages_pkey primary key (order_id, seq)
);

-- What makes sending again safe.
create unique index messages_by_client_id on messages (order_id, sender_id, client_message_id) where client_message_id is not null;

create table read_positions (
    order_id uuid not null,
    user_id uuid not null,
    seq integer not null,
    -- The user's own messages after seq: they are not unread to the one who wrote them.
    own_after integer not null,
    primary key (order_id, user_id)
);

create table idempotency_keys (
    user_id uuid not null,
    key text not null,
    -- SHA-256 of what was asked.
    fingerprint bytea not null,
    -- The order whose room was closed.
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
