"""Long-polling as it goes over the wire, at the gateway that holds a session and at another one (API §3)."""

import itertools
import json
import threading
import uuid

import pytest
import requests

from Harness.settings import seconds
from Harness.shapes import assert_problem
from Harness.waiting import until

PATH = "/socket.io/?EIO=4&transport=polling"
TEXT = {"Content-Type": "text/plain;charset=UTF-8"}


class Session:
    """A polling client that sends each request to the next of its gateways."""

    def __init__(self, gateways, **headers):
        self.headers = headers
        self._next = itertools.cycle(gateways)
        answer = requests.get(next(self._next) + PATH, headers=headers, timeout=seconds(10))
        assert answer.status_code == 200 and answer.text[0] == "0", (answer, answer.text)
        self.opening, self.handshake = answer, json.loads(answer.text[1:])

    @property
    def url(self):
        return f"{next(self._next)}{PATH}&sid={self.handshake['sid']}"

    def poll(self, timeout=40):
        return requests.get(self.url, headers=self.headers, timeout=seconds(timeout))

    def post(self, body, **headers):
        return requests.post(self.url, data=body, headers={**TEXT, **self.headers, **headers}, timeout=seconds(20))

    def connect(self, token):
        assert self.post("40" + json.dumps({"token": token})).text == "ok"
        answer = self.poll()
        assert answer.text.startswith("40{"), answer.text

    def is_over(self):
        return fault(self.post("3")) == 1


def fault(answer):
    """The protocol's own code of a refusal; None for what is none."""
    if answer.status_code != 400:
        return None
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"code", "message"}
    return body["code"]


@pytest.fixture(params=["here", "there", "everywhere"])
def route(request, gateways):
    """The gateways that a session's requests go to, the first of which holds it."""
    return {"here": gateways[:1], "there": [gateways[0], *[gateways[1]] * 1000], "everywhere": gateways}[request.param]


@pytest.fixture
def session(route):
    return Session(route)


def test_the_handshake_tells_what_a_client_must_know(session):
    assert session.handshake.keys() == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}
    assert session.handshake["upgrades"] == ["websocket"]
    assert session.handshake["pingInterval"] == 25_000 and session.handshake["pingTimeout"] == 20_000
    assert session.handshake["maxPayload"] == 65_536
    headers = session.opening.headers
    assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Type"] == "text/plain; charset=UTF-8" and headers["X-Request-Id"]


def test_events_acknowledgements_and_messages_come_by_polls(session, user):
    order = user.create_order()["id"]
    session.connect(user.token)
    send = json.dumps(["sendMessage", {"orderId": order, "content": "ä€😀"}])
    assert session.post(f'420["joinRoom","{order}"]\x1e421{send}').text == "ok"
    packets = []

    def all_there():
        packets.extend(session.poll().text.split("\x1e"))
        kinds = {packet.split("[", 1)[0] for packet in packets}
        return {"430", "431", "42"} <= kinds and any('"newMessage"' in packet for packet in packets)

    until(all_there, 10)
    (message,) = [json.loads(packet[2:])[1] for packet in packets if packet.startswith('42["newMessage"')]
    assert message["content"] == "ä€😀" and message["seq"] == 1
    assert packets.index(next(p for p in packets if p.startswith("430"))) < packets.index(
        next(p for p in packets if '"newMessage"' in p)
    )


def test_a_poll_that_waits_is_answered_by_what_comes(session, user):
    order = user.create_order()["id"]
    session.connect(user.token)
    session.post(f'420["joinRoom","{order}"]')
    while '"presence"' not in session.poll().text:
        pass
    got = []
    polling = threading.Thread(target=lambda: got.append(session.poll()))
    polling.start()
    assert user.post(f"/chat/rooms/{order}/messages", json={"content": "hello"}).status_code == 201
    polling.join(seconds(20))
    assert got and "hello" in got[0].text


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", "application/json", "x", ""])
def test_a_body_of_any_content_type_is_taken(session, content_type):
    assert session.post("40", **{"Content-Type": content_type}).text == "ok"


def test_a_binary_argument_where_text_is_wanted_is_refused(session, user):
    order = user.create_order()["id"]
    session.connect(user.token)
    placeholder = '{"_placeholder":true,"num":0}'
    body = f'451-7["sendMessage",{{"orderId":"{order}","content":{placeholder}}}]\x1ebAQIDBA=='
    assert session.post(body).text == "ok"
    packet = session.poll().text
    assert packet.startswith("437[")
    problem = json.loads(packet[3:])[0]["error"]
    assert problem["code"] == "validation-failed" and problem["errors"][0]["field"] == "content", problem


@pytest.mark.parametrize("body", ["", "abc", "4\x1e", "b=", b"4\xff", "4x\x1e\x1e4y"])
def test_a_body_that_cannot_be_read_ends_the_session(session, body):
    assert fault(session.post(body)) == 3
    assert session.is_over()


def test_a_body_over_the_limit_ends_the_session(session):
    assert_problem(session.post("4" + "x" * 65_536), 413, "payload-too-large")
    until(session.is_over, 5)


def test_a_second_poll_ends_the_session(session):
    got = []
    first = threading.Thread(target=lambda: got.append(session.poll()))
    first.start()

    def second():
        got.append(session.poll())
        return True

    until(second, 10)
    first.join(seconds(20))
    # Whichever came second.
    assert sorted((answer.status_code, answer.text) for answer in got)[0] == (200, "1"), got
    assert session.is_over()


def test_a_session_is_over_when_its_client_says_so(session):
    got = []
    polling = threading.Thread(target=lambda: got.append(session.poll()))
    polling.start()
    assert session.post("1").text == "ok"
    polling.join(seconds(20))
    # The poll that waited ends with nothing to say; one that came late finds no session.
    assert got[0].text == "6" or fault(got[0]) == 1
    assert session.is_over()


def test_a_session_whose_client_leaves_its_poll_is_over(session):
    with pytest.raises(requests.exceptions.ReadTimeout):
        session.poll(timeout=0.5)
    until(session.is_over, 20)


@pytest.mark.parametrize(
    "query, method, code",
    [
        ("", "GET", 0),
        ("?EIO=4", "GET", 0),
        ("?EIO=4&transport=abc", "GET", 0),
        ("?transport=polling", "GET", 5),
        ("?EIO=3&transport=polling", "GET", 5),
        ("?EIO=abc&transport=polling", "GET", 5),
        ("?EIO=4&transport=polling", "POST", 2),
        ("?EIO=4&transport=websocket", "GET", 3),
        (f"?EIO=4&transport=polling&sid={'a' * 10}.{'b' * 22}", "GET", 1),
        (f"?EIO=4&transport=polling&sid={'a' * 10}.{'b' * 22}", "POST", 1),
        ("?EIO=4&transport=polling&sid=", "GET", 1),
        ("?EIO=4&transport=polling&sid=../../x", "GET", 1),
        (f"?EIO=4&transport=polling&sid={uuid.uuid4()}", "POST", 1),
    ],
)
def test_what_asks_for_nothing_has_the_protocols_own_code(gateways, query, method, code):
    for gateway in gateways:
        assert fault(requests.request(method, f"{gateway}/socket.io/{query}", timeout=seconds(10))) == code


def test_other_methods_are_those_of_no_route(gateway):
    for method in ("PUT", "PATCH", "DELETE"):
        answer = requests.request(method, gateway + PATH, timeout=seconds(10))
        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert requests.head(gateway + PATH, timeout=seconds(10)).status_code == 400


def test_a_bad_token_in_the_handshake_is_refused(gateway):
    answer = requests.get(gateway + PATH, headers={"Authorization": "Bearer nonsense"}, timeout=seconds(10))
    assert_problem(answer, 401, "unauthenticated")


# Pages of other sites


def test_a_listed_origin_may_poll_with_credentials(route, cors_origin):
    session = Session(route, Origin=cors_origin)
    for answer in (session.opening, session.post("40"), session.poll(), session.post("nonsense")):
        assert answer.headers["Access-Control-Allow-Origin"] == cors_origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.evil", "http://app.example"])
def test_another_origin_may_not(gateways, session, origin):
    for gateway in gateways:
        foreign = {"Origin": origin}
        url = f"{gateway}{PATH}&sid={session.handshake['sid']}"
        for answer in (
            requests.get(gateway + PATH, headers=foreign, timeout=seconds(10)),
            requests.get(url, headers=foreign, timeout=seconds(10)),
            requests.post(url, data="1", headers=foreign, timeout=seconds(10)),
        ):
            assert_problem(answer, 403, "forbidden")
            assert "Access-Control-Allow-Origin" not in answer.headers
    assert not session.is_over()


def test_browsers_may_ask_before_they_post(gateway, cors_origin):
    asks = {
        "Origin": cors_origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,authorization",
    }
    answer = requests.options(gateway + PATH, headers=asks, timeout=seconds(10))
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == cors_origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "content-type" in allowed and "authorization" in allowed
