"""One exchange after another: methods, HEAD/204/304, keep-alive, pipelining, HTTP/1.0 on both sides, chunked, 1xx."""

import threading

import pytest

from cases.case import head, post
from support.configuration import everything_to
from support.wire import chunked


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    return module_fleet.gateway(everything_to(module_origin))


def answering(octets, closes=False):
    """A behaviour that answers every request with the same bytes."""

    def behave(exchange):
        exchange.read_body()
        exchange.send(octets)
        if closes:
            exchange.close()

    return behave


@pytest.mark.parametrize("method", [b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"PROPFIND", b"BREW"])
def test_a_method_is_forwarded(gateway, origin, method):
    with gateway.client() as client:
        response = client.request(head(method + b" /x?y HTTP/1.1"), method)
        assert (response.status, response.version, response.body) == (200, b"HTTP/1.1", b"ok")
        client.expect_alive()
    assert origin.seen()[0].line == method + b" /x?y HTTP/1.1"


def test_head_gets_the_length_and_no_body(gateway, origin):
    origin.behave(lambda exchange: exchange.answer(body=b"x" * 1000))
    with gateway.client() as client:
        response = client.request(head(b"HEAD /x HTTP/1.1"), b"HEAD")
        assert response.status == 200 and response.fields.one(b"Content-Length") == b"1000"
        assert client.get(b"/next").body == b"x" * 1000


def test_head_of_a_chunked_answer_has_no_body(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
    with gateway.client() as client:
        response = client.request(head(b"HEAD /x HTTP/1.1"), b"HEAD")
        assert response.status == 200 and response.body == b""
        origin.behave(lambda exchange: exchange.answer())
        assert client.get(b"/next").body == b"ok"


@pytest.mark.parametrize("length", [b"", b"Content-Length: 1000\r\n"])
def test_304_has_no_body_whatever_its_length_says(gateway, origin, length):
    origin.behave(answering(b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n" + length + b"\r\n"))
    with gateway.client() as client:
        response = client.get()
        assert response.status == 304 and response.fields.one(b"ETag") == b"x"
        assert client.get(b"/next").status == 304


@pytest.mark.parametrize("length", [b"", b"Content-Length: 0\r\n"])
def test_204_has_no_body_and_no_framing(gateway, origin, length):
    origin.behave(answering(b"HTTP/1.1 204 No Content\r\n" + length + b"\r\n"))
    with gateway.client() as client:
        assert client.get().status == 204
        assert client.get(b"/next").status == 204


def test_status_and_reason_and_unknown_fields_pass(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 299 Odd Reason\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n"))
    with gateway.client() as client:
        response = client.get()
        assert response.status == 299 and response.fields.all(b"X-A") == [b"1", b"2"]


def test_an_answer_without_reason_passes(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok"))
    with gateway.client() as client:
        assert client.get().body == b"ok"


def test_many_requests_use_one_connection_on_each_side(gateway, origin):
    with gateway.client() as client:
        for number in range(100):
            assert client.get(b"/%d" % number).status == 200
    exchanges = origin.seen(100)
    assert len({id(exchange.connection) for exchange in exchanges}) == 1
    assert origin.targets() == [b"/%d" % number for number in range(100)]


def test_close_is_honoured_and_answered(gateway, origin):
    with gateway.client() as client:
        response = client.get(fields=[b"Connection: close"])
        assert response.status == 200 and b"close" in response.fields.tokens(b"Connection")
        client.expect_close()
    assert b"close" not in origin.seen()[0].fields.tokens(b"Connection")


def test_pipelined_requests_are_answered_in_order(gateway, origin):
    origin.behave(lambda exchange: (exchange.read_body(), exchange.answer(body=exchange.target)))
    with gateway.client() as client:
        client.send(b"".join(head(b"GET /%d HTTP/1.1" % number) for number in range(50)))
        assert [client.read_response().body for _ in range(50)] == [b"/%d" % number for number in range(50)]
        client.expect_silence()


def test_pipelined_requests_byte_by_byte_are_answered_in_order(gateway, origin):
    origin.behave(lambda exchange: (exchange.read_body(), exchange.answer(body=exchange.target + exchange.body)))
    octets = head(b"GET /1 HTTP/1.1") + post(b"Content-Length: 3", body=b"two") + head(b"GET /3 HTTP/1.1")
    with gateway.client() as client:
        client.send_in_pieces(octets)
        assert [client.read_response().body for _ in range(3)] == [b"/1", b"/xtwo", b"/3"]


def test_a_pipeline_mixed_with_errors_keeps_its_order(gateway, origin):
    origin.behave(lambda exchange: (exchange.read_body(), exchange.answer(body=exchange.target)))
    with gateway.client() as client:
        client.send(
            head(b"GET /1 HTTP/1.1") + head(b"GET /2 HTTP/1.1", b"Expect: x") + head(b"HEAD /3 HTTP/1.1") + head(b"GET /4 HTTP/1.1")
        )
        assert client.read_response().body == b"/1"
        second = client.read_response()
        assert second.status == 417
        if b"close" in second.fields.tokens(b"Connection"):
            client.expect_close()
        else:
            assert client.read_response(b"HEAD").fields.one(b"Content-Length") == b"2"
            assert client.read_response().body == b"/4"


def test_http_1_0_gets_a_close_delimited_or_counted_answer_and_the_end(gateway, origin):
    with gateway.client() as client:
        response = client.request(b"GET /x HTTP/1.0\r\n\r\n")
        assert response.status == 200 and response.body == b"ok" and b"Transfer-Encoding" not in response.fields
        client.expect_close()
    assert origin.seen()[0].line == b"GET /x HTTP/1.1"


def test_http_1_0_never_gets_chunked(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"one", b"two", trailers=b"X: y\r\n")))
    with gateway.client() as client:
        response = client.request(b"GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert b"Transfer-Encoding" not in response.fields and response.body == b"onetwo"


def test_http_1_0_keep_alive_is_served_twice_or_closed_politely(gateway, origin):
    with gateway.client() as client:
        response = client.request(b"GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert response.body == b"ok"
        if b"keep-alive" in response.fields.tokens(b"Connection"):
            assert client.request(b"GET /y HTTP/1.0\r\n\r\n").body == b"ok"
        client.expect_close()


def test_an_http_1_0_origin_is_served_from_until_it_closes(gateway, origin):
    origin.behave(answering(b"HTTP/1.0 200 OK\r\n\r\nold body", closes=True))
    with gateway.client() as client:
        response = client.get()
        assert (response.status, response.version, response.body) == (200, b"HTTP/1.1", b"old body")
        assert client.get(b"/next").body == b"old body"


def test_an_http_1_0_origin_with_a_length_closes_after_it(gateway, origin):
    origin.behave(answering(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", closes=True))
    with gateway.client() as client:
        assert client.get().body == b"old"
        assert client.get(b"/next").body == b"old"


def test_a_close_delimited_answer_becomes_chunked(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"until the end" * 1000, closes=True))
    with gateway.client() as client:
        assert client.get().body == b"until the end" * 1000
        client.expect_alive()


def test_an_origin_that_says_close_is_not_used_again(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"))
    with gateway.client() as client:
        response = client.get()
        assert response.body == b"ok" and b"close" not in response.fields.tokens(b"Connection")
        assert client.get(b"/next").body == b"ok"
    first, second = origin.seen(2)
    assert first.connection is not second.connection


def test_chunked_both_ways_with_trailers(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" + chunked(b"a" * 9, trailers=b"X-Sum: 7\r\n")))
    request = post(b"Transfer-Encoding: chunked", b"TE: trailers", b"Trailer: X-In", body=chunked(b"one", b"two", trailers=b"X-In: 1\r\n"))
    with gateway.client() as client:
        response = client.request(request)
        assert response.body == b"a" * 9 and response.trailers.all(b"X-Sum") == [b"7"]
        client.expect_alive()
    exchange = origin.seen()[0]
    assert exchange.body == b"onetwo" and exchange.trailers.all(b"X-In") in ([b"1"], [])


def test_forbidden_trailers_of_an_answer_are_dropped(gateway, origin):
    trailers = b"Content-Length: 5\r\nTransfer-Encoding: x\r\nSet-Cookie: a=b\r\nX-Sum: 7\r\nConnection: close\r\n"
    origin.behave(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"abc", trailers=trailers)))
    with gateway.client() as client:
        response = client.request(head(b"GET /x HTTP/1.1", b"TE: trailers"))
        names = {name.lower() for name, _ in response.trailers.lines}
        assert response.body == b"abc" and not names & {b"content-length", b"transfer-encoding", b"connection"}, names


def test_the_answer_arrives_byte_by_byte(gateway, origin):
    octets = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n" + chunked(b"one", b"two", trailers=b"X: y\r\n")
    origin.behave(lambda exchange: (exchange.read_body(), exchange.dribble(octets)))
    with gateway.client() as client:
        assert client.get().body == b"onetwo"
        assert client.get(b"/next").body == b"onetwo"


def test_early_hints_are_relayed_before_the_answer(gateway, origin):
    gate = threading.Event()

    def hint(exchange):
        exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
        exchange.wait(gate)
        exchange.answer()

    origin.behave(hint)
    with gateway.client() as client:
        client.send(head())
        interim = client.read_head()
        assert interim.status == 103 and interim.fields.one(b"Link") == b"</a.css>"
        gate.set()
        assert client.read_response().body == b"ok"


def test_several_interim_answers_are_relayed_in_order(gateway, origin):
    interim = b"".join(b"HTTP/1.1 %d Interim\r\n\r\n" % status for status in (102, 103, 103))
    origin.behave(answering(interim + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    with gateway.client() as client:
        response = client.get()
        assert [each.status for each in response.interim] == [102, 103, 103] and response.body == b"ok"
        client.expect_alive()


def test_http_1_0_never_gets_an_interim_answer(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    with gateway.client() as client:
        response = client.request(b"GET /x HTTP/1.0\r\n\r\n")
        assert response.status == 200 and not response.interim and response.body == b"ok"


def test_an_unasked_101_is_a_bad_response(gateway, origin):
    origin.behave(answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"))
    with gateway.client() as client:
        response = client.get()
        assert response.status == 502 and response.problem_word() == "bad-response"


def test_an_upgrade_that_is_not_supported_is_a_plain_request(gateway, origin):
    with gateway.client() as client:
        fields = [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"]
        assert client.get(fields=fields).status == 200
    seen = origin.seen()[0].fields
    assert b"Upgrade" not in seen and b"HTTP2-Settings" not in seen and not seen.tokens(b"Connection")
