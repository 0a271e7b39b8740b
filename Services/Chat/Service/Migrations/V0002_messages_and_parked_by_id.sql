-- Parked events are known by the event's id: positions begin again at 1 in a stream made anew, and an event of the new
-- one must not vanish because one of the old stands at its place.
delete from parked_events older using parked_events newer
where older.consumer = newer.consumer and older.event_id = newer.event_id
    and older.stream_sequence < newer.stream_sequence;
update parked_events set event_id = gen_random_uuid() where event_id is null;
alter table parked_events drop constraint parked_events_pkey;
alter table parked_events alter column event_id set not null;
alter table parked_events add constraint parked_events_pkey primary key (consumer, event_id);

-- A second net: whatever repeats a batch by mistake is refused here, and does not become a second message.
create unique index messages_by_id on messages (id);
