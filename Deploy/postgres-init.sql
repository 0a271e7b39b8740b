-- The database of Orderline: one role and one schema for each service, and none of them may use another's. The schemas and
-- all that is in them belong to the role migrator, which only `auth migrate`, `orders migrate` and `chat migrate` sign in
-- as; the services read and write rows, and make, change and remove nothing else in them.
--
-- For psql 14 and later, run by a superuser in any database; can be run again at any time, which also changes the passwords.
-- Taken from the environment: POSTGRES_DB (orderline), and the roles' passwords in MIGRATOR_DB_PASSWORD, AUTH_DB_PASSWORD,
-- ORDERS_DB_PASSWORD and CHAT_DB_PASSWORD. Used by bin/up and, through postgres-init.sh, by docker-compose.yml.

\set ON_ERROR_STOP on
\set QUIET on

\set database orderline
\getenv database POSTGRES_DB
\getenv migrator_password MIGRATOR_DB_PASSWORD
\getenv auth_password AUTH_DB_PASSWORD
\getenv orders_password ORDERS_DB_PASSWORD
\getenv chat_password CHAT_DB_PASSWORD

\if :{?migrator_password}
\if :{?auth_password}
\if :{?orders_password}
\if :{?chat_password}
\set complete yes
\endif
\endif
\endif
\endif
\if :{?complete}
\else
do $$ begin raise 'MIGRATOR_DB_PASSWORD, AUTH_DB_PASSWORD, ORDERS_DB_PASSWORD and CHAT_DB_PASSWORD must be set'; end $$;
\endif

-- A password must not reach the server's log, even when its statement fails.
set log_statement = 'none';
set log_min_error_statement = 'panic';
set log_min_duration_statement = -1;
set client_min_messages = 'warning';

select format('create database %I encoding %L template template0', :'database', 'UTF8')
where not exists (select from pg_database where datname = :'database') \gexec

select format('create role %I login', role) from unnest(array['migrator', 'auth', 'orders', 'chat']) as role
where not exists (select from pg_roles where rolname = role) \gexec

alter role migrator with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'migrator_password';
alter role auth with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'auth_password';
alter role orders with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'orders_password';
alter role chat with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'chat_password';

-- What everybody may do by default, nobody may.
revoke all on database :"database", postgres, template1 from public;
grant connect on database :"database" to migrator, auth, orders, chat;

\connect :"database"
set client_min_messages = 'warning';

revoke all on schema public from public;

create schema if not exists auth authorization migrator;
create schema if not exists orders authorization migrator;
create schema if not exists chat authorization migrator;
revoke all on schema auth, orders, chat from public;

-- Rows, and numbers from sequences, of all that the migrator is going to make. What a service may not do with one table is
-- said by the migration that makes it.
grant usage on schema auth to auth;
grant usage on schema orders to orders;
grant usage on schema chat to chat;
alter default privileges for role migrator in schema auth grant select, insert, update, delete on tables to auth;
alter default privileges for role migrator in schema orders grant select, insert, update, delete on tables to orders;
alter default privileges for role migrator in schema chat grant select, insert, update, delete on tables to chat;
alter default privileges for role migrator in schema auth grant usage, select on sequences to auth;
alter default privileges for role migrator in schema orders grant usage, select on sequences to orders;
alter default privileges for role migrator in schema chat grant usage, select on sequences to chat;

-- Of a version in which each service owned its schema: handed over, with the rights that new ones get.
select format('reassign owned by %1$I to migrator', nspname),
    format('grant usage on schema %1$I to %1$I', nspname),
    format('grant select, insert, update, delete on all tables in schema %1$I to %1$I', nspname),
    format('grant usage, select on all sequences in schema %1$I to %1$I', nspname),
    case when to_regclass(format('%I.schema_migrations', nspname)) is not null
        then format('revoke insert, update, delete on %1$I.schema_migrations from %1$I', nspname) end
from pg_namespace where nspname in ('auth', 'orders', 'chat') and pg_get_userbyid(nspowner) = nspname \gexec

-- Search in orders stands on it, and only a superuser may add it here.
create extension if not exists pg_trgm schema orders;

-- A service's statements name no schema.
alter role auth in database :"database" set search_path = auth;
alter role orders in database :"database" set search_path = orders;
alter role chat in database :"database" set search_path = chat;
