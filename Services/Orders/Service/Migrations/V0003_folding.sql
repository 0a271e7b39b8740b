-- What `q` looks in is folded (Shared/Postgres/Folding) and no longer in lower case. A generated column cannot be given
-- another expression without writing the whole table anew under a lock, so it becomes a plain one that a trigger fills: with
-- its name, its index, and the rows of replicas of the version before, which do not write it. Nothing is read or written
-- here, so that the lock of the table is held for a moment only; the next version folds what is there.

-- A line feed keeps a search from matching across two fields. Names are qualified in what a trigger runs: whoever writes
-- orders may have another search path.
create function order_search(number bigint, description text, specifications json) returns text
language sql immutable parallel safe as $$
    select number::text || E'\n' || orders.fold(description) || E'\n' || orders.fold(
        case json_typeof(specifications) when 'string' then specifications #>> '{}' else specifications::text end)
$$;

create function orders_fold_search() returns trigger language plpgsql as $$
begin
    new.search := orders.order_search(new.number, new.description, new.specifications);
    return new;
end
$$;

alter table orders alter column search drop expression;
create trigger orders_fold_search before insert or update of number, description, specifications on orders
for each row execute function orders_fold_search();
-- Also where other triggers are turned off, as in tables that are filled by a program.
alter table orders enable always trigger orders_fold_search;
