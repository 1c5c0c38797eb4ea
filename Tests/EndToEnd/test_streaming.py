"""Streams, big bodies, half close and back-pressure, in both directions."""

import hashlib
import os
import threading

import pytest

from cases.case import head, post
from support.configuration import everything_to
from support.waiting import SLOW, wait_for, wait_until
from support.wire import chunked

MEBI = 1_048_576
BIG = os.urandom(MEBI) * 32
DIGEST = hashlib.sha256(BIG).hexdigest()


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    return module_fleet.gateway(everything_to(module_origin, limits={"request-body": "off"}))


def test_each_event_passes_before_the_next_one_is_sent(gateway, origin):
    gates = [threading.Event() for _ in range(5)]

    def events(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number, gate in enumerate(gates):
            exchange.send(b"b\r\ndata: %04d\n\r\n" % number)
            exchange.wait(gate)
        exchange.send(b"0\r\n\r\n")

    origin.behave(events)
    with gateway.client() as client:
        client.send(head())
        assert client.read_head().status == 200
        for number, gate in enumerate(gates):
            wait_for_bytes(client, b"data: %04d\n" % number)
            gate.set()
        wait_for_bytes(client, b"0\r\n\r\n")


def wait_for_bytes(client, wanted):
    while wanted not in client.stream.buffer:
        client.stream.need(repr(wanted))
    client.stream.buffer.clear()


def test_each_event_of_a_close_delimited_stream_passes_at_once(gateway, origin):
    gate = threading.Event()

    def events(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n")
        exchange.wait(gate)
        exchange.send(b"data: second\n\n")
        exchange.close()

    origin.behave(events)
    with gateway.client() as client:
        client.send(head())
        assert client.read_head().status == 200
        wait_for_bytes(client, b"data: first\n\n")
        gate.set()
        wait_for_bytes(client, b"data: second\n\n")


def test_the_response_head_passes_before_the_body_begins(gateway, origin):
    gate = threading.Event()

    def head_first(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        exchange.wait(gate)
        exchange.send(b"ok")

    origin.behave(head_first)
    with gateway.client() as client:
        client.send(head())
        assert client.read_head().status == 200
        gate.set()
        assert client.stream.read_exactly(2) == b"ok"


@pytest.mark.parametrize("coded", [False, True], ids=["counted", "chunked"])
def test_a_piece_of_the_request_body_passes_before_the_next_is_sent(gateway, origin, coded):
    arrived = threading.Event()

    def notice(exchange):
        stream = exchange.connection.stream
        while b"one" not in stream.buffer:
            stream.need("the first piece")
        arrived.set()
        exchange.answer(body=exchange.read_body())

    origin.behave(notice)
    with gateway.client() as client:
        client.send(post(b"Transfer-Encoding: chunked", body=b"3\r\none\r\n") if coded else post(b"Content-Length: 6", body=b"one"))
        wait_for(arrived, "the first piece at the origin")
        client.send(b"3\r\ntwo\r\n0\r\n\r\n" if coded else b"two")
        assert client.read_response().body == b"onetwo"


def test_a_big_counted_download_arrives_whole(gateway, origin):
    origin.behave(lambda exchange: exchange.answer(body=BIG))
    with gateway.client() as client:
        assert hashlib.sha256(client.get().body).hexdigest() == DIGEST
        client.expect_silence()


def test_a_big_chunked_download_arrives_whole(gateway, origin):
    coded = chunked(*(BIG[start : start + 100_003] for start in range(0, len(BIG), 100_003)))
    origin.behave(lambda exchange: exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + coded))
    with gateway.client() as client:
        assert hashlib.sha256(client.get().body).hexdigest() == DIGEST
        client.expect_silence()


def test_a_big_close_delimited_download_arrives_whole(gateway, origin):
    origin.behave(lambda exchange: (exchange.send(b"HTTP/1.0 200 OK\r\n\r\n" + BIG), exchange.close()))
    with gateway.client() as client:
        assert hashlib.sha256(client.get().body).hexdigest() == DIGEST


@pytest.mark.parametrize("coded", [False, True], ids=["counted", "chunked"])
def test_a_big_upload_arrives_whole(gateway, origin, coded):
    body = chunked(*(BIG[start : start + 65_537] for start in range(0, len(BIG), 65_537))) if coded else BIG
    framing = b"Transfer-Encoding: chunked" if coded else b"Content-Length: %d" % len(BIG)
    origin.behave(lambda exchange: exchange.answer(body=hashlib.sha256(exchange.read_body()).hexdigest().encode()))
    with gateway.client(patience=30 * SLOW) as client:
        client.send(post(framing))
        client.send(body)
        assert client.read_response().body == DIGEST.encode()
        client.expect_silence()


def test_a_big_body_flows_both_ways_at_once(gateway, origin):
    """An echo: the answer streams while the request body is still being sent, so neither side may wait for the other's end."""

    def echo(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (8 * MEBI))
        for _ in range(8 * MEBI // 65_536):
            exchange.send(exchange.connection.stream.read_exactly(65_536))
        exchange.body = b""

    origin.behave(echo)
    with gateway.client(patience=30 * SLOW) as client:
        sender = threading.Thread(target=lambda: client.send(post(b"Content-Length: %d" % (8 * MEBI)) + BIG[: 8 * MEBI]), daemon=True)
        sender.start()
        assert client.read_response().body == BIG[: 8 * MEBI]
        sender.join(30 * SLOW)


def test_a_client_that_half_closes_still_gets_its_answer(gateway, origin):
    gate = threading.Event()
    origin.behave(lambda exchange: (exchange.wait(gate), exchange.answer()))
    with gateway.client() as client:
        client.send(head())
        client.half_close()
        origin.seen()
        gate.set()
        assert client.read_response().body == b"ok"
        client.expect_close()


def test_a_client_that_half_closes_after_a_pipeline_gets_every_answer(gateway, origin):
    with gateway.client() as client:
        client.send(b"".join(head(b"GET /%d HTTP/1.1" % number) for number in range(5)))
        client.half_close()
        assert [client.read_response().body for _ in range(5)] == [b"ok"] * 5
        client.expect_close()


def test_a_client_that_half_closes_in_its_body_gets_no_service(gateway, origin):
    with gateway.client() as client:
        client.send(post(b"Content-Length: 10", body=b"hello"))
        exchange = origin.seen()[0]
        client.half_close()
        rest = client.stream.read_to_end()
        assert not rest or rest.startswith(b"HTTP/1.1 400"), rest
    wait_for(exchange.connection.ended, "the end of the unfinished upstream request")
    assert exchange.body is None


def test_an_origin_that_does_not_read_stops_the_client(gateway, origin):
    gate = threading.Event()
    origin.behave(lambda exchange: (exchange.wait(gate), exchange.answer(body=b"%d" % len(exchange.read_body()))))
    before = gateway.resident_bytes()
    with gateway.client(patience=30 * SLOW) as client:
        client.send(post(b"Content-Length: %d" % len(BIG)))
        taken = client.push(BIG, seconds=0.3 * SLOW)
        assert taken < len(BIG), "the gateway took 32 MiB that nobody reads"
        assert gateway.resident_bytes() - before < 4 * MEBI * (8 if SLOW > 1 else 1)
        gate.set()
        client.send(BIG[taken:])
        assert client.read_response().body == b"%d" % len(BIG)


def test_a_client_that_does_not_read_stops_the_origin(gateway, origin):
    sent = []

    def pour(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BIG))
        for start in range(0, len(BIG), 65_536):
            exchange.send(BIG[start : start + 65_536])
            sent.append(start)

    origin.behave(pour)
    before = gateway.resident_bytes()
    with gateway.client(receive_buffer=4096, patience=30 * SLOW) as client:
        client.send(head())
        settled = wait_until_it_rests(lambda: len(sent))
        assert settled < len(BIG) // 65_536, "the gateway took 32 MiB that nobody reads"
        assert gateway.resident_bytes() - before < 4 * MEBI * (8 if SLOW > 1 else 1)
        assert hashlib.sha256(client.read_response().body).hexdigest() == DIGEST


def wait_until_it_rests(measure):
    """The value of `measure` once it is positive and has not changed over twenty looks."""
    looks = [None]

    def rested():
        looks.append(measure())
        return looks[-1] > 0 and len(looks) > 20 and len(set(looks[-20:])) == 1

    wait_until(rested, "the flow came to rest", 15)
    return looks[-1]


def test_twenty_slow_readers_share_little_memory(gateway, origin):
    origin.behave(lambda exchange: exchange.answer(body=BIG))
    before = gateway.resident_bytes()
    clients = [gateway.client(receive_buffer=4096) for _ in range(20)]
    for client in clients:
        client.send(head())
        assert client.read_head().status == 200
    growth = wait_until_it_rests(lambda: gateway.resident_bytes() // 65_536) * 65_536 - before
    for client in clients:
        client.close()
    # The budget is 128 KiB each; the allocator and a debug build get some room.
    assert growth < 20 * 256 * 1024 * (4 if SLOW > 1 else 1), growth
    wait_until(lambda: gateway.metric("martlet_upstream_connections", state="active") == 0, "all exchanges are over")
