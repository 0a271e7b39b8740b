-- One order as the orders service reads it (OrderStore), by its id.
-- From the command line: id.
\if :first
select 1;
\set first 0
\endif
select o.id, o.number, o.description, o.specifications, o.quantity, o.metadata, o.status as "orders.status", o.version, o.owner_id, p.name,
    o.created_at, o.updated_at
from orders o join people p on p.id = o.owner_id where o.id = any(array[:id]::uuid[]);
