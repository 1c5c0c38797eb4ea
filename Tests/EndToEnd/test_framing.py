"""Request lines, field lines, Host, absolute forms and sizes: each case whole and one byte at a time."""

import pytest

from cases import fields, request_lines
from cases.case import AFTER, head
from support.configuration import everything_to
from support.verdicts import play

CASES = request_lines.CASES + fields.NAMES + fields.HOSTS + fields.ABSOLUTE
HEAD_LIMIT, TARGET_LIMIT, FIELDS_LIMIT = 4_096, 1_024, 20


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    return module_fleet.gateway(everything_to(module_origin))


@pytest.fixture(scope="module")
def narrow_gateway(module_fleet, module_origin):
    limits = {"request-head": "4KiB", "request-target": "1KiB", "request-fields": FIELDS_LIMIT}
    return module_fleet.gateway(everything_to(module_origin, limits=limits))


@pytest.mark.parametrize("one_byte_at_a_time", [False, True], ids=["whole", "bytewise"])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_request_head(gateway, origin, case, one_byte_at_a_time):
    play(gateway, origin, case, one_byte_at_a_time)


def head_of_size(size):
    """A head of exactly `size` bytes, its closing empty line included."""
    bare = head(b"GET /x HTTP/1.1", b"X-A: ")
    return head(b"GET /x HTTP/1.1", b"X-A: " + b"1" * (size - len(bare)))


def refuse(gateway, origin, octets, *statuses):
    origin.forget()
    with gateway.client() as client:
        client.send_in_pieces(octets, 64)
        response = client.read_response()
        assert response.status in statuses, response
        client.expect_close()
    with gateway.client() as client:
        client.get(b"/canary")
    assert origin.targets() == [b"/canary"]
    return response


def serve(gateway, origin, octets):
    origin.forget()
    with gateway.client() as client:
        assert client.request(octets + AFTER).status == 200
        assert client.read_response().status == 200
    return origin.seen(2)[0]


def test_a_head_of_the_limit_is_served(narrow_gateway, origin):
    exchange = serve(narrow_gateway, origin, head_of_size(HEAD_LIMIT))
    assert len(exchange.fields.one(b"X-A")) > HEAD_LIMIT - 100


def test_a_head_beyond_the_limit_is_too_large(narrow_gateway, origin):
    # Whether the closing empty line counts is not written anywhere: four bytes of tolerance.
    response = refuse(narrow_gateway, origin, head_of_size(HEAD_LIMIT + 5), 431)
    assert response.problem_word() == "head-too-large"


def test_a_field_without_end_is_too_large_before_it_ends(narrow_gateway, origin):
    refuse(narrow_gateway, origin, b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"1" * HEAD_LIMIT, 431)


def test_a_field_name_without_end_is_too_large(narrow_gateway, origin):
    refuse(narrow_gateway, origin, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X" * HEAD_LIMIT, 431, 400)


def test_a_target_of_the_limit_is_served(narrow_gateway, origin):
    target = b"/" + b"a" * (TARGET_LIMIT - 1)
    assert serve(narrow_gateway, origin, head(b"GET " + target + b" HTTP/1.1")).target == target


def test_a_target_beyond_the_limit_is_too_long(narrow_gateway, origin):
    response = refuse(narrow_gateway, origin, head(b"GET /" + b"a" * TARGET_LIMIT + b" HTTP/1.1"), 414)
    assert response.problem_word() == "target-too-long"


def test_a_query_counts_for_the_length_of_the_target(narrow_gateway, origin):
    refuse(narrow_gateway, origin, head(b"GET /?" + b"a" * TARGET_LIMIT + b" HTTP/1.1"), 414)


def test_a_request_line_without_end_is_too_long(narrow_gateway, origin):
    refuse(narrow_gateway, origin, b"GET /" + b"a" * HEAD_LIMIT, 414, 431)


def test_a_method_without_end_is_refused(narrow_gateway, origin):
    refuse(narrow_gateway, origin, b"A" * (2 * HEAD_LIMIT), 400, 414, 431, 501)


def test_empty_lines_without_end_are_refused(narrow_gateway, origin):
    refuse(narrow_gateway, origin, b"\r\n" * (2 * HEAD_LIMIT), 400, 431)


def test_as_many_fields_as_the_limit_are_served(narrow_gateway, origin):
    exchange = serve(narrow_gateway, origin, head(b"GET /x HTTP/1.1", *[b"X-A: 1"] * (FIELDS_LIMIT - 1)))
    assert exchange.fields.tokens(b"X-A") == [b"1"] * (FIELDS_LIMIT - 1)


def test_one_field_more_than_the_limit_is_too_large(narrow_gateway, origin):
    refuse(narrow_gateway, origin, head(b"GET /x HTTP/1.1", *[b"X-A: 1"] * FIELDS_LIMIT), 431)


def test_connect_is_refused_and_opens_no_tunnel(gateway, origin):
    with gateway.client() as client:
        response = client.request(b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n")
        assert response.status in (405, 501), response
    assert not origin.received()


def test_a_head_request_with_a_fault_gets_no_body(gateway, origin):
    with gateway.client() as client:
        response = client.request(b"HEAD /x HTTP/1.1\r\n\r\n", b"HEAD")
        assert response.status == 400
        client.expect_close()


def test_an_unknown_expectation_fails(gateway, origin):
    with gateway.client() as client:
        response = client.request(head(b"GET /x HTTP/1.1", b"Expect: 200-maybe"))
        assert response.status == 417 and response.problem_word() == "expectation-failed"
    assert not origin.received()
