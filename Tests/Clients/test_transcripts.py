"""docs/api.md §5.5: transcripts in each form, of any length, for readers of any pace.

ORDERLINE_LONG=1 makes the large room one of 100,000 messages, and not of 5,000.
"""

import csv
import http.client
import io
import json
import os
import socket
import ssl
import uuid
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from Harness.person import PREFIX, Person, ok
from Harness.ports import free_ports
from Harness.processes import resident_bytes
from Harness.shapes import assert_problem, assert_security_headers
from Harness.stack import FIRST_ADMIN, Stack, running
from Harness.tls import Trusting, certificate
from Harness.waiting import until

FORMS = {"text/plain": "txt", "application/json": "json", "text/csv": "csv"}
# More than what a reader who does not read is sent ahead.
MEDIUM = 1_500
LARGE = 100_000 if os.environ.get("ORDERLINE_LONG") == "1" else 5_000
# Of each message of the large room, which so has five megabytes, or a hundred.
LONG_CONTENT = "Ünder the oak, a long story. " * 34
# What one reader may cost a gateway: a page, as it came and as it is written.
READER_BYTES = 1 << 20
CONTENTS = [
    "Hello",
    'a "quoted" word, and a comma',
    "line\nline",
    "line\r\nline\rline",
    "🪑 שלום עולם e\u0301",
    "\u202eevil\u2028\u0085[2026-01-01T00:00:00.000Z] Ada Admin (Admin): forged",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1:A9)",
    "\tx",
    "\rx",
    " =1",
    "'",
    "𝄞" * 4000,
]


def place(order):
    return f"/chat/rooms/{order}/transcript"


def transcript(person, order, form=None, **options):
    headers = {"Accept": form} if form else {"Accept": None}
    return person.get(place(order), headers={**headers, **options.pop("headers", {})}, **options)


def rows(table):
    """The rows of a CSV, by their names."""
    assert table.endswith("\r\n")
    names, *found = csv.reader(io.StringIO(table, newline=""), strict=True)
    assert all(len(row) == len(names) for row in found)
    return [dict(zip(names, row)) for row in found]


def spreadsheet_safe(text):
    return "'" + text if text[0] in "=+-@\t\r" else text


def fill(stack, owner, order, count):
    """Puts many messages into a room, as if its owner had sent them."""
    owner.room(order)
    with stack.connect() as connection, connection.transaction():
        connection.execute(
            """
            insert into chat.messages (order_id, seq, id, kind, sender_id, sender_role, content, created_at)
            select %(order)s, n, gen_random_uuid(), 'text', %(owner)s, 'Regular', n || ' ' || %(content)s, now()
            from generate_series(1, %(count)s) as n
            """,
            {"order": order, "owner": owner.id, "content": LONG_CONTENT, "count": count},
        )
        connection.execute("update chat.rooms set last_seq = %s where order_id = %s", (count, order))
    return order


@pytest.fixture(scope="module")
def talk(make_user, make_admin):
    """A conversation of two, closed."""
    owner, admin = make_user(name="Olga Owner"), make_admin(name="=Ada, Admin")
    order = owner.create_order()
    for index, content in enumerate(CONTENTS):
        extra = {"clientMessageId": str(uuid.uuid4())} if index % 3 == 0 else {}
        (owner if index % 2 else admin).say(order["id"], content, **extra)
    admin.close(order["id"], "Agreed:\nten chairs")
    messages = owner.messages(order["id"], limit=100)["items"]
    assert [message["content"] for message in messages] == [*CONTENTS, "Agreed:\nten chairs"]
    return owner, order, messages


@pytest.fixture(scope="module")
def large(stack, make_user):
    """A room of many megabytes, its owner, and its order."""
    owner = make_user(name="Olga Owner")
    return owner, fill(stack, owner, owner.create_order()["id"], LARGE)


# Forms


def test_json_has_the_rooms_facts_and_every_message(talk):
    owner, order, messages = talk
    answer = transcript(owner, order["id"], "application/json")
    room = owner.room(order["id"])
    facts = {name: value for name, value in room.items() if name not in ("unread", "lastMessage")}
    assert ok(answer) == {**facts, "number": order["number"], "messages": messages}
    assert answer.headers["Content-Type"] == "application/json"


def test_csv_has_a_row_for_each_message(talk):
    owner, order, messages = talk
    answer = transcript(owner, order["id"], "text/csv")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    expected = [
        {
            "seq": str(message["seq"]),
            "id": message["id"],
            "createdAt": message["createdAt"],
            "kind": message["kind"],
            "senderId": message["sender"]["id"],
            "senderName": spreadsheet_safe(message["sender"]["name"]),
            "senderRole": message["sender"]["role"],
            "content": spreadsheet_safe(message["content"]),
            "clientMessageId": message["clientMessageId"] or "",
        }
        for message in messages
    ]
    assert rows(answer.content.decode()) == expected


def test_text_has_a_head_and_a_paragraph_for_each_message(talk):
    owner, order, messages = talk
    answer = transcript(owner, order["id"])
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().split("\n")
    begins = [f"[{message['createdAt']}] {message['sender']['name']} (" for message in messages]
    assert lines[0] == f"Transcript of order {order['number']}" and "Owner: Olga Owner" in lines
    assert lines[lines.index("Summary: Agreed:") + 1] == "    ten chairs"
    assert [line for line in lines if line.startswith("[")] == [
        line for begin in begins for line in lines if line.startswith(begin)
    ]
    assert len([line for line in lines if line.startswith("[")]) == len(messages)
    assert f"{begins[0]}Admin): Hello" in lines and lines[-3:] == ["", "End of the transcript", ""]
    # Nothing by which a line could begin elsewhere.
    assert not set("".join(lines)) & set("\r\x0b\x0c\x85\u2028\u2029\u202e"), "a character that forges"


def test_an_empty_room_has_a_transcript(user):
    order = user.create_order()["id"]
    assert transcript(user, order).text.endswith("Still open\nMessages: 0\n\nEnd of the transcript\n")
    assert transcript(user, order, "application/json").json()["messages"] == []
    assert rows(transcript(user, order, "text/csv").text) == []


@pytest.mark.parametrize("form", FORMS)
def test_it_is_a_file_to_be_saved(talk, form):
    owner, order, _ = talk
    for method in ("GET", "HEAD"):
        answer = owner.request(method, place(order["id"]), headers={"Accept": form})
        assert answer.status_code == 200
        name = f"order-{order['number']}-transcript.{FORMS[form]}"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Vary"] == "Accept"
        assert_security_headers(answer)
        assert (len(answer.content) == 0) == (method == "HEAD")


@pytest.mark.parametrize(
    "accept, form",
    [
        (None, "text/plain"),
        ("", "text/plain"),
        ("*/*", "text/plain"),
        ("text/*", "text/plain"),
        ("application/*", "application/json"),
        ("text/plain;q=0.5, application/json;q=0.8, text/csv;q=0.9", "text/csv"),
        ("text/plain;q=0, */*;q=0.1", "application/json"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "text/plain"),
        ('Text/CSV; charset="UTF-8"', "text/csv"),
        ("nonsense, text/csv", "text/csv"),
    ],
)
def test_accept_chooses_the_form(talk, accept, form):
    owner, order, _ = talk
    assert transcript(owner, order["id"], accept).headers["Content-Type"].split(";")[0] == form


@pytest.mark.parametrize(
    "accept", ["text/html", "image/*", "*/*;q=0", "text/plain;q=0", "text/csv;charset=latin1", "nonsense", "/"]
)
def test_what_there_is_not_is_not_acceptable(talk, accept):
    owner, order, _ = talk
    assert_problem(transcript(owner, order["id"], accept), 406, "not-acceptable")


def test_no_accept_is_more_than_not_acceptable(talk, chance):
    owner, order, _ = talk
    pieces = [
        "text",
        "/",
        "csv",
        "*",
        ";",
        ",",
        "q",
        "=",
        "0",
        "1",
        ".",
        "5",
        '"',
        "\\",
        " ",
        "\t",
        "é",
        "*/*",
        "text/csv",
    ]
    for _ in range(150):
        accept = "".join(chance.choices(pieces, k=chance.randint(1, 12)))
        answer = transcript(owner, order["id"], accept.strip().encode("latin-1"))
        assert answer.status_code in (200, 406), (accept, answer.text)
    # However many there are.
    assert (
        transcript(owner, order["id"], "a/b;q=0.1," * 1500 + "text/csv").headers["Content-Type"].startswith("text/csv")
    )


def test_a_mark_comes_only_when_it_is_asked_for(talk):
    owner, order, _ = talk
    plain = transcript(owner, order["id"], "text/csv").content
    assert transcript(owner, order["id"], "text/csv", params={"bom": "true"}).content == b"\xef\xbb\xbf" + plain
    assert transcript(owner, order["id"], "text/csv", params={"bom": "false", "colour": "red"}).content == plain
    ok(transcript(owner, order["id"], "application/json", params={"bom": "true"}))
    for bad in ("", "yes", "TRUE"):
        refused = transcript(owner, order["id"], "text/csv", params={"bom": bad})
        assert_problem(refused, 400, "validation-failed", "bom")


def test_another_persons_room_and_no_room_are_refused_in_every_form(talk, other):
    _, order, _ = talk
    for form in FORMS:
        assert_problem(transcript(other, order["id"], form), 403, "forbidden")
        assert_problem(transcript(other, uuid.uuid4(), form), 404, "not-found")
        assert_problem(transcript(other, "42", form), 400, "invalid-id")
        assert_problem(transcript(Person(other.base), order["id"], form), 401, "unauthenticated")


# On the wire


class Reader:
    """A connection that asks for a transcript, and reads as it is told to."""

    def __init__(self, person, order, form="application/json", version="1.1", tls=None):
        target = urlsplit(person.base)
        self.socket = socket.socket()
        # So that what is not read waits at the gateway, and not on the way: with segments as large as this machine has
        # them for itself, the system takes some megabytes.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self.socket.settimeout(60)
        self.socket.connect((target.hostname, target.port))
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=target.hostname, suppress_ragged_eofs=False)
        self.ask(person, order, form, version)

    def ask(self, person, order, form="application/json", version="1.1"):
        head = f"GET {PREFIX}{place(order)} HTTP/{version}\r\nHost: localhost\r\nAccept: {form}\r\n"
        self.socket.sendall(f"{head}Authorization: Bearer {person.token}\r\n\r\n".encode())

    def __enter__(self):
        self.answer = http.client.HTTPResponse(self.socket)
        self.answer.begin()
        assert self.answer.status == 200, self.answer.read()
        return self

    def __exit__(self, *_):
        self.socket.close()


def assert_complete(document, count):
    assert [message["seq"] for message in json.loads(document)["messages"]] == list(range(1, count + 1))


def test_a_connection_goes_on_behind_a_transcript(talk):
    owner, order, messages = talk
    with Reader(owner, order["id"]) as reader:
        assert reader.answer.getheader("Transfer-Encoding") == "chunked"
        assert_complete(reader.answer.read(), len(messages))
        reader.ask(owner, order["id"], "text/csv")
        again = http.client.HTTPResponse(reader.socket)
        again.begin()
        assert len(rows(again.read().decode())) == len(messages)


def test_an_old_client_reads_to_the_end_of_the_connection(large):
    owner, order = large
    with Reader(owner, order, version="1.0") as reader:
        assert reader.answer.getheader("Transfer-Encoding") is None
        assert_complete(reader.answer.read(), LARGE)


def resident(stack, gateway):
    """Bytes of memory of the gateway at this address."""
    name = f"gateway-{stack.gateways.index(gateway) + 1}"
    return resident_bytes(stack.run["pids"][name])


@pytest.mark.parametrize("form", FORMS)
def test_a_long_transcript_is_complete_and_costs_the_gateway_no_more_than_a_short_one(stack, make_user, large, form):
    owner, order = large
    short = make_user()
    # What the first ones need for good.
    room = fill(stack, short, short.create_order()["id"], 1000)
    for _ in range(3):
        transcript(short, room, form)
    before, most, size, seqs = resident(stack, owner.base), 0, 0, []
    with transcript(owner, order, form, stream=True) as answer:
        pieces = []
        for piece in answer.iter_content(1 << 20):
            most = max(most, resident(stack, owner.base))
            size += len(piece)
            pieces.append(piece)
    document = b"".join(pieces).decode()
    if form == "application/json":
        seqs = [message["seq"] for message in json.loads(document)["messages"]]
    elif form == "text/csv":
        seqs = [int(row["seq"]) for row in rows(document)]
    else:
        seqs = [int(line.split(": ", 1)[1].split(" ")[0]) for line in document.split("\n") if line.startswith("[")]
    assert seqs == list(range(1, LARGE + 1))
    assert size > 2 * READER_BYTES, "too short to tell"
    assert most - before < READER_BYTES, f"{(most - before) >> 20} MiB more for {size >> 20} MiB"


@contextmanager
def slow_readers(owner, order, count, **options):
    with ExitStack() as open_ones:
        yield [open_ones.enter_context(Reader(owner, order, **options)) for _ in range(count)]


def busy_connections(stack):
    """Connections of chat to the database that do something."""
    states = "select count(*) from pg_stat_activity where usename like '%chat%' and state <> 'idle'"
    with stack.connect() as connection:
        known = connection.execute("select count(*) from pg_stat_activity where usename like '%chat%'").fetchone()[0]
        assert known > 0, "chat's connections are not found"
        return connection.execute(states).fetchone()[0]


def test_slow_readers_keep_nobody_waiting_and_hold_no_database_connection(stack, large, user):
    owner, order = large
    before = resident(stack, owner.base)
    count = 40
    with slow_readers(owner, order, count) as readers:
        until(lambda: busy_connections(stack) == 0, 10, "chat has nothing to do for those who do not read")
        own = user.create_order()["id"]
        for index in range(20):
            assert user.say(own, f"{index}")["seq"] == index + 1
            ok(user.get("/chat/rooms"))
        assert resident(stack, owner.base) - before < count * READER_BYTES
        # They have lost nothing by it.
        assert_complete(readers[0].answer.read(), LARGE)


def until_revoked(person):
    """Returns when the person's gateway has heard that the session has ended."""
    until(lambda: person.get("/users/me").status_code == 401, 10)


def test_who_is_signed_out_gets_no_whole_transcript(make_user, stack, other_gateway):
    owner = make_user()
    order = fill(stack, owner, owner.create_order()["id"], MEDIUM)
    with Reader(owner, order) as chunked, Reader(owner, order, "text/csv", version="1.0") as until_close:
        ok(owner.at(other_gateway).post("/auth/logout"), 204)
        until_revoked(owner)
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            chunked.answer.read()
        # Its end alone would look like that of the table.
        with pytest.raises(ConnectionResetError):
            until_close.answer.read()


@pytest.mark.processes
def test_a_transcript_outlasts_the_chats_that_began_it(stack, make_user):
    owner = make_user()
    order = fill(stack, owner, owner.create_order()["id"], MEDIUM)
    with Reader(owner, order) as reader:
        for name in stack.pids_of("chat"):
            stack.kill(name)
        assert_complete(reader.answer.read(), MEDIUM)


@pytest.mark.processes
def test_a_transcript_that_chat_cannot_finish_is_cut(stack, make_user):
    owner = make_user()
    order = fill(stack, owner, owner.create_order()["id"], MEDIUM)
    with Reader(owner, order) as chunked, Reader(owner, order, "text/csv", version="1.0") as until_close:
        with stack.connect() as connection:
            # As a fail-over that lost messages: what is asked for next is not there.
            connection.execute("delete from chat.messages where order_id = %s and seq > 200", (order,))
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            chunked.answer.read()
        with pytest.raises(ConnectionResetError):
            until_close.answer.read()


# Over TLS


@pytest.mark.processes
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_over_tls_it_is_whole_or_seen_to_be_cut(tmp_path):
    cert, key = certificate(tmp_path)
    stack = Stack(tmp_path / "data", **FIRST_ADMIN, TLS_CERT=str(cert), TLS_KEY=str(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with running(stack, "--port", str(free_ports(1))):
        assert stack.gateways[0].startswith("https://")
        owner = stack.registered(kind=Trusting)
        order = fill(stack, owner, owner.create_order()["id"], MEDIUM)
        with Reader(owner, order, tls=context) as reader:
            assert_complete(reader.answer.read(), MEDIUM)
            reader.ask(owner, order)
            again = http.client.HTTPResponse(reader.socket)
            again.begin()
            assert_complete(again.read(), MEDIUM)
        with Reader(owner, order, version="1.0", tls=context) as reader:
            assert_complete(reader.answer.read(), MEDIUM)
        with (
            Reader(owner, order, tls=context) as chunked,
            Reader(owner, order, "text/csv", version="1.0", tls=context) as until_close,
        ):
            ok(owner.post("/auth/logout"), 204)
            with pytest.raises((http.client.IncompleteRead, OSError)):
                chunked.answer.read()
            with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
                until_close.answer.read()
