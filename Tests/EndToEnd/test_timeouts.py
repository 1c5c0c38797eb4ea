"""Origins and clients that are slow or leave: 504, 408, cuts, and no exchange that stays behind (peers.md §5, class 19)."""

import socket
import threading

import pytest

from cases.case import head, post
from support.configuration import configuration, forward, upstream
from support.waiting import SLOW, wait_for, wait_until

BRIEF = f"{int(300 * SLOW)}ms"
LONG = "60s"
BIG = b"x" * 33_554_432


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    timeouts = {"request-head": BRIEF, "idle": BRIEF, "stall": BRIEF, "connect": BRIEF}
    upstreams = {
        "late": upstream(module_origin, timeouts={"response-head": BRIEF, "stall": BRIEF}),
        "deadline": upstream(module_origin, timeouts={"response-head": LONG, "stall": LONG, "request": BRIEF}),
        "patient": upstream(module_origin, timeouts={"response-head": LONG, "stall": LONG}),
    }
    routes = [forward(name, to=name, path=f"/{name}") for name in upstreams]
    return module_fleet.gateway(configuration(upstreams, routes, timeouts=timeouts, limits={"request-body": "off"}))


@pytest.fixture(autouse=True)
def nothing_stays(gateway, origin):
    yield
    gateway.wait_metric("martlet_upstream_connections", 0, state="active")
    gateway.wait_metric("martlet_downstream_connections", 0)


def silent(exchange):
    exchange.read_body()
    exchange.until_end()


def half_an_answer(exchange):
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
    exchange.until_end()


def test_an_origin_that_never_answers_is_a_response_timeout(gateway, origin):
    origin.behave(silent)
    with gateway.client() as client:
        response = client.get(b"/late")
        assert response.status == 504 and response.problem_word() == "response-timeout"
    wait_for(origin.seen()[0].connection.ended, "the end of the upstream connection")


def test_an_answer_after_its_timeout_reaches_nobody(gateway, origin):
    gate = threading.Event()
    origin.behave(lambda exchange: (exchange.wait(gate), exchange.answer(body=b"late")))
    with gateway.client() as client:
        assert client.get(b"/late").status == 504
        gate.set()
        origin.behave(lambda exchange: exchange.answer(body=b"fresh"))
        if not client.stream.ended:
            with gateway.client() as other:
                assert other.get(b"/late").body == b"fresh"


def test_a_head_that_trickles_is_a_response_timeout_too(gateway, origin):
    gate = threading.Event()

    def trickle(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nX-A: ")
        while exchange.send(b"1") and not gate.wait(0.02):
            pass

    origin.behave(trickle)
    with gateway.client() as client:
        assert client.get(b"/late").status == 504
    gate.set()


def test_an_origin_that_stalls_in_its_body_cuts_the_answer(gateway, origin):
    origin.behave(half_an_answer)
    with gateway.client() as client:
        client.send(head(b"GET /late HTTP/1.1"))
        client.expect_cut()
    wait_for(origin.seen()[0].connection.ended, "the end of the upstream connection")


def test_a_request_deadline_is_kept_before_the_head(gateway, origin):
    origin.behave(silent)
    with gateway.client() as client:
        response = client.get(b"/deadline")
        assert response.status == 504 and response.problem_word() == "request-deadline"


def test_a_request_deadline_cuts_a_body(gateway, origin):
    origin.behave(half_an_answer)
    with gateway.client() as client:
        client.send(head(b"GET /deadline HTTP/1.1"))
        client.expect_cut()


def test_a_full_backlog_is_a_connect_timeout(fleet):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        address = "127.0.0.1:%d" % listener.getsockname()[1]
        config = configuration({"origin": upstream(address, timeouts={"connect": BRIEF})}, [forward("all")])
        gateway = fleet.gateway(config)
        with gateway.client() as client:
            response = client.get()
            assert response.status == 504 and response.problem_word() == "connect-timeout"
        for filler in fillers:
            filler.close()


def test_a_connection_without_a_request_is_closed(gateway):
    with gateway.client() as client:
        rest = client.stream.read_to_end()
        assert not rest or rest.startswith(b"HTTP/1.1 408"), rest


def test_a_slow_head_is_a_request_timeout(gateway, origin):
    with gateway.client() as client:
        client.send(b"GET /patient HTTP/1.1\r\nHost: a\r\n")
        response = client.read_response()
        assert response.status == 408 and response.problem_word() == "request-timeout"
        client.expect_close()
    assert not origin.received()


def test_a_head_that_trickles_is_a_request_timeout(gateway, origin):
    stop = threading.Event()
    with gateway.client() as client:
        client.send(b"GET /patient HTTP/1.1\r\nHost: a\r\nX-A: ")

        def trickle():
            while not stop.wait(0.02) and client.send(b"1"):
                pass

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        response = client.read_response()
        stop.set()
        thread.join(5)
        assert response.status == 408


def test_a_kept_connection_that_is_idle_is_closed_without_a_word(gateway, origin):
    with gateway.client() as client:
        assert client.get(b"/patient").status == 200
        client.expect_close()


def test_a_slow_second_head_is_a_request_timeout_too(gateway, origin):
    with gateway.client() as client:
        assert client.get(b"/patient").status == 200
        client.send(b"GET /patient HTTP/1.1\r\n")
        assert client.read_response().status == 408
        client.expect_close()


def test_a_slow_body_is_a_request_timeout(gateway, origin):
    origin.behave(lambda exchange: exchange.read_body())
    with gateway.client() as client:
        client.send(post(b"Content-Length: 10", body=b"hello", line=b"POST /patient HTTP/1.1"))
        response = client.read_response()
        assert response.status == 408 and response.problem_word() == "request-timeout"
        client.expect_close()
    exchange = origin.seen()[0]
    wait_for(exchange.connection.ended, "the end of the unfinished request")
    assert exchange.body is None


def test_a_body_that_trickles_below_the_minimum_rate_is_cut(gateway, origin):
    stop = threading.Event()
    with gateway.client() as client:
        client.send(post(b"Content-Length: 100000", line=b"POST /patient HTTP/1.1"))

        def trickle():
            while not stop.wait(0.05) and client.send(b"1"):
                pass

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        rest = client.stream.read_to_end()
        stop.set()
        thread.join(5)
        assert not rest or rest.startswith(b"HTTP/1.1 408"), rest


def test_a_reader_that_takes_nothing_is_cut(gateway, origin):
    origin.behave(lambda exchange: exchange.answer(body=BIG))
    with gateway.client(receive_buffer=4096) as client:
        client.send(head(b"GET /patient HTTP/1.1"))
        exchange = origin.seen()[0]
        wait_for(exchange.connection.ended, "the gateway gave the slow reader up", 20)
        client.expect_cut()


def leave_before_anything(gateway, origin, leave, path):
    leave(gateway.client())


def leave_in_the_head(gateway, origin, leave, path):
    client = gateway.client()
    client.send(b"GET " + path + b" HTTP/1.1\r\nHost:")
    leave(client)


def leave_in_the_body(gateway, origin, leave, path):
    client = gateway.client()
    client.send(post(b"Content-Length: 10", body=b"hello", line=b"POST " + path + b" HTTP/1.1"))
    origin.seen()
    leave(client)


def leave_in_a_chunk(gateway, origin, leave, path):
    client = gateway.client()
    client.send(post(b"Transfer-Encoding: chunked", body=b"5\r\nhel", line=b"POST " + path + b" HTTP/1.1"))
    origin.seen()
    leave(client)


def leave_before_the_answer(gateway, origin, leave, path):
    origin.behave(silent)
    client = gateway.client()
    client.send(head(b"GET " + path + b" HTTP/1.1"))
    origin.seen()
    leave(client)


def leave_in_the_answer(gateway, origin, leave, path):
    origin.behave(half_an_answer)
    client = gateway.client()
    client.send(head(b"GET " + path + b" HTTP/1.1"))
    client.stream.read_head("response head")
    leave(client)


def leave_in_a_big_answer(gateway, origin, leave, path):
    origin.behave(lambda exchange: exchange.answer(body=BIG))
    client = gateway.client(receive_buffer=4096)
    client.send(head(b"GET " + path + b" HTTP/1.1"))
    client.stream.read_head("response head")
    leave(client)


def leave_after_the_answer(gateway, origin, leave, path):
    client = gateway.client()
    assert client.get(path).status == 200
    leave(client)


def leave_with_a_pipeline(gateway, origin, leave, path):
    client = gateway.client()
    client.send(head(b"GET " + path + b" HTTP/1.1") * 20)
    origin.seen()
    leave(client)


STAGES = [
    leave_before_anything, leave_in_the_head, leave_in_the_body, leave_in_a_chunk, leave_before_the_answer, leave_in_the_answer,
    leave_in_a_big_answer, leave_after_the_answer, leave_with_a_pipeline,
]  # fmt: skip


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__.replace("_", " "))
def test_a_client_that_leaves_leaves_nothing_behind(gateway, origin, stage, ending):
    descriptors = settled_descriptors(gateway, origin)
    # A close without a reset may be a half close: then only the upstream's timeouts tell that nobody waits any more.
    path = b"/patient" if ending == "reset" else b"/late"
    stage(gateway, origin, lambda client: getattr(client, ending)(), path)
    gateway.wait_metric("martlet_upstream_connections", 0, state="active")
    gateway.wait_metric("martlet_downstream_connections", 0)
    # The scrapes themselves come and go over connections, so one sample may hold one of those.
    wait_until(lambda: settled_descriptors(gateway, origin) <= descriptors, "no descriptor is left behind")


def settled_descriptors(gateway, origin):
    """Open descriptors without pooled upstream connections."""
    origin.drop_connections()
    gateway.wait_metric("martlet_upstream_connections", 0)
    wait_until(lambda: gateway.metric("martlet_downstream_connections") == 0, "no downstream connection is left")
    return min(gateway.open_descriptors() for _ in range(5))
