-- What protects accounts from strangers: wrong attempts, where people signed in before, and second factors.

-- What was tried with a wrong password or code. A row is locked while it is counted, so all replicas count as one.
create table attempts (
    -- An HMAC of what is counted: an address, an account, an account from one device.
    key bytea primary key,
    -- Those that were wrong, and those of which nobody knows yet.
    failures integer not null,
    -- How many of them nobody knows yet, and when the last of these is over whatever became of its process.
    open integer not null,
    open_until timestamptz not null,
    -- The first of them.
    since timestamptz not null,
    last_at timestamptz not null,
    blocked_until timestamptz
);
create index attempts_by_time on attempts (last_at);

-- From where an account was signed in to: the device by its cookie, the network by its address, each as an HMAC.
create table known_places (
    user_id uuid not null references users,
    key bytea not null,
    last_at timestamptz not null,
    primary key (user_id, key)
);
create index known_places_by_time on known_places (last_at);

create table second_factors (
    user_id uuid primary key references users,
    -- The secret of RFC 6238, sealed with what JWT_SECRET gives.
    sealed bytea not null,
    created_at timestamptz not null,
    -- Null until the user has shown that they have the secret: it is not asked for before.
    confirmed_at timestamptz,
    -- The step of the last code that was taken: none is good twice.
    last_step bigint not null
);

create table recovery_codes (
    user_id uuid not null references second_factors on delete cascade,
    hash bytea not null,
    used_at timestamptz,
    primary key (user_id, hash)
);

-- The addresses for which ADMIN_EMAIL has made an Admin, as SHA-256: one who was deleted is not made again.
create table first_admins (
    email_hash bytea primary key,
    made_at timestamptz not null
);
