"""docs/api.md §7, the Socket.IO door, by python-socketio and, where that hides too much, by bare packets."""

import json
import uuid
from contextlib import asynccontextmanager

import pytest
import socketio
import websockets

from Harness.person import ok
from Harness.shapes import assert_message, assert_problem_object, assert_room
from Harness.sockets import SioClient, Sockets, run_async


@asynccontextmanager
async def packets(gateway, token=None):
    """A bare Engine.IO connection over WebSocket, its OPEN packet read, and connected when a token is given."""
    url = gateway.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    async with websockets.connect(url, proxy=None) as connection:
        opening = await connection.recv()
        assert opening[0] == "0", opening
        connection.opening = json.loads(opening[1:])
        if token:
            await connection.send("40" + json.dumps({"token": token}))
            connected = await connection.recv()
            assert connected.startswith('40{"sid":'), connected
        yield connection


async def next_packet(connection):
    """The next packet that is not a ping, which is answered."""
    while (packet := await connection.recv()) == "2":
        await connection.send("3")
    return packet


# Identifying


@pytest.mark.parametrize("by", ["auth", "header"])
@run_async
async def test_a_token_identifies_by_auth_and_by_header(gateway, user, by):
    async with Sockets() as sockets:
        client = sockets.keep(await SioClient.connect(gateway, user.token, by=by))
        order = user.create_order()["id"]
        assert (await client.join(order))["room"]["orderId"] == order


@pytest.mark.parametrize("token", [None, "nonsense", "a.b.c"])
@run_async
async def test_without_a_valid_token_the_refusal_carries_the_problem(gateway, token):
    with pytest.raises(socketio.exceptions.ConnectionError) as refusal:
        await SioClient.connect(gateway, token)
    error = refusal.value.client.connect_error
    assert isinstance(error, dict) and isinstance(error["message"], str), error
    assert_problem_object(error["data"], 401, "unauthenticated")


@pytest.mark.parametrize("auth", ["", "{}", '{"token":null}', '{"token":5}', "[]", "{bad"])
@run_async
async def test_a_strange_connect_packet_is_refused(gateway, auth):
    async with packets(gateway) as connection:
        await connection.send("40" + auth)
        packet = await next_packet(connection)
        assert packet.startswith("44"), packet


@run_async
async def test_origins_and_headers_are_checked_at_the_handshake(gateway, user):
    url = gateway.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
    for headers, status in (({"Origin": "https://elsewhere.example"}, 403), ({"Authorization": "Bearer a.b.c"}, 401)):
        with pytest.raises(websockets.InvalidStatus) as refusal:
            await websockets.connect(url, additional_headers=headers, proxy=None)
        assert refusal.value.response.status_code == status
    async with Sockets() as sockets:
        sockets.keep(await SioClient.connect(gateway, user.token, origin=gateway))


@run_async
async def test_authenticating_again_renews_without_reconnecting(gateway, user):
    async with Sockets() as sockets:
        client = sockets.keep(await SioClient.connect(gateway, user.token))
        renewed = ok(user.post("/auth/refresh"))["accessToken"]
        answer = await client.call("authenticate", {"token": renewed})
        assert set(answer) == {"user", "sessionId", "expiresAt"} and answer["user"]["id"] == user.id
        await client.refused("authenticate", {"token": "a.b.c"}, 401, "unauthenticated")


# Packets


@run_async
async def test_the_opening_states_the_heartbeat(gateway):
    async with packets(gateway) as connection:
        opening = connection.opening
        assert opening["sid"] and opening["pingInterval"] == 25000 and opening["pingTimeout"] == 20000, opening
        assert opening["upgrades"] == [] and opening["maxPayload"] >= 65536


@run_async
async def test_events_are_acknowledged_by_the_number_of_their_packet(gateway, user):
    order = user.create_order()["id"]
    async with packets(gateway, user.token) as connection:
        await connection.send(f'4217["sendMessage",{json.dumps({"orderId": order, "content": "Hi"})}]')
        packet = await next_packet(connection)
        assert packet.startswith("4317["), packet
        (answer,) = json.loads(packet[4:])
        assert set(answer) == {"data"}
        assert_message(answer["data"], order)
        await connection.send('4218["sendMessage",{}]')
        packet = await next_packet(connection)
        assert packet.startswith("4318[")
        (answer,) = json.loads(packet[4:])
        assert set(answer) == {"error"}
        assert_problem_object(answer["error"], 400, "validation-failed")


@pytest.mark.parametrize("packet", ["42{bad", "42[", '42["joinRoom"', "42nope"])
@run_async
async def test_a_malformed_packet_is_an_error_and_the_socket_stays(gateway, user, packet):
    async with packets(gateway, user.token) as connection:
        await connection.send(packet)
        answer = await next_packet(connection)
        assert answer.startswith('42["error",'), answer
        assert_problem_object(json.loads(answer[2:])[1], 400, "malformed-json")
        await connection.send('421["dance",{}]')
        assert (await next_packet(connection)).startswith("431[")


@pytest.mark.parametrize(
    "packet",
    [
        "42[]",
        "42[5]",
        "42[null,{}]",
        '42["joinRoom"]',
        '42["joinRoom",1,2,3]',
        '42["error",{}]',
        '42["connect"]',
        '42["disconnect"]',
        '4399["no such ack"]',
    ],
)
@run_async
async def test_a_packet_that_makes_no_sense_stops_nothing(gateway, user, packet):
    async with packets(gateway, user.token) as connection:
        try:
            await connection.send(packet)
            await connection.send('421["dance",{}]')
            while not (answer := await next_packet(connection)).startswith("431["):
                assert answer.startswith('42["error",') and json.loads(answer[2:])[1]["status"] < 500, answer
        except websockets.ConnectionClosed:
            pass  # a server may also hang up on it
    ok(user.get("/users/me"))


@run_async
async def test_a_packet_over_the_limit_disconnects(gateway, user):
    client = await SioClient.connect(gateway, user.token)
    await client.emit("sendMessage", {"orderId": str(uuid.uuid4()), "content": "x" * 70000})
    await client.wait_closed()


# Calls


@run_async
async def test_unknown_events_and_failures_are_told_with_and_without_a_callback(gateway, user):
    async with Sockets() as sockets:
        client = sockets.keep(await SioClient.connect(gateway, user.token))
        await client.refused("dance", {}, 404, "not-found")
        await client.emit("dance", {})
        assert_problem_object(await client.wait_for("error"), 404, "not-found")
        await client.emit("sendMessage", {"orderId": "x", "content": "x"})
        assert (await client.wait_for("error", lambda p: p["status"] == 400))["requestId"]
        await client.refused("joinRoom", {"orderId": str(uuid.uuid4())}, 404, "not-found")


@run_async
async def test_joining_works_with_a_bare_id_and_without_a_callback(gateway, user):
    order = user.create_order()["id"]
    user.say(order)
    async with Sockets() as sockets:
        client = sockets.keep(await SioClient.connect(gateway, user.token))
        answer = await client.call("joinRoom", order)
        assert_room(answer["room"])
        assert [m["seq"] for m in answer["messages"]] == [1] and answer["hasMore"] is False
        assert await client.call("leaveRoom", {"orderId": order}) == {}
        await client.emit("joinRoom", order)
        assert await client.wait_for("joinedRoom") == answer


@run_async
async def test_the_whole_conversation_works_by_this_door(gateway, user, admin):
    order = user.create_order()["id"]
    async with Sockets() as sockets:
        client = sockets.keep(await SioClient.connect(gateway, user.token))
        desk = sockets.keep(await SioClient.connect(gateway, admin.token))
        await client.join(order)
        await desk.join(order)
        sent = await client.say(order, "Hello \U0001f600")
        assert_message(sent, order)
        assert await desk.wait_for("newMessage") == await client.wait_for("newMessage") == sent
        assert await desk.call("markRead", {"orderId": order, "seq": 1}) == {}
        await client.refused("closeRoom", {"orderId": order, "summary": "x"}, 403, "forbidden")
        assert_room(await desk.call("closeRoom", {"orderId": order, "summary": "Done"}))
        assert (await client.wait_for("roomClosed"))["seq"] == 2
        await client.refused("sendMessage", {"orderId": order, "content": "late"}, 409, "room-closed")
