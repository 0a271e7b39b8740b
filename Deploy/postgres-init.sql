-- The database of Orderline: one role and one schema for each service, and none of them may use another's.
--
-- For psql 14 and later, run by a superuser in any database; can be run again at any time, which also changes the passwords.
-- Taken from the environment: POSTGRES_DB (orderline), and the roles' passwords in AUTH_DB_PASSWORD, ORDERS_DB_PASSWORD and
-- CHAT_DB_PASSWORD. Used by bin/up and, through postgres-init.sh, by docker-compose.yml.

\set ON_ERROR_STOP on
\set QUIET on

\set database orderline
\getenv database POSTGRES_DB
\getenv auth_password AUTH_DB_PASSWORD
\getenv orders_password ORDERS_DB_PASSWORD
\getenv chat_password CHAT_DB_PASSWORD

\if :{?auth_password}
\if :{?orders_password}
\if :{?chat_password}
\set complete yes
\endif
\endif
\endif
\if :{?complete}
\else
do $$ begin raise 'AUTH_DB_PASSWORD, ORDERS_DB_PASSWORD and CHAT_DB_PASSWORD must be set'; end $$;
\endif

-- A password must not reach the server's log, even when its statement fails.
set log_statement = 'none';
set log_min_error_statement = 'panic';
set log_min_duration_statement = -1;
set client_min_messages = 'warning';

select format('create database %I encoding %L template template0', :'database', 'UTF8')
where not exists (select from pg_database where datname = :'database') \gexec

select format('create role %I login', role) from unnest(array['auth', 'orders', 'chat']) as role
where not exists (select from pg_roles where rolname = role) \gexec

alter role auth with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'auth_password';
alter role orders with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'orders_password';
alter role chat with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'chat_password';

-- What everybody may do by default, nobody may.
revoke all on database :"database", postgres, template1 from public;
grant connect on database :"database" to auth, orders, chat;

\connect :"database"
set client_min_messages = 'warning';

revoke all on schema public from public;

create schema if not exists auth authorization auth;
create schema if not exists orders authorization orders;
create schema if not exists chat authorization chat;
revoke all on schema auth, orders, chat from public;

-- Search in orders stands on it, and only a superuser may add it here.
create extension if not exists pg_trgm schema orders;

-- A service's statements name no schema.
alter role auth in database :"database" set search_path = auth;
alter role orders in database :"database" set search_path = orders;
alter role chat in database :"database" set search_path = chat;
