-- Addresses and what `q` looks in are folded (Shared/Postgres/Folding) and no longer in lower case as the program makes it.
-- A trigger does it, so that the rows of replicas of the version before are folded as well, which write lower case.

-- Nobody registers or changes an account until the trigger is there: it would not be folded.
lock table users in share row exclusive mode;

-- Accounts whose addresses are the same only now: the oldest has the address in every way of writing it; the others keep
-- theirs, have no folded one, and sign in with it exactly as they wrote it, until they change it.
-- In two steps: none may take a form that another has not given up yet.
with address as (
    select distinct on (fold(email)) id, fold(email) as folded from users where email is not null order by fold(email), id
)
update users set email_folded = null
where email_folded is not null
    and not exists (select from address where address.id = users.id and address.folded = users.email_folded);
with address as (
    select distinct on (fold(email)) id, fold(email) as folded from users where email is not null order by fold(email), id
)
update users set email_folded = address.folded from address where address.id = users.id and users.email_folded is null;
create unique index users_by_email_as_written on users (email) where email_folded is null and email is not null;

-- A line feed keeps a search from matching across name and address.
update users set search = fold(name) || E'\n' || coalesce(fold(email), '')
where search <> fold(name) || E'\n' || coalesce(fold(email), '');

-- Names are qualified in what a trigger runs: whoever writes accounts may have another search path.
create function users_fold() returns trigger language plpgsql as $$
begin
    new.search := auth.fold(new.name) || E'\n' || coalesce(auth.fold(new.email), '');
    if tg_op = 'INSERT' then
        new.email_folded := auth.fold(new.email);
    elsif new.email is distinct from old.email then
        new.email_folded := auth.fold(new.email);
    else
        new.email_folded := old.email_folded;
    end if;
    return new;
end
$$;

create trigger users_fold before insert or update on users for each row execute function users_fold();
alter table users enable always trigger users_fold;
