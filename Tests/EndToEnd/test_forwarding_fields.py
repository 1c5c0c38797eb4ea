"""X-Forwarded-*, Forwarded, Via, X-Request-Id, trusted proxies and hop-by-hop fields (peers.md §5, classes 7, 8, 9, 21)."""

import re

import pytest

from cases.case import head, post
from support.configuration import configuration, forward, upstream
from support.raw_client import RawClient

PEER = b"127.0.0.1"
SPOOFED = [
    b"X-Forwarded-For: 6.6.6.6", b"X-Forwarded-Proto: https", b"X-Forwarded-Host: evil", b"X-Forwarded-Port: 6666",
    b"Forwarded: for=6.6.6.6;proto=https;host=evil",
]  # fmt: skip


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    listeners = [
        {"name": "public", "address": "127.0.0.1:0"},
        {"name": "behind", "address": "127.0.0.1:0", "trusted-proxies": ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"]},
        {"name": "other", "address": "127.0.0.1:0", "trusted-proxies": ["10.0.0.0/8", "192.0.2.1"]},
    ]
    return module_fleet.gateway(configuration({"origin": upstream(module_origin)}, [forward("all")], listeners=listeners))


@pytest.fixture
def ask(gateway, origin):
    """Sends a GET with fields over a listener; returns what the origin saw and the response."""

    def send(*fields, listener="public", line=b"GET /x HTTP/1.1", host=b"a.example:8080"):
        origin.forget()
        with RawClient(gateway.listeners[listener]) as client:
            response = client.request(head(line, *fields, host=host))
            assert response.status == 200, response
        return origin.seen()[0], response

    return send


def forwarded_elements(exchange):
    """The elements of `Forwarded`, each as a dictionary with lower-case names and values without quotes."""
    elements = ",".join(value.decode() for value in exchange.fields.all(b"Forwarded")).split(",")
    pairs = [dict(pair.strip().split("=", 1) for pair in element.split(";")) for element in elements]
    return [{name.lower(): value.strip('"') for name, value in element.items()} for element in pairs]


@pytest.mark.parametrize("listener", ["public", "other"])
@pytest.mark.parametrize("fields", [[], SPOOFED], ids=["plain", "spoofed"])
def test_an_untrusted_peer_is_told_by_its_address(ask, gateway, fields, listener):
    exchange, _ = ask(*fields, listener=listener)
    assert exchange.fields.all(b"X-Forwarded-For") == [PEER]
    assert exchange.fields.all(b"X-Forwarded-Proto") == [b"http"]
    assert exchange.fields.all(b"X-Forwarded-Host") == [b"a.example:8080"]
    assert exchange.fields.one(b"X-Forwarded-Port") in (b"8080", b"%d" % gateway.listeners[listener][1])
    (element,) = forwarded_elements(exchange)
    assert element["for"] == "127.0.0.1" and element["proto"] == "http" and element["host"] == "a.example:8080"
    assert b"6.6.6.6" not in exchange.head and b"evil" not in exchange.head


def test_a_trusted_peer_is_appended(ask):
    exchange, _ = ask(b"X-Forwarded-For: 10.1.1.1, 10.2.2.2", listener="behind")
    addresses = b",".join(exchange.fields.all(b"X-Forwarded-For")).replace(b" ", b"").split(b",")
    assert addresses == [b"10.1.1.1", b"10.2.2.2", PEER]


def test_a_trusted_peer_s_other_fields_are_believed(ask):
    exchange, _ = ask(
        b"X-Forwarded-For: 203.0.113.9", b"X-Forwarded-Proto: https", b"X-Forwarded-Host: shop", b"X-Forwarded-Port: 443", listener="behind"
    )
    assert exchange.fields.all(b"X-Forwarded-Proto") == [b"https"]
    assert exchange.fields.all(b"X-Forwarded-Host") == [b"shop"]
    assert exchange.fields.all(b"X-Forwarded-Port") == [b"443"]


def test_forwarded_of_a_trusted_peer_is_appended(ask):
    exchange, _ = ask(b"Forwarded: for=203.0.113.9;proto=https;host=shop", listener="behind")
    elements = forwarded_elements(exchange)
    assert elements[0]["for"] == "203.0.113.9" and elements[-1]["for"] == "127.0.0.1" and len(elements) == 2


def test_a_trusted_peer_without_fields_is_told_itself(ask):
    exchange, _ = ask(listener="behind")
    assert exchange.fields.all(b"X-Forwarded-For") == [PEER] and exchange.fields.all(b"X-Forwarded-Proto") == [b"http"]


def test_several_lines_of_a_list_are_one_list(ask):
    exchange, _ = ask(b"X-Forwarded-For: 10.1.1.1", b"X-Forwarded-For: 10.2.2.2", listener="behind")
    addresses = b",".join(exchange.fields.all(b"X-Forwarded-For")).replace(b" ", b"").split(b",")
    assert addresses == [b"10.1.1.1", b"10.2.2.2", PEER]


@pytest.mark.parametrize("name", [b"X_Forwarded_For", b"x_forwarded_for", b"X-Forwarded_For", b"X_Real_IP", b"X_Request_Id"])
def test_a_spelling_with_underscores_never_arrives(ask, name):
    exchange, _ = ask(name + b": 6.6.6.6", listener="behind")
    assert b"6.6.6.6" not in exchange.head and name not in exchange.fields


def test_the_request_id_is_fresh_for_an_untrusted_peer(ask):
    exchange, response = ask(b"X-Request-Id: chosen-by-me")
    identifier = exchange.fields.one(b"X-Request-Id")
    assert re.fullmatch(rb"[0-9a-f]{32}", identifier) and response.fields.all(b"X-Request-Id") == [identifier]


def test_every_request_has_its_own_id(ask):
    assert len({ask()[0].fields.one(b"X-Request-Id") for _ in range(20)}) == 20


def test_the_request_id_of_a_trusted_peer_is_kept(ask):
    exchange, response = ask(b"X-Request-Id: abc-123_DEF", listener="behind")
    assert exchange.fields.all(b"X-Request-Id") == [b"abc-123_DEF"] == response.fields.all(b"X-Request-Id")


@pytest.mark.parametrize("value", [b"", b"a b", b"x" * 5000, b"a\xe9", b'a"b'])
def test_an_odd_request_id_of_a_trusted_peer_is_replaced(ask, value):
    exchange, _ = ask(b"X-Request-Id: " + value, listener="behind")
    assert re.fullmatch(rb"[0-9a-f]{32}", exchange.fields.one(b"X-Request-Id"))


def test_two_request_ids_never_pass(ask):
    exchange, _ = ask(b"X-Request-Id: one", b"X-Request-Id: two", listener="behind")
    assert len(exchange.fields.all(b"X-Request-Id")) == 1


def test_via_is_appended_both_ways(ask, origin):
    origin.behave(lambda exchange: exchange.answer(fields=[b"Via: 1.1 inner"]))
    exchange, response = ask(b"Via: 1.0 outer")
    assert [each.strip() for each in b",".join(exchange.fields.all(b"Via")).split(b",")] == [b"1.0 outer", b"1.1 martlet"]
    assert [each.strip() for each in b",".join(response.fields.all(b"Via")).split(b",")] == [b"1.1 inner", b"1.1 martlet"]


def test_host_is_forwarded_as_received(ask):
    assert ask(host=b"Shop.Example:81")[0].fields.all(b"Host") == [b"Shop.Example:81"]


HOP_BY_HOP = [
    b"Keep-Alive: timeout=5", b"Proxy-Connection: keep-alive", b"TE: gzip", b"Trailer: X", b"Upgrade: h2c",
]  # fmt: skip


@pytest.mark.parametrize("line", HOP_BY_HOP, ids=lambda line: line.split(b":")[0].decode())
def test_a_hop_by_hop_request_field_stays_here(ask, line):
    exchange, _ = ask(line)
    assert line.split(b":")[0] not in exchange.fields


def test_fields_that_connection_names_stay_here(ask):
    exchange, _ = ask(b"Connection: X-Secret, x-other ,keep-alive", b"X-Secret: 1", b"X-Other: 2", b"X-Kept: 3")
    assert b"X-Secret" not in exchange.fields and b"X-Other" not in exchange.fields and b"X-Kept" in exchange.fields
    assert not set(exchange.fields.tokens(b"Connection")) & {b"x-secret", b"x-other", b"close"}


PROTECTED = [
    b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Host", b"X-Forwarded-Port", b"Forwarded", b"X-Request-Id", b"Via", b"Host",
]  # fmt: skip


@pytest.mark.parametrize("listener", ["public", "behind"])
@pytest.mark.parametrize("name", PROTECTED, ids=lambda name: name.decode())
def test_connection_cannot_strip_what_we_set(ask, name, listener):
    exchange, _ = ask(b"Connection: close, " + name, listener=listener)
    assert len(exchange.fields.all(name)) == 1


@pytest.mark.parametrize("line", [b"Authorization: Bearer x", b"Cookie: a=b"], ids=lambda line: line.split(b":")[0].decode())
def test_connection_cannot_strip_identity(ask, line):
    name, value = line.split(b": ")
    exchange, _ = ask(b"Connection: " + name, line)
    assert exchange.fields.all(name) == [value]


@pytest.mark.parametrize("name", [b"Content-Length", b"Transfer-Encoding", b"Content-Type"], ids=lambda name: name.decode())
def test_connection_cannot_strip_the_framing(gateway, origin, name):
    with gateway.client() as client:
        response = client.request(post(b"Connection: " + name, b"Content-Length: 5", body=b"hello"))
        if response.status == 400:
            return
        assert response.status == 200
        assert client.get(b"/next").status == 200
    assert [(each.target, each.body) for each in origin.seen(2)] == [(b"/x", b"hello"), (b"/next", b"")]


def test_te_trailers_is_the_only_te_that_passes(ask):
    for value, passed in ((b"trailers", [b"trailers"]), (b"trailers, gzip;q=0.5", [b"trailers"]), (b"gzip", [])):
        exchange, _ = ask(b"TE: " + value, b"Connection: TE")
        assert exchange.fields.tokens(b"TE") in (passed, []), (value, exchange.fields.lines)


def test_hop_by_hop_fields_of_the_answer_stay_here(ask, origin):
    fields = [b"Connection: X-Inner, keep-alive", b"X-Inner: 1", b"Keep-Alive: timeout=5", b"Proxy-Connection: x", b"Upgrade: h2c", b"X-Kept: 1"]
    origin.behave(lambda exchange: exchange.answer(fields=fields))
    _, response = ask()
    for name in (b"X-Inner", b"Keep-Alive", b"Proxy-Connection", b"Upgrade"):
        assert name not in response.fields, (name, response.fields.lines)
    assert b"X-Kept" in response.fields and b"x-inner" not in response.fields.tokens(b"Connection")


def test_the_answer_s_request_id_is_ours(ask, origin):
    origin.behave(lambda exchange: exchange.answer(fields=[b"X-Request-Id: theirs"]))
    exchange, response = ask()
    assert response.fields.all(b"X-Request-Id") == [exchange.fields.one(b"X-Request-Id")]


def test_other_fields_pass_in_order_and_unchanged(ask):
    lines = [b"Accept: a/b", b"Cookie: a=1", b"X-A: 1", b"Cookie: b=2", b"x-a: 2", b"Authorization: Bearer  two  spaces"]
    exchange, _ = ask(*lines)
    passed = [b": ".join(line) for line in exchange.fields.lines if b": ".join(line) in lines]
    assert passed == lines
