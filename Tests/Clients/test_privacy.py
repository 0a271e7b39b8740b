"""docs/privacy.md: what is kept of a person who was deleted."""

import uuid

from psycopg import sql

from Harness.person import ok
from Harness.waiting import until

# What is kept a while longer, with the time after which it goes.
LATER = {
    ("orders", "idempotency_keys", "answer"),
    ("chat", "idempotency_keys", "answer"),
}


def columns(connection):
    return connection.execute(
        """
        select table_schema, table_name, column_name, data_type from information_schema.columns
        join information_schema.tables using (table_schema, table_name)
        where table_schema in ('auth', 'orders', 'chat') and table_type = 'BASE TABLE'
        order by 1, 2, ordinal_position
        """
    ).fetchall()


def places(connection, text):
    """The columns in which the text stands, in whatever case; bytes are read as what they hold."""
    found = set()
    for schema, table, column, kind in columns(connection):
        target, name = sql.Identifier(schema, table), sql.Identifier(column)
        if kind == "bytea":
            query = sql.SQL("select exists (select from {} where position(convert_to(%s, 'UTF8') in {}) > 0)")
        else:
            query = sql.SQL("select exists (select from {} where position(lower(%s) in lower({}::text)) > 0)")
        if connection.execute(query.format(target, name), (text,)).fetchone()[0]:
            found.add((schema, table, column))
    return found


def test_after_a_deletion_a_person_stands_nowhere_but_where_the_paper_says(stack, make_user, admin):
    word = uuid.uuid4().hex
    name, email, device = f"Name {word[:12]}", f"mail-{word[12:]}@example.com", f"Device/{word[6:18]}"
    user = make_user(name=name, email=email)
    user.http.headers["User-Agent"] = device
    user.login()
    order = ok(
        user.post(
            "/orders",
            json={"description": "A chair", "specifications": "of oak", "quantity": 1},
            headers={"Idempotency-Key": word},
        ),
        201,
    )
    user.say(order["id"])
    closing = admin.post(
        f"/chat/rooms/{order['id']}/close", json={"summary": "Agreed"}, headers={"Idempotency-Key": word}
    )
    ok(closing)
    user.until_status(order["id"], "Processing", timeout=5)
    with stack.connect() as connection:
        before = places(connection, name)
        assert before >= {("auth", "users", "name"), ("orders", "people", "name"), ("chat", "people", "name")} | LATER
        assert places(connection, email) == {("auth", "users", each) for each in ("email", "email_folded", "search")}
        assert places(connection, device) == {("auth", "sessions", "device")}
        ok(admin.delete(f"/users/{user.id}"), 204)
        assert until(lambda: places(connection, name) <= LATER, 10, "the name is gone")
        assert not places(connection, email) and not places(connection, device)
