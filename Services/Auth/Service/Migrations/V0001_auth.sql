-- Accounts, their sessions and tokens, the keys that sign tokens, and the events that go out.

create table users (
    -- UUIDv7: sorts by the time of creation, so lists are ordered by it alone.
    id uuid primary key,
    name text not null,
    -- As the user wrote it; null once the account is deleted.
    email text,
    -- In lower case as the program makes it: lower() here would depend on the locale of the database.
    email_folded text constraint users_email_taken unique,
    -- Argon2id in PHC form; null once the account is deleted.
    password_hash text,
    -- Grows when the user changes the password, and not when the same password is hashed anew.
    password_version integer not null default 1,
    role text not null constraint users_role_check check (role in ('Admin', 'Regular')),
    disabled boolean not null,
    version integer not null,
    created_at timestamptz not null,
    deleted_at timestamptz,
    -- The last change of role, disabled or deleted: what makes older access tokens worthless.
    access_changed_at timestamptz,
    -- What `q` looks in: name and address in lower case. A line feed keeps a search from matching across the two.
    search text not null,
    constraint users_deleted_check check (deleted_at is null or (email is null and password_hash is null and disabled))
);

create index users_by_role on users (role, id desc);
create index users_by_access_change on users (access_changed_at) where access_changed_at is not null;

create table sessions (
    id uuid primary key,
    user_id uuid not null references users,
    -- The client's User-Agent.
    device text,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    -- When it ended before its time.
    ended_at timestamptz,
    end_reason text constraint sessions_end_check check ((end_reason is null) = (ended_at is null)),
    expires_at timestamptz not null
);

create index sessions_live on sessions (user_id, id desc) where ended_at is null;
create index sessions_by_end on sessions (ended_at) where ended_at is not null;

create table refresh_tokens (
    -- SHA-256 of the token: whoever reads this table cannot use it.
    hash bytea primary key,
    session_id uuid not null references sessions,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    -- A token is good once. Presented again, it ends the session.
    used_at timestamptz
);

create table signing_keys (
    kid text primary key,
    -- As in the JSON Web Key Set.
    public_jwk json not null,
    -- The private key, sealed with what JWT_SECRET gives.
    sealed bytea not null,
    created_at timestamptz not null,
    -- Since then another one signs.
    retired_at timestamptz
);

create table outbox (
    position bigint generated always as identity primary key,
    id uuid not null,
    key uuid not null,
    subject text not null,
    payload bytea not null,
    traceparent text
);
