"""Expect: 100-continue and answers that come before the body."""

import pytest

from cases.case import head, post
from support.configuration import everything_to
from support.waiting import wait_for
from support.wire import chunked

EXPECT = b"Expect: 100-continue"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    return module_fleet.gateway(everything_to(module_origin, limits={"request-body": "1MiB"}))


def continue_then_answer(exchange):
    exchange.send(CONTINUE)
    exchange.answer(body=exchange.read_body())


def refuse_then_close(exchange):
    exchange.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
    exchange.until_end()


def test_100_is_relayed_and_then_the_body_flows(gateway, origin):
    origin.behave(continue_then_answer)
    with gateway.client() as client:
        client.send(post(b"Content-Length: 5", EXPECT))
        assert client.read_head().status == 100
        client.send(b"hello")
        assert client.read_response().body == b"hello"
        client.expect_alive()
    assert origin.seen()[0].fields.tokens(b"Expect") == [b"100-continue"]


def test_100_is_relayed_for_a_chunked_body(gateway, origin):
    origin.behave(continue_then_answer)
    with gateway.client() as client:
        client.send(post(b"Transfer-Encoding: chunked", EXPECT))
        assert client.read_head().status == 100
        client.send(chunked(b"hel", b"lo"))
        assert client.read_response().body == b"hello"


def test_a_final_answer_without_100_arrives_while_the_client_waits(gateway, origin):
    origin.behave(refuse_then_close)
    with gateway.client() as client:
        client.send(post(b"Content-Length: 5", EXPECT))
        response = client.read_response()
        assert response.status == 403 and response.body == b"no" and not response.interim
        # The body was promised and never came, so the connection cannot be used again.
        client.expect_close()
    exchange = origin.seen()[0]
    wait_for(exchange.connection.ended, "the end of the upstream connection")
    assert exchange.body is None and not exchange.connection.stream.buffer


def test_a_body_sent_without_waiting_arrives_once(gateway, origin):
    origin.behave(continue_then_answer)
    with gateway.client() as client:
        client.send(post(b"Content-Length: 5", EXPECT, body=b"hello"))
        response = client.read_response()
        assert response.body == b"hello" and [each.status for each in response.interim] in ([], [100])
        client.expect_alive()
    assert origin.seen()[0].raw_body == b"hello"


def test_an_origin_that_never_says_100_still_gets_the_body(gateway, origin):
    origin.behave(lambda exchange: exchange.answer(body=exchange.read_body()))
    with gateway.client() as client:
        client.send(post(b"Content-Length: 5", EXPECT))
        client.send(b"hello")
        assert client.read_response().body == b"hello"


def test_100_after_the_body_was_sent_is_harmless(gateway, origin):
    origin.behave(lambda exchange: (exchange.read_body(), exchange.send(CONTINUE), exchange.answer()))
    with gateway.client() as client:
        assert client.request(post(b"Content-Length: 5", EXPECT, body=b"hello")).body == b"ok"
        client.expect_alive()


def test_an_unasked_100_is_harmless(gateway, origin):
    origin.behave(lambda exchange: (exchange.send(CONTINUE), exchange.answer()))
    with gateway.client() as client:
        assert client.get().body == b"ok"
        client.expect_alive()


def test_http_1_0_never_gets_a_100(gateway, origin):
    origin.behave(continue_then_answer)
    with gateway.client() as client:
        response = client.request(post(b"Content-Length: 5", EXPECT, line=b"POST /x HTTP/1.0", body=b"hello"))
        assert response.body == b"hello" and not response.interim


def test_an_expectation_of_a_request_without_body_is_served(gateway, origin):
    with gateway.client() as client:
        assert client.request(head(b"GET /x HTTP/1.1", EXPECT)).body == b"ok"
        client.expect_alive()


def test_a_body_beyond_the_limit_is_refused_before_it_is_sent(gateway, origin):
    with gateway.client() as client:
        client.send(post(b"Content-Length: 2000000", EXPECT))
        response = client.read_response()
        assert response.status == 413 and not response.interim
        client.expect_close()
    assert not origin.received()


@pytest.mark.parametrize("expectation", [b"100-continue, x", b"x", b"100-continued", b"100-continue;a=b"])
def test_another_expectation_fails(gateway, origin, expectation):
    with gateway.client() as client:
        response = client.request(post(b"Content-Length: 0", b"Expect: " + expectation))
        assert response.status == 417
    assert not origin.received()


def test_an_expectation_in_capitals_is_understood(gateway, origin):
    origin.behave(continue_then_answer)
    with gateway.client() as client:
        client.send(post(b"Content-Length: 5", b"Expect: 100-Continue"))
        assert client.read_head().status == 100
        client.send(b"hello")
        assert client.read_response().body == b"hello"


def answer_first(exchange):
    """Answers before it reads the body, then reads the body to its end."""
    exchange.answer(b"401 Unauthorized", b"early")
    exchange.read_body()


def test_an_early_answer_to_a_whole_request_reaches_the_client(gateway, origin):
    origin.behave(answer_first)
    with gateway.client() as client:
        assert client.request(post(b"Content-Length: 5", body=b"hello")).body == b"early"
    assert origin.seen()[0].target == b"/x"


def test_an_early_answer_arrives_while_the_body_is_still_awaited(gateway, origin):
    origin.behave(answer_first)
    with gateway.client() as client:
        client.send(post(b"Content-Length: 10", body=b"hello"))
        response = client.read_response()
        assert response.status == 401 and response.body == b"early"
        client.send(b"world")
        if b"close" in response.fields.tokens(b"Connection"):
            client.expect_close()
        else:
            assert client.get(b"/next").status == 401
            assert origin.targets()[-1] == b"/next"


def test_an_early_answer_with_close_reaches_a_client_that_keeps_sending(gateway, origin):
    def answer_and_stop_reading(exchange):
        exchange.send(b"HTTP/1.1 413 Too Much\r\nConnection: close\r\nContent-Length: 4\r\n\r\nstop")
        exchange.half_close()
        exchange.until_end()

    origin.behave(answer_and_stop_reading)
    with gateway.client() as client:
        client.send(post(b"Content-Length: 1000000"))
        origin.seen()
        client.send(b"x" * 1_000_000)
        response = client.read_response()
        assert (response.status, response.body) == (413, b"stop")


def test_an_unread_body_never_becomes_the_next_request(gateway, origin):
    """peers.md §5, class 3: after an early answer the rest of the body is drained, or the connection ends."""
    origin.behave(answer_first)
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    with gateway.client() as client:
        client.send(post(b"Content-Length: %d" % len(smuggled)))
        response = client.read_response()
        assert response.status == 401
        client.send(smuggled)
        if b"close" in response.fields.tokens(b"Connection"):
            client.expect_close()
        else:
            assert client.get(b"/next").status == 401
            client.expect_silence()
    with gateway.client() as client:
        client.get(b"/canary")
    assert b"/smuggled" not in origin.targets()
