"""Body framing and path confusion: each case whole and one byte at a time, with a request to smuggle behind it."""

import pytest

from cases import chunks, lengths, paths
from cases.case import AFTER, SMUGGLED, post
from support.configuration import configuration, forward, respond, upstream
from support.verdicts import play
from support.waiting import wait_for

FRAMING = lengths.LENGTHS + lengths.CODINGS + lengths.BOTH + chunks.SIZES + chunks.LINES + chunks.EXTENSIONS + chunks.TRAILERS
BODY_LIMIT = 1_048_576


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    routes = [forward("all"), respond("guarded", 403, path="/guarded/**"), respond("guarded-exactly", 403, path="/guarded")]
    limits = {"request-body": "1MiB"}
    return module_fleet.gateway(configuration({"origin": upstream(module_origin)}, routes, limits=limits))


@pytest.mark.parametrize("one_byte_at_a_time", [False, True], ids=["whole", "bytewise"])
@pytest.mark.parametrize("case", FRAMING, ids=[case.name for case in FRAMING])
def test_body_framing(gateway, origin, case, one_byte_at_a_time):
    play(gateway, origin, case, one_byte_at_a_time)


@pytest.mark.parametrize("one_byte_at_a_time", [False, True], ids=["whole", "bytewise"])
@pytest.mark.parametrize("case", paths.CASES, ids=[case.name for case in paths.CASES])
def test_path(gateway, origin, case, one_byte_at_a_time):
    play(gateway, origin, case, one_byte_at_a_time)


DISGUISES = [
    b"/guarded", b"/guarded/", b"/guarded/x", b"/x/../guarded/y", b"/./guarded/x", b"/%67uarded/x", b"/guarde%64", b"/x/%2e%2e/guarded/y",
    b"/guarded/./x", b"/guarded/x/..", b"/guarded/x/../y", b"/guarded/%2e/x", b"/guarded?x", b"/guarded%2fx", b"/guarded%2Fx",
    b"/guarded\\x", b"/guarded%5cx", b"/guarded/..;/guarded/x", b"/x/..;/guarded/y", b"/guarded%00", b"/guarded%00/x", b"/x/..%2fguarded",
    b"http://b/guarded/x", b"http://b/x/../guarded", b"/%2e/guarded", b"/guarded//x", b"/guarded/%67", b"/guarded#/x",
]  # fmt: skip


@pytest.mark.parametrize("target", DISGUISES)
def test_a_guarded_path_in_disguise_never_reaches_the_origin(gateway, origin, target):
    with gateway.client() as client:
        response = client.request(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert response.status in (400, 403), response
    with gateway.client() as client:
        client.get(b"/canary")
    assert origin.targets() == [b"/canary"]


@pytest.mark.parametrize("target", [b"//guarded/x", b"/GUARDED/x", b"/guarded;x/y", b"/guarded%3B/x", b"/guarded%20/x", b"/%2567uarded/x"])
def test_a_path_that_is_not_the_guarded_one_is_forwarded_as_it_was_routed(gateway, origin, target):
    with gateway.client() as client:
        assert client.get(target).status == 200
    assert origin.seen()[0].target == target


def test_a_body_of_the_limit_is_served(gateway, origin):
    body = b"x" * BODY_LIMIT
    with gateway.client() as client:
        assert client.request(post(b"Content-Length: %d" % len(body), body=body) + AFTER).status == 200
        assert client.read_response().status == 200
    assert origin.seen(2)[0].body == body


def test_a_length_beyond_the_limit_is_refused_at_once(gateway, origin):
    with gateway.client() as client:
        response = client.request(post(b"Content-Length: %d" % (BODY_LIMIT + 1)))
        assert response.status == 413 and response.problem_word() == "body-too-large"
        client.expect_close()
    assert not origin.received()


def test_a_length_beyond_the_limit_with_its_body_is_refused_and_nothing_smuggled(gateway, origin):
    with gateway.client() as client:
        client.send(post(b"Content-Length: %d" % (BODY_LIMIT + 1)) + SMUGGLED)
        assert client.read_response().status == 413
        client.expect_close()
    with gateway.client() as client:
        client.get(b"/canary")
    assert origin.targets() == [b"/canary"]


def test_a_chunked_body_of_the_limit_is_served(gateway, origin):
    chunk = b"8000\r\n" + b"x" * 32_768 + b"\r\n"
    body = chunk * (BODY_LIMIT // 32_768) + b"0\r\n\r\n"
    with gateway.client() as client:
        assert client.request(post(b"Transfer-Encoding: chunked", body=body) + AFTER).status == 200
        assert client.read_response().status == 200
    assert origin.seen(2)[0].body == b"x" * BODY_LIMIT


def test_a_chunked_body_beyond_the_limit_is_cut(gateway, origin):
    chunk = b"8000\r\n" + b"x" * 32_768 + b"\r\n"
    body = chunk * (BODY_LIMIT // 32_768) + b"1\r\nx\r\n0\r\n\r\n"
    with gateway.client() as client:
        client.send(post(b"Transfer-Encoding: chunked", body=body) + SMUGGLED)
        response = client.read_response()
        assert response.status == 413 and response.problem_word() == "body-too-large"
        client.expect_close()
    exchange = origin.seen()[0]
    wait_for(exchange.connection.ended, "the end of the unfinished request")
    assert exchange.body is None and b"smuggled" not in origin.received()


def test_requests_in_one_piece_keep_their_bodies_apart(gateway, origin):
    pieces = [
        post(b"Content-Length: 3", body=b"one", line=b"POST /1 HTTP/1.1"),
        post(b"Transfer-Encoding: chunked", body=b"3\r\ntwo\r\n0\r\n\r\n", line=b"POST /2 HTTP/1.1"),
        post(b"Content-Length: 0", line=b"POST /3 HTTP/1.1"),
        post(b"Content-Length: 4", body=b"four", line=b"PUT /4 HTTP/1.1"),
        AFTER,
    ]
    with gateway.client() as client:
        client.send(b"".join(pieces))
        assert [client.read_response().status for _ in pieces] == [200] * len(pieces)
    seen = [(exchange.target, exchange.body) for exchange in origin.seen(5)]
    assert seen == [(b"/1", b"one"), (b"/2", b"two"), (b"/3", b""), (b"/4", b"four"), (b"/after", b"")]


def test_a_fault_behind_good_requests_ends_the_connection_after_their_answers(gateway, origin):
    good = post(b"Content-Length: 3", body=b"one", line=b"POST /1 HTTP/1.1")
    with gateway.client() as client:
        client.send(good + post(b"Content-Length: +3", body=b"two") + SMUGGLED)
        assert client.read_response().status == 200
        assert client.read_response().status == 400
        client.expect_close()
    with gateway.client() as client:
        client.get(b"/canary")
    assert origin.targets() == [b"/1", b"/canary"]
