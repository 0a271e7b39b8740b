-- The last change of an account, by the database's clock, in whole milliseconds as clients of the list see it: what the
-- services that keep names ask for, so that a lost event is not missing for ever.
alter table users add column changed_at timestamptz;
update users set changed_at = date_trunc('milliseconds', clock_timestamp()) where version > 1;
create index users_by_change on users (changed_at, id) where changed_at is not null;
