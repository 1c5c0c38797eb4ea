"""Filters that look at who asks: address lists, pages of other origins, careful browsers; sets and defaults of filters."""

import json

import pytest

from support.configuration import configuration, forward, respond, upstream
from support.raw_client import RawClient

PAGE = b"Origin: https://shop.example.com"
ASKS = b"Access-Control-Request-Method: PUT"


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    cors = {
        "origins": ["https://shop.example.com", "https://*.example.org"], "methods": ["PUT", "DELETE"],
        "headers": ["Authorization", "X-Cart"], "expose": ["X-Total"], "credentials": True, "max-age": "5m",
    }  # fmt: skip
    routes = [
        forward("allowed", path="/allowed/**", filters=[{"ip-allow": ["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"]}]),
        forward("denied", path="/denied/**", filters=[{"ip-deny": ["127.0.0.0/8"]}]),
        forward("both", path="/both/**", filters=[{"ip-allow": "10.0.0.0/8"}, {"ip-deny": "10.9.0.0/16"}]),
        forward("shop", path="/shop/**", methods=["GET", "PUT"], filters=[{"cors": cors}]),
        forward("open", path="/open/**", filters=[{"cors": {"origins": "*"}}]),
        forward("guarded", path="/guarded/**", filters=[{"cors": cors}, {"ip-deny": ["127.0.0.0/8"]}]),
        forward("leaves", path="/leaves/**"),
        forward("set", path="/set/**", filters=[{"use": "api"}, {"set-response-header": {"name": "X-Frame-Options", "value": "SAMEORIGIN"}}]),
        respond("fixed", 200, "hello", path="/fixed"),
    ]
    listeners = [
        {"name": "public", "address": "127.0.0.1:0"},
        {"name": "behind", "address": "127.0.0.1:0", "trusted-proxies": ["127.0.0.0/8", "10.200.0.0/16"]},
    ]
    whole = configuration({"origin": upstream(module_origin)}, routes, listeners=listeners)
    whole["defaults"] = {"filters": [{"set-response-header": {"name": "X-Everywhere", "value": "yes"}}]}
    whole["filter-sets"] = {"api": [{"secure-headers": {"hsts-max-age": "1h"}}, {"set-request-header": {"name": "X-Set", "value": "api"}}]}
    return module_fleet.gateway(whole)


@pytest.mark.parametrize(
    ("target", "client", "status"),
    [
        (b"/allowed/a", b"10.1.2.3", 200),
        (b"/allowed/a", b"10.2.0.1", 403),
        (b"/allowed/a", b"192.0.2.7", 200),
        (b"/allowed/a", b"192.0.2.7:4711", 200),
        (b"/allowed/a", b"192.0.2.8", 403),
        (b"/allowed/a", b"[2001:db8::5]:80", 200),
        (b"/allowed/a", b"2001:db9::5", 403),
        # Only what the proxies say at the end of the list is known; what stands before it the client has written.
        (b"/allowed/a", b"10.1.2.3, 203.0.113.9", 403),
        (b"/allowed/a", b"203.0.113.9, 10.1.2.3", 200),
        (b"/allowed/a", b"203.0.113.9, 10.1.2.3, 10.200.0.5", 200),
        (b"/allowed/a", b"10.1.2.3, unknown", 403),
        (b"/allowed/a", b"10.1.2.3, unknown, 10.200.0.5", 403),
        (b"/allowed/a", b"010.1.2.3", 403),
        (b"/allowed/a", b"10.1.2", 403),
        (b"/denied/a", b"10.1.2.3", 200),
        (b"/denied/a", b"127.0.0.1", 403),
        (b"/both/a", b"10.8.0.1", 200),
        (b"/both/a", b"10.9.0.1", 403),
        (b"/both/a", b"11.0.0.1", 403),
    ],
)
def test_the_clients_address_decides(gateway, target, client, status):
    with RawClient(gateway.listeners["behind"]) as connection:
        response = connection.get(target, fields=[b"X-Forwarded-For: " + client])
        assert response.status == status
        if status == 403:
            assert response.problem_word() == "address-refused"
        connection.expect_alive(b"/leaves/alive")


def test_several_lines_are_one_list(gateway):
    with RawClient(gateway.listeners["behind"]) as connection:
        fields = [b"X-Forwarded-For: 10.1.2.3", b"X-Forwarded-For: 203.0.113.9"]
        assert connection.get(b"/allowed/a", fields=fields).status == 403
        assert connection.get(b"/allowed/a", fields=fields[::-1]).status == 200


def test_a_stranger_cannot_name_itself(gateway):
    with gateway.client() as connection:
        assert connection.get(b"/allowed/a", fields=[b"X-Forwarded-For: 10.1.2.3"]).status == 403
        assert connection.get(b"/denied/a", fields=[b"X-Forwarded-For: 10.1.2.3"]).status == 403


def test_a_page_that_may_reads_the_answer(gateway, origin):
    with gateway.client() as connection:
        response = connection.get(b"/shop/1", fields=[PAGE])
    assert response.status == 200
    assert response.fields.all(b"Access-Control-Allow-Origin") == [b"https://shop.example.com"]
    assert response.fields.all(b"Access-Control-Allow-Credentials") == [b"true"]
    assert response.fields.all(b"Access-Control-Expose-Headers") == [b"X-Total"]
    assert b"Origin" in response.fields.all(b"Vary")
    assert origin.seen()[0].fields.one(b"Origin") == b"https://shop.example.com"


@pytest.mark.parametrize(
    "page", [b"https://evil.example", b"https://example.org", b"http://a.example.org", b"https://shop.example.com.evil.example",
             b"https://SHOP.example.com", b"null", b"https://a.example.org:8443", b"https://shop.example.com:443"]
)  # fmt: skip
def test_a_page_that_may_not_is_told_nothing(gateway, page):
    with gateway.client() as connection:
        response = connection.get(b"/shop/1", fields=[b"Origin: " + page])
        assert response.status == 200
        assert not response.fields.all(b"Access-Control-Allow-Origin")
        assert response.fields.all(b"Vary") == [b"Origin"]
        response = connection.request(preflight(b"/shop/1", b"Origin: " + page))
        assert response.status == 403 and response.problem_word() == "origin-refused"
        assert not response.fields.all(b"Access-Control-Allow-Origin")


def preflight(target, *fields):
    return b"\r\n".join([b"OPTIONS " + target + b" HTTP/1.1", b"Host: a", *fields, ASKS, b"", b""])


@pytest.mark.parametrize("page", [b"https://shop.example.com", b"https://a.example.org", b"https://a.b.example.org"])
def test_a_preflight_is_answered_here(gateway, origin, page):
    with gateway.client() as connection:
        response = connection.request(preflight(b"/shop/1", b"Origin: " + page))
        assert response.status == 204 and response.body == b""
        assert response.fields.one(b"Access-Control-Allow-Origin") == page
        assert response.fields.one(b"Access-Control-Allow-Methods") == b"GET, HEAD, POST, PUT, DELETE"
        assert response.fields.one(b"Access-Control-Allow-Headers") == b"Authorization, X-Cart"
        assert response.fields.one(b"Access-Control-Max-Age") == b"300"
        assert response.fields.one(b"Access-Control-Allow-Credentials") == b"true"
        connection.expect_alive(b"/leaves/alive")
    assert origin.targets() == [b"/leaves/alive"]


def test_a_preflight_asks_for_the_route_of_the_request_to_come(gateway, origin):
    with gateway.client() as connection:
        assert connection.request(preflight(b"/open/1", PAGE)).fields.one(b"Access-Control-Allow-Origin") == b"*"
        # The origin answers where no route does, and where nobody asks beforehand.
        assert connection.request(preflight(b"/leaves/1", PAGE)).status == 200
        assert connection.request(b"OPTIONS /open/1 HTTP/1.1\r\nHost: a\r\n\r\n").status == 200
        assert connection.request(b"OPTIONS /shop/1 HTTP/1.1\r\nHost: a\r\n\r\n").status == 405
        assert connection.request(preflight(b"/nowhere", PAGE)).status == 404
    assert origin.targets() == [b"/leaves/1", b"/open/1"]


def test_a_refusal_is_for_the_page_to_read(gateway):
    with gateway.client() as connection:
        response = connection.get(b"/guarded/1", fields=[PAGE])
        assert response.status == 403
        assert response.fields.one(b"Access-Control-Allow-Origin") == b"https://shop.example.com"
        assert connection.request(preflight(b"/guarded/1", PAGE)).status == 403


def test_what_the_origin_says_of_other_pages_does_not_count(gateway, origin):
    fields = [b"Access-Control-Allow-Origin: *", b"Access-Control-Allow-Credentials: true"]
    origin.behave(lambda exchange: exchange.answer(fields=fields))
    with gateway.client() as connection:
        response = connection.get(b"/shop/1", fields=[PAGE])
        assert response.fields.all(b"Access-Control-Allow-Origin") == [b"https://shop.example.com"]
        response = connection.get(b"/shop/1")
        assert not response.fields.all(b"Access-Control-Allow-Origin")
        assert not response.fields.all(b"Access-Control-Allow-Credentials")


def test_sets_and_defaults_apply_in_their_places(gateway, origin):
    with gateway.client() as connection:
        response = connection.get(b"/set/1")
        assert response.fields.one(b"X-Everywhere") == b"yes"
        assert response.fields.one(b"X-Content-Type-Options") == b"nosniff"
        # The route's own filter stands behind the set.
        assert response.fields.all(b"X-Frame-Options") == [b"SAMEORIGIN"]
        assert response.fields.one(b"Referrer-Policy") == b"strict-origin-when-cross-origin"
        # RFC 6797 section 7.2: not over clear text.
        assert not response.fields.all(b"Strict-Transport-Security")
        assert connection.get(b"/fixed").fields.one(b"X-Everywhere") == b"yes"
    assert origin.seen()[0].fields.one(b"X-Set") == b"api"


def test_the_chain_is_printed(gateway):
    shown = gateway.command("explain", "GET", "http://a/set/1")
    assert shown.returncode == 0
    for line in ("1. set-response-header: X-Everywhere: yes", "2. secure-headers", "3. set-request-header: X-Set: api"):
        assert line in shown.stdout, shown.stdout
    routes = json.loads(gateway.command("routes", "--format", "json").stdout)
    both = next(each for each in routes["routes"] if each["id"] == "both")
    assert both["filters"][1:] == ["ip-allow: 10.0.0.0/8", "ip-deny: 10.9.0.0/16"]


def test_a_reload_changes_the_lists(fleet, module_origin):
    def whole(networks):
        return configuration({"origin": upstream(module_origin)}, [forward("a", path="/**", filters=[{"ip-deny": networks}])])

    gateway = fleet.gateway(whole(["127.0.0.1"]))
    with gateway.client() as connection:
        assert connection.get().status == 403
        gateway.write_config(whole(["127.0.0.2"]))
        assert gateway.command("reload").returncode == 0
        assert connection.get().status == 200
