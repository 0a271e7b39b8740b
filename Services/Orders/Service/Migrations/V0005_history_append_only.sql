-- The audit timeline is written once: nobody changes or removes what stands there, whoever has the service's password.

create function order_history_refuse() returns trigger language plpgsql as $$
begin
    raise 'order_history is append-only' using errcode = 'insufficient_privilege';
end $$;

create trigger order_history_append_only before update or delete or truncate on order_history
    for each statement execute function order_history_refuse();
alter table order_history enable always trigger order_history_append_only;
