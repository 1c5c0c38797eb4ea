"""WebSockets through the gateway: a real client and a real origin, and raw sockets for what goes wrong."""

import os
import signal
import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from support.configuration import configuration, everything_to, forward, respond, upstream
from support.waiting import PATIENCE, SLOW, wait_for, wait_until
from support.websocket import SWITCHING, WebSocketOrigin, handshake


@pytest.fixture(scope="module")
def chat():
    origin = WebSocketOrigin()
    yield origin
    origin.stop()


@pytest.fixture(scope="module")
def gateway(module_fleet, chat):
    return module_fleet.gateway(configuration({"chat": upstream(chat.address)}, [forward("chat", to="chat")]))


@pytest.fixture(scope="module")
def raw_gateway(module_fleet, module_origin):
    return module_fleet.gateway(everything_to(module_origin, limits={"request-body": "off"}), threads=1)


def url(gateway, path="/chat"):
    host, port = gateway.address
    return f"ws://{host}:{port}{path}"


def open_socket(gateway, **options):
    return connect(url(gateway), max_size=None, open_timeout=PATIENCE, close_timeout=PATIENCE, legacy=True, **options)


@pytest.mark.parametrize("compression", ["deflate", None])
def test_messages_of_every_size_come_back(gateway, compression):
    with open_socket(gateway, compression=compression) as socket:
        assert socket.response.status_code == 101
        for size in (0, 1, 125, 126, 65_535, 65_536, 1_048_576):
            message = os.urandom(size)
            socket.send(message)
            assert socket.recv(timeout=PATIENCE) == message
        socket.send("text ✓")
        assert socket.recv(timeout=PATIENCE) == "text ✓"


def test_a_fragmented_message_passes(gateway):
    with open_socket(gateway) as socket:
        socket.send([b"one ", b"two ", b"three"])
        assert socket.recv(timeout=PATIENCE) == b"one two three"


def test_a_ping_is_answered_by_the_other_side(gateway):
    with open_socket(gateway) as socket:
        assert socket.ping(b"are you there").wait(PATIENCE)


def test_the_origin_sees_the_forwarding_fields_and_the_upgrade(gateway, chat):
    with open_socket(gateway, additional_headers={"X-Own": "1"}, subprotocols=None) as socket:
        socket.send("hello")
        socket.recv(timeout=PATIENCE)
    seen = chat.heads[-1]
    assert seen["Upgrade"].lower() == "websocket" and seen["Connection"].lower() == "upgrade"
    assert seen["X-Forwarded-For"] == "127.0.0.1" and seen["X-Own"] == "1" and seen["Via"] == "1.1 martlet"


def test_the_closing_handshake_passes_both_ways(gateway, chat):
    socket = open_socket(gateway)
    socket.close(4_001, "enough")
    assert (socket.close_code, socket.close_reason) == (4_001, "enough")
    wait_until(lambda: (4_001, "enough") in chat.closings, "the origin saw the closing code")


def test_one_line_of_the_log_tells_of_the_whole_connection(gateway):
    with open_socket(gateway, compression=None) as socket:
        socket.send(b"x" * 1_000)
        socket.recv(timeout=PATIENCE)
    line = gateway.wait_access_record(lambda each: each["status"] == 101 and 1_000 < each["responseBytes"] < 2_000)
    assert line["requestBytes"] > 1_000 and line["upstream"] == "chat"


def test_many_connections_at_once(gateway):
    sockets = [open_socket(gateway, compression=None) for _ in range(50)]
    for number, socket in enumerate(sockets):
        socket.send(str(number))
    for number, socket in enumerate(sockets):
        assert socket.recv(timeout=PATIENCE) == str(number)
    for socket in sockets:
        socket.close()


def reload_with(gateway, upstreams, routes):
    gateway.write_config(configuration(upstreams, routes))
    result = gateway.command("reload")
    assert result.returncode == 0, result.stderr


def test_an_open_connection_survives_reloads_even_when_its_route_goes(fleet, chat):
    gateway = fleet.gateway(configuration({"chat": upstream(chat.address)}, [forward("chat", to="chat")]))
    with open_socket(gateway) as socket:
        for number in range(3):
            reload_with(gateway, {"chat": upstream(chat.address)}, [forward(f"chat-{number}", to="chat")])
            socket.send(str(number))
            assert socket.recv(timeout=PATIENCE) == str(number)
        reload_with(gateway, {}, [respond("other", 200, "other")])
        socket.send("still here")
        assert socket.recv(timeout=PATIENCE) == "still here"


def test_a_drain_says_going_away_at_a_moment_of_its_own_for_each(fleet, chat):
    gateway = fleet.gateway(
        configuration({"chat": upstream(chat.address)}, [forward("chat", to="chat")], timeouts={"drain": "3s"})
    )
    gateway.expected_to_exit = True
    sockets = [open_socket(gateway) for _ in range(20)]
    moments = []

    def follow(socket):
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                socket.recv(timeout=PATIENCE)
        moments.append((time.monotonic(), closed.value.rcvd.code))

    followers = [threading.Thread(target=follow, args=(socket,)) for socket in sockets]
    for follower in followers:
        follower.start()
    gateway.signal(signal.SIGTERM)
    for follower in followers:
        follower.join(2 * PATIENCE)
    assert [code for _, code in moments] == [1_001] * 20
    times = sorted(moment for moment, _ in moments)
    assert times[-1] - times[0] > 0.5, "all at once"
    assert gateway.wait_exit() == 0


# What goes wrong


def test_nothing_but_the_head_goes_up_before_the_origin_agrees(raw_gateway, origin):
    asked = threading.Event()
    agree = threading.Event()

    def slow_to_agree(exchange):
        asked.set()
        exchange.wait(agree)
        exchange.send(SWITCHING)
        assert exchange.connection.stream.read_exactly(6) == b"frames"
        exchange.send(b"answer")

    origin.behave(slow_to_agree)
    with raw_gateway.client() as client:
        client.send(handshake() + b"frames")
        wait_for(asked, "the origin has the head")
        assert origin.connections[-1].received.endswith(b"\r\n\r\n")
        agree.set()
        assert client.read_head().status == 101
        assert client.stream.read_exactly(6) == b"answer"


def test_an_answer_of_200_is_an_answer_and_unread_bytes_close_the_connection(raw_gateway, origin):
    def declines(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")

    origin.behave(declines)
    smuggled = b"GET /admin HTTP/1.1\r\nHost: gateway.test\r\n\r\n"
    with raw_gateway.client() as client:
        client.send(handshake() + smuggled)
        response = client.read_response()
        assert response.status == 200 and response.body == b"no"
        client.expect_close()
    assert all(b"/admin" not in connection.received for connection in origin.connections)


@pytest.mark.parametrize(
    "fields",
    [
        {"Connection": "keep-alive"},
        {"Connection": None},
        {"Upgrade": None},
        {"Upgrade": "h2c"},
        {"Upgrade": "websocket, h2c"},
        {"Upgrade": "tls/1.0"},
        {"Content_Length": "3"},
    ],
    ids=str,
)
def test_what_is_no_proper_request_to_upgrade_is_an_ordinary_request(raw_gateway, origin, fields):
    with raw_gateway.client() as client:
        client.send(handshake(**fields) + (b"abc" if "Content_Length" in fields else b""))
        assert client.read_head().status == 200
    head = origin.connections[-1].received.lower()
    assert b"\r\nupgrade:" not in head


def test_http_1_0_cannot_upgrade(raw_gateway, origin):
    with raw_gateway.client() as client:
        client.send(handshake(version="HTTP/1.0"))
        assert client.read_head().status == 200
    assert b"\r\nupgrade:" not in origin.connections[-1].received.lower()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket, h2c\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_a_101_that_grants_something_else_is_a_bad_response(raw_gateway, origin, answer):
    origin.behave(lambda exchange: exchange.send(answer))
    with raw_gateway.client() as client:
        client.send(handshake())
        assert client.read_head().status == 502


def test_a_101_that_nobody_asked_for_is_a_bad_response(raw_gateway, origin):
    origin.behave(lambda exchange: exchange.send(SWITCHING))
    with raw_gateway.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: gateway.test\r\n\r\n")
        assert client.read_head().status == 502


def test_each_side_may_end_its_direction_and_hear_the_other_out(raw_gateway, origin):
    def answers_after_the_end(exchange):
        exchange.send(SWITCHING)
        exchange.until_end()
        exchange.send(b"last words")
        exchange.close()

    origin.behave(answers_after_the_end)
    with raw_gateway.client() as client:
        client.send(handshake())
        assert client.read_head().status == 101
        client.half_close()
        assert client.stream.read_exactly(10) == b"last words"
        client.expect_close()


def test_the_origin_that_breaks_breaks_the_client(raw_gateway, origin):
    def breaks(exchange):
        exchange.send(SWITCHING + b"part")
        exchange.reset()

    origin.behave(breaks)
    with raw_gateway.client() as client:
        client.send(handshake())
        assert client.read_head().status == 101
        assert client.stream.read_to_end() in (b"", b"part")
    raw_gateway.wait_metric("martlet_downstream_connections", 0, listener="public")


def test_the_client_that_goes_frees_the_origin(raw_gateway, origin):
    gone = threading.Event()

    def waits(exchange):
        exchange.send(SWITCHING)
        exchange.until_end()
        gone.set()
        exchange.close()

    origin.behave(waits)
    client = raw_gateway.client()
    client.send(handshake())
    assert client.read_head().status == 101
    client.reset()
    wait_for(gone, "the origin noticed")


def test_an_idle_tunnel_ends_and_one_with_traffic_does_not(fleet, module_origin):
    gateway = fleet.gateway(everything_to(module_origin, timeouts={"tunnel-idle": "400ms"}))

    def echoes(exchange):
        exchange.send(SWITCHING)
        while True:
            exchange.send(exchange.connection.stream.read_exactly(1))

    module_origin.behave(echoes)
    with gateway.client() as client:
        client.send(handshake())
        assert client.read_head().status == 101
        # Three times as long as an idle one lives, with something passing all the time.
        began = time.monotonic()
        while time.monotonic() - began < 1.2:
            client.send(b"x")
            assert client.stream.read_exactly(1) == b"x"
        client.expect_close()
    assert gateway.wait_access_record(lambda each: each.get("error") == "tunnel-idle")["status"] == 101


def test_a_reader_that_stops_stops_the_writer(raw_gateway, origin):
    piece = b"y" * 65_536
    taken = []

    def floods(exchange):
        exchange.send(SWITCHING)
        exchange.connection.sock.settimeout(0.5 * SLOW)
        try:
            # More than all buffers on the way; the timeout is what the test waits for.
            for _ in range(4_096):
                taken.append(exchange.connection.sock.send(piece))
        except TimeoutError:
            stalled.set()
        exchange.close()

    stalled = threading.Event()
    origin.behave(floods)
    before = raw_gateway.resident_bytes()
    with raw_gateway.client(receive_buffer=4_096) as client:
        client.send(handshake())
        assert client.read_head().status == 101
        wait_for(stalled, "the origin is held up", 20)
        assert raw_gateway.resident_bytes() - before < 4 << 20
        # Nothing of what was taken is lost, though the origin has closed.
        assert len(client.stream.read_to_end()) == sum(taken)
