"""Origins that fail: at each byte, by reset, with garbage, twice, while pooled, or not there at all."""

import socket
import threading

import pytest

from cases.case import head, post
from support.configuration import configuration, everything_to, forward, upstream
from support.waiting import wait_until
from support.wire import Unfinished, chunked

COUNTED = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX-A: 1\r\n\r\nhello world"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"hello ", b"world", trailers=b"X-Sum: 1\r\n")
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    return module_fleet.gateway(everything_to(module_origin))


@pytest.fixture(autouse=True)
def fresh_pool(gateway, origin):
    """Each test starts without pooled connections, so that no test inherits another one's broken ones."""
    origin.drop_connections()
    gateway.wait_metric("martlet_upstream_connections", 0)
    origin.forget()


def judge_cut(client, octets, sent, method=b"POST"):
    """What a client may see when the origin ended after `sent` bytes of `octets`: 502 before the whole head, a cut after it."""
    client.send(head(method + b" /x HTTP/1.1", b"Content-Length: 0") if method == b"POST" else head(method + b" /x HTTP/1.1"))
    head_end = octets.index(b"\r\n\r\n", len(INTERIM) if octets.startswith(INTERIM) else 0) + 4
    if sent < head_end:
        response = client.read_response()
        assert response.status == 502, (sent, response)
        assert response.problem_word() in ("upstream-closed", "bad-response"), (sent, response.body)
        return
    try:
        response = client.read_response()
    except Unfinished:
        return
    # Only the very last bytes of a chunked message (its closing empty line) may be missing without harm; nothing else.
    assert sent >= len(octets) and response.body == b"hello world", (sent, response)


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("octets", [COUNTED, CHUNKED, INTERIM + COUNTED], ids=["counted", "chunked", "after-interim"])
def test_the_origin_ends_at_each_byte_of_its_answer(gateway, origin, octets, ending):
    for sent in range(len(octets)):

        def behave(exchange, sent=sent):
            exchange.read_body()
            exchange.send(octets[:sent])
            exchange.close() if ending == "close" else exchange.reset()

        origin.behave(behave)
        with gateway.client() as client:
            if ending == "reset":
                judge_reset(client)
            else:
                judge_cut(client, octets, sent)


def judge_reset(client):
    """A reset may overtake the bytes before it, so the only rule is: 502 or a visible cut, never a whole answer."""
    client.send(post(b"Content-Length: 0"))
    try:
        response = client.read_response()
    except Unfinished:
        return
    assert response.status == 502, response


GARBAGE = {
    "no status line": b"garbage\r\n\r\n",
    "a binary mess": bytes(range(256)) + b"\r\n\r\n",
    "an empty line first": b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "a request": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "version 2": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "version 0.9": b"HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "a version in lower case": b"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "no status": b"HTTP/1.1\r\nContent-Length: 2\r\n\r\nok",
    "a status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status with a sign": b"HTTP/1.1 +20 OK\r\nContent-Length: 2\r\n\r\nok",
    "a status of letters": b"HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok",
    "status 000": b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\nok",
    "status 099": b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok",
    "two spaces before the status": b"HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok",
    "a NUL in the reason": b"HTTP/1.1 200 O\0K\r\nContent-Length: 2\r\n\r\nok",
    "a CR in the reason": b"HTTP/1.1 200 O\rK\r\nContent-Length: 2\r\n\r\nok",
    "a space before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
    "no colon": b"HTTP/1.1 200 OK\r\nX-A\r\nContent-Length: 2\r\n\r\nok",
    "an empty name": b"HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok",
    "a NUL in a value": b"HTTP/1.1 200 OK\r\nX-A: \0\r\nContent-Length: 2\r\n\r\nok",
    "a CR in a value": b"HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 2\r\n\r\nok",
    "a space in a name": b"HTTP/1.1 200 OK\r\nX A: 1\r\nContent-Length: 2\r\n\r\nok",
    "both framings": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "both framings, the other way": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "two different lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok",
    "a length list that differs": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 5\r\n\r\nok",
    "a length with a sign": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok",
    "a huge length": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nok",
    "an empty length": b"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "chunked not last": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "a head without end": b"HTTP/1.1 200 OK\r\nX-A: " + b"1" * 200_000,
    "a field line without end": b"HTTP/1.1 200 OK\r\n" + b"X" * 200_000,
    "a status line without end": b"HTTP/1.1 200 " + b"O" * 200_000,
    "fields without end": b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 30_000,
    "interim answers without end": b"HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n" * 20_000,
}
#: A gateway may also pass these on in a safe form: with one framing, or unfolded.
TOLERABLE = {
    "a folded field": b"HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 2\r\n\r\nok",
    "a LF alone after a line": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "two equal lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "chunked in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "an unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: cow\r\n\r\nok",
    "status 600": b"HTTP/1.1 600 OK\r\nContent-Length: 2\r\n\r\nok",
    "status 999": b"HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\nok",
    "no space after the status": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
}


def say_and_linger(octets):
    """Sends the bytes and leaves the connection open: the gateway alone must end it."""

    def behave(exchange):
        exchange.read_body()
        exchange.send(octets)
        exchange.until_end()

    return behave


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_a_bad_response_and_its_connection_is_closed(gateway, origin, name):
    origin.behave(say_and_linger(GARBAGE[name]))
    with gateway.client() as client:
        client.send(post(b"Content-Length: 0"))
        response = client.read_response()
        assert response.status == 502, response
        assert response.problem_word() == "bad-response"
    exchange = origin.seen()[0]
    wait_until(exchange.connection.ended.is_set, "the gateway closed the bad connection")


@pytest.mark.parametrize("name", TOLERABLE)
def test_a_doubtful_answer_is_refused_or_made_safe(gateway, origin, name):
    def behave(exchange):
        exchange.send(TOLERABLE[name])
        exchange.close()

    origin.behave(behave)
    with gateway.client() as client:
        client.send(post(b"Content-Length: 0"))
        try:
            response = client.read_response()
        except Unfinished:
            return
        assert response.status == 502 or response.body == b"ok" or name == "an unknown coding", response


BAD_CHUNKS = [
    b"2\nok\r\n0\r\n\r\n", b"2\r\nokX\r\n0\r\n\r\n", b"+2\r\nok\r\n0\r\n\r\n", b"0x2\r\nok\r\n0\r\n\r\n", b"zz\r\nok\r\n", b"\r\nok\r\n",
    b"10000000000000002\r\nok\r\n0\r\n\r\n", b"2\r\nok\r\n0\r\nX\0: y\r\n\r\n", b"2\r\nok\r\n0\r\nno colon\r\n\r\n", b"2;" + b"a" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("body", BAD_CHUNKS, ids=lambda body: repr(body[:24]))
def test_a_bad_chunk_of_the_answer_is_visible_to_the_client(gateway, origin, body):
    origin.behave(say_and_linger(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body))
    with gateway.client() as client:
        client.send(post(b"Content-Length: 0"))
        try:
            response = client.read_response()
        except Unfinished:
            return
        assert response.status == 502, response


def test_more_bytes_than_the_length_never_reach_a_client(gateway, origin):
    """Class of response splitting: what follows the answer on the upstream connection belongs to nobody."""
    extra = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"
    said = threading.Event()

    def answer_twice(exchange):
        exchange.read_body()
        exchange.answer()
        exchange.send(extra)
        said.set()

    origin.behave(answer_twice)
    for _ in range(20):
        said.clear()
        with gateway.client() as client:
            assert client.get().body == b"ok"
        # What is said only after the next request was sent could not be told from its answer by anybody.
        assert said.wait(8)


def test_a_second_answer_in_the_same_segment_never_reaches_a_client(gateway, origin):
    extra = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"
    origin.behave(lambda exchange: (exchange.read_body(), exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + extra)))
    with gateway.client() as client:
        for _ in range(20):
            assert client.get().body == b"ok"
    assert len({id(exchange.connection) for exchange in origin.seen(20)}) == 20, "a connection with stray bytes was used again"


@pytest.mark.parametrize("octets", [
    b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nEVIL",
    b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nEVIL",
], ids=["after-204", "after-304", "204-with-body"])  # fmt: skip
def test_a_body_behind_an_answer_without_body_never_reaches_a_client(gateway, origin, octets):
    origin.behave(lambda exchange: (exchange.read_body(), exchange.send(octets)))
    with gateway.client() as client:
        for _ in range(5):
            response = client.get()
            assert response.status in (204, 304, 502) and b"EVIL" not in response.body
            if b"close" in response.fields.tokens(b"Connection"):
                return


def test_a_body_behind_the_answer_to_head_never_reaches_a_client(gateway, origin):
    origin.behave(lambda exchange: (exchange.read_body(), exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL")))
    with gateway.client() as client:
        for _ in range(5):
            assert client.request(head(b"HEAD /x HTTP/1.1"), b"HEAD").status == 200
            assert client.get().body == b"EVIL"


def test_an_endpoint_that_refuses_is_a_connect_failure(fleet):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % unused.getsockname()[1]
        gateway = fleet.gateway(configuration({"origin": upstream(address)}, [forward("all")]))
        with gateway.client() as client:
            response = client.get()
            assert response.status == 502 and response.problem_word() == "connect-failed" and response.problem()["stage"] == "connect"
            assert client.request(post(b"Content-Length: 5", body=b"hello")).status == 502
        assert gateway.metric("martlet_upstream_connects_total", upstream="origin", outcome="failed") >= 2


def test_a_refusing_endpoint_beside_a_good_one_costs_no_request_of_a_safe_method(fleet):
    good = fleet.origin()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % unused.getsockname()[1]
        gateway = fleet.gateway(configuration({"origin": upstream(good, address)}, [forward("all")]))
        with gateway.client() as client:
            statuses = {client.get().status for _ in range(20)}
    # A failed connect sent no byte, so another endpoint may be tried; the contract promises it only for stale connections.
    assert statuses <= {200, 502} and 200 in statuses
