"""Plays a case against the gateway and judges status, closing, and what the origin saw."""

from cases.case import AFTER, SMUGGLED
from support.waiting import wait_for

_CANARY = b"/canary"


def play(gateway, origin, case, one_byte_at_a_time):
    """Sends the case with its tail, reads the first response, and judges it."""
    origin.forget()
    octets = case.octets + (SMUGGLED if case.statuses else b"" if case.closes else AFTER)
    with gateway.client() as client:
        if one_byte_at_a_time:
            client.send_in_pieces(octets, max(1, len(octets) // 1500))
        else:
            client.send(octets)
        response = client.read_response(case.octets.split(b" ")[0])
        if case.statuses and not (case.may_serve and response.status == 200):
            _judge_refusal(client, response, case)
            _judge_origin_after_refusal(gateway, origin, case)
        else:
            _judge_service(client, origin, response, case)


def _judge_refusal(client, response, case):
    assert response.status in case.statuses, f"{response.status} instead of {case.statuses}: {response.body!r}"
    assert b"close" in response.fields.tokens(b"Connection"), response.fields.lines
    client.expect_close()
    if not case.octets.startswith(b"HEAD"):
        response.problem()


def _judge_origin_after_refusal(gateway, origin, case):
    """A later request that reached the origin proves that nothing else is still on its way there."""
    with gateway.client() as client:
        assert client.get(_CANARY).status == 200
    seen = [exchange for exchange in origin.seen() if exchange.target != _CANARY]
    assert b"smuggled" not in origin.received(), origin.received()
    if not case.in_body:
        assert not seen, f"the origin saw {[exchange.head for exchange in seen]}"
    for exchange in seen:
        wait_for(exchange.connection.ended, "the end of the upstream connection with the unfinished request")
        assert exchange.body is None, f"the origin saw a whole request: {exchange.head!r} {exchange.body!r}"
    assert len(seen) <= 1, seen


def _judge_service(client, origin, response, case):
    assert response.status == 200, (response.status, response.body)
    count = 1
    if case.closes:
        client.expect_close()
    else:
        second = client.read_response()
        assert second.status in (200, 404) if case.statuses else second.status == 200, (second.status, second.body)
        count = 2
    exchanges = origin.seen(count)
    assert len(exchanges) == count, [exchange.head for exchange in exchanges]
    assert count == 1 or exchanges[1].target in (b"/after", b"/smuggled"), exchanges[1].head
    _judge_forwarded(exchanges[0], case)


def _judge_forwarded(exchange, case):
    expected = (case.line,) if case.line else case.lines
    assert not expected or exchange.line in expected, f"the origin saw {exchange.line!r} instead of {expected!r}"
    assert exchange.body == case.body, exchange.body
    for name, value in case.has.items():
        assert exchange.fields.all(name) == [value], (name, exchange.fields.lines)
    for name in case.lacks:
        assert name not in exchange.fields, (name, exchange.fields.lines)
    for name in case.trailers_lack:
        assert not exchange.trailers or name not in exchange.trailers, exchange.trailers.lines
