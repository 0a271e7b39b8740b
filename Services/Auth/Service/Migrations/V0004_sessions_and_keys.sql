-- Sessions that end together are one row, however many they are: all of the account's up to this one, but for one that may
-- go on. Ids of sessions sort by time.
alter table users
    add column sessions_ended_through uuid,
    add column sessions_ended_except uuid;

-- Where the client was when the session was begun or last refreshed; erased with the account.
alter table sessions add column address text;

-- A key that is good for nothing any more. It is retired as well, long ago, so that the version before does not tell of it.
alter table signing_keys add column revoked_at timestamptz;
