#!/bin/sh
# Run by the official PostgreSQL image when it has made a new cluster (/docker-entrypoint-initdb.d).
set -eu
exec_sql() {
    psql -X -v ON_ERROR_STOP=1 --no-password --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -f "$1"
}
exec_sql "${ORDERLINE_INIT_SQL:-/etc/orderline/postgres-init.sql}"
