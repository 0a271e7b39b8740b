"""What the databases say at the end of a run."""

from dataclasses import dataclass, field

SCHEMAS = ("auth", "orders", "chat")


@dataclass
class Evidence:
    """Rows as dictionaries; times are seconds since 1970."""

    orders: list[dict] = field(default_factory=list)
    audit: list[dict] = field(default_factory=list)
    rooms: list[dict] = field(default_factory=list)
    messages: list[dict] = field(default_factory=list)
    reads: list[dict] = field(default_factory=list)
    users: list[dict] = field(default_factory=list)
    # What the others were told of users, each with its `schema`.
    people: list[dict] = field(default_factory=list)
    # "chat.outbox": rows that should be gone.
    leftovers: dict[str, int] = field(default_factory=dict)


QUERIES = {
    "orders": """select id::text, owner_id::text as owner, description as text, status, version,
                        extract(epoch from created_at)::float8 as at from orders.orders order by id""",
    "audit": """select order_id::text as "order", kind, from_status as "from", to_status as "to",
                       actor_id::text as actor, extract(epoch from at)::float8 as at
                from orders.order_history order by position""",
    "rooms": """select order_id::text as "order", owner_id::text as owner, last_seq, summary,
                       closed_by::text as closed_by, extract(epoch from closed_at)::float8 as closed_at
                from chat.rooms order by order_id""",
    "messages": """select order_id::text as "order", seq, id::text, kind, sender_id::text as sender, content as text,
                          extract(epoch from created_at)::float8 as at
                   from chat.messages order by order_id, seq""",
    "reads": """select order_id::text as "order", user_id::text as "user", seq from chat.read_positions""",
    "users": "select id::text, name from auth.users",
    "people": """select 'orders' as schema, id::text, name from orders.people
                 union all select 'chat', id::text, name from chat.people""",
}


def leftovers(connection):
    """How many rows each outbox and each table of parked events still has."""
    tables = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema = any(%s) and table_name in ('outbox', 'parked_events')",
        [list(SCHEMAS)],
    ).fetchall()
    return {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for (name,) in tables}


def collect(connection):
    """Reads everything, over a superuser's connection to the database."""
    evidence = Evidence(leftovers=leftovers(connection))
    for name, query in QUERIES.items():
        cursor = connection.execute(query)
        columns = [column.name for column in cursor.description]
        setattr(evidence, name, [dict(zip(columns, row)) for row in cursor.fetchall()])
    return evidence


def old_names(evidence):
    """Those whom a schema calls by another name than auth does: (schema, id, name there, name in auth)."""
    names = {user["id"]: user["name"] for user in evidence.users}
    return [
        (each["schema"], each["id"], each["name"], names[each["id"]])
        for each in evidence.people
        if each["id"] in names and each["name"] != names[each["id"]]
    ]
