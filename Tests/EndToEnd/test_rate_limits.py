"""Rate limits: how many of whom, exact over all threads, and what clients are told."""

import re
import threading
import time

import pytest

from support.configuration import configuration, forward, upstream
from support.provider import Provider
from support.raw_client import RawClient


@pytest.fixture(scope="module")
def provider():
    provider = Provider()
    yield provider
    provider.stop()


def limited(route_id, **limit):
    return forward(route_id, path=f"/{route_id}/**", filters=[{"rate-limit": limit}])


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin, provider):
    routes = [
        limited("few", rate="3/h"),
        limited("quick", rate="1/100ms"),
        limited("shadow", rate="1/h", shadow=True),
        limited("header", rate="2/h", key={"header": "X-Api-Key"}, plans={"gold": "5/h", "iron": {"rate": "1/h", "burst": 1}}),
        limited("cookie", rate="1/h", key={"cookie": "session"}),
        limited("pair", rate="1/h", key=[{"header": "X-Tenant"}, "client-address"]),
        limited("all", rate="2/h", key="everybody"),
        limited("cost", rate="10/h", cost={"POST": 4, "GET": 1, "HEAD": 0}),
        limited("shared-a", name="shared", rate="2/h"),
        limited("shared-b", name="shared", rate="2/h"),
        forward("two", path="/two/**", filters=[
            {"rate-limit": {"name": "wide", "rate": "5/h", "key": "everybody"}},
            {"rate-limit": {"name": "narrow", "rate": "2/h", "key": {"header": "X-Api-Key"}}}]),
        forward("subject", path="/subject/**", filters=[
            {"jwt": {"issuers": "shop"}}, {"rate-limit": {"rate": "2/h", "key": {"claim": "sub"}, "plans": {"vip": "4/h"}}}]),
        forward("cors", path="/cors/**", filters=[{"cors": {"origins": "*"}}, {"rate-limit": {"rate": "1/h"}}]),
    ]  # fmt: skip
    listeners = [
        {"name": "public", "address": "127.0.0.1:0"},
        {"name": "behind", "address": "127.0.0.1:0", "trusted-proxies": ["127.0.0.0/8"]},
    ]
    whole = configuration({"origin": upstream(module_origin)}, routes, listeners=listeners)
    whole["issuers"] = {"shop": provider.declaration()}
    return module_fleet.gateway(whole)


def ask(gateway, target, *fields, listener=None, method=b"GET"):
    with RawClient(gateway.listeners[listener or "public"]) as client:
        request = b"\r\n".join([method + b" " + target + b" HTTP/1.1", b"Host: a", *fields, b"", b""])
        if method == b"POST":
            request = request.replace(b"\r\n\r\n", b"\r\nContent-Length: 0\r\n\r\n")
        return client.request(request, method)


def statuses(gateway, count, target, *fields, **options):
    return [ask(gateway, target, *fields, **options).status for _ in range(count)]


def from_client(address):
    return b"X-Forwarded-For: " + address.encode()


def test_the_burst_and_then_no_more(gateway, origin):
    answers = [ask(gateway, b"/few/1", from_client("10.0.0.1"), listener="behind") for _ in range(5)]
    assert [each.status for each in answers] == [200, 200, 200, 429, 429]
    assert [each.fields.one(b"X-RateLimit-Remaining") for each in answers] == [b"2", b"1", b"0", b"0", b"0"]
    assert answers[0].fields.one(b"RateLimit-Policy") == b'"few";q=3;w=3600'
    assert re.fullmatch(rb'"few";r=2;t=1200', answers[0].fields.one(b"RateLimit"))
    assert answers[0].fields.one(b"X-RateLimit-Limit") == b"3"
    refused = answers[3]
    assert refused.problem_word() == "rate-limited" and refused.fields.one(b"Content-Type") == b"application/problem+json"
    assert 1100 <= int(refused.fields.one(b"Retry-After")) <= 1200
    assert b"Retry-After" not in answers[0].fields
    assert len([each for each in origin.exchanges if each.target == b"/few/1"]) == 3
    # Another client is another count; so is another network of IPv6, and not another address in it.
    assert statuses(gateway, 1, b"/few/1", from_client("10.0.0.2"), listener="behind") == [200]
    first, second = from_client("2001:db8:1:2::1"), from_client("2001:db8:1:2:ffff::9")
    assert statuses(gateway, 3, b"/few/1", first, listener="behind") == [200] * 3
    assert statuses(gateway, 1, b"/few/1", second, listener="behind") == [429]
    assert statuses(gateway, 1, b"/few/1", from_client("2001:db8:1:3::1"), listener="behind") == [200]


def test_a_stranger_cannot_be_somebody_else(gateway):
    results = [ask(gateway, b"/few/2", from_client(f"10.7.0.{number}")).status for number in range(5)]
    assert results == [200, 200, 200, 429, 429]


def test_time_gives_back(gateway):
    answer = ask(gateway, b"/quick/1")
    refused = [each for each in (ask(gateway, b"/quick/1") for _ in range(20)) if each.status == 429]
    assert answer.status == 200 and refused
    # Rounded up, and never 0.
    assert refused[0].fields.one(b"Retry-After") == b"1"
    time.sleep(0.15)
    assert ask(gateway, b"/quick/1").status == 200


def test_a_shadow_refuses_nobody_and_counts(gateway):
    answers = [ask(gateway, b"/shadow/1") for _ in range(3)]
    assert [each.status for each in answers] == [200] * 3
    assert not answers[2].fields.all(b"RateLimit")
    gateway.wait_metric("martlet_rate_limit_decisions_total", 2, limit="shadow", decision="shadow-refused")
    assert gateway.metric("martlet_rate_limit_decisions_total", limit="shadow", decision="allowed") == 1


def test_keys_and_plans(gateway):
    assert statuses(gateway, 3, b"/header/1", b"X-Api-Key: tin") == [200, 200, 429]
    assert statuses(gateway, 3, b"/header/1", b"x-api-key: tin2") == [200, 200, 429]
    assert statuses(gateway, 6, b"/header/1", b"X-Api-Key: gold") == [200] * 5 + [429]
    answer = ask(gateway, b"/header/1", b"X-Api-Key: gold")
    assert answer.fields.one(b"RateLimit-Policy") == b'"header";q=5;w=3600'
    assert statuses(gateway, 2, b"/header/1", b"X-Api-Key: iron") == [200, 429]
    assert statuses(gateway, 2, b"/cookie/1", b"Cookie: a=b; session=1") == [200, 429]
    assert statuses(gateway, 2, b"/cookie/1", b"Cookie: session=2") == [200, 429]
    # Who leaves the key out is counted by address.
    assert statuses(gateway, 2, b"/cookie/1") == [200, 429]
    tenant = [b"X-Tenant: t", from_client("10.3.0.1")]
    assert statuses(gateway, 2, b"/pair/1", *tenant, listener="behind") == [200, 429]
    assert statuses(gateway, 1, b"/pair/1", b"X-Tenant: t", from_client("10.3.0.2"), listener="behind") == [200]
    results = [ask(gateway, b"/all/1", from_client(f"10.4.0.{number}"), listener="behind").status for number in range(3)]
    assert results == [200, 200, 429]


def test_what_requests_cost(gateway):
    assert statuses(gateway, 2, b"/cost/1", method=b"POST") == [200, 200]
    assert statuses(gateway, 1, b"/cost/1", method=b"POST") == [429]
    assert statuses(gateway, 3, b"/cost/1") == [200, 200, 429]
    assert statuses(gateway, 2, b"/cost/1", method=b"HEAD") == [200, 200]


def test_one_name_is_one_limit(gateway):
    assert [ask(gateway, target).status for target in (b"/shared-a/1", b"/shared-b/1", b"/shared-a/1")] == [200, 200, 429]


def test_several_limits_charge_all_or_none(gateway):
    assert statuses(gateway, 2, b"/two/1", b"X-Api-Key: a") == [200, 200]
    answer = ask(gateway, b"/two/1", b"X-Api-Key: a")
    assert answer.status == 429
    assert answer.fields.one(b"RateLimit-Policy") == b'"wide";q=5;w=3600, "narrow";q=2;w=3600'
    assert answer.fields.one(b"RateLimit").startswith(b'"wide";r=3;t=')
    # What the narrow one refused, the wide one was not charged for.
    assert statuses(gateway, 5, b"/two/1", b"X-Api-Key: a") == [429] * 5
    assert statuses(gateway, 2, b"/two/1", b"X-Api-Key: b") == [200, 200]
    assert statuses(gateway, 2, b"/two/1", b"X-Api-Key: c") == [200, 429]


def test_a_claim_is_counted(gateway, provider):
    def bearer(subject):
        return b"Authorization: Bearer " + provider.token(sub=subject).encode()

    assert [ask(gateway, b"/subject/1", bearer("ada")).status for _ in range(3)] == [200, 200, 429]
    assert statuses(gateway, 1, b"/subject/1", bearer("bob")) == [200]
    assert [ask(gateway, b"/subject/1", bearer("vip")).status for _ in range(5)] == [200] * 4 + [429]
    # A token that is no good costs nothing.
    assert statuses(gateway, 1, b"/subject/1", b"Authorization: Bearer x.y.z") == [401]


def test_a_preflight_costs_nothing(gateway):
    page = b"Origin: https://shop.example.com"
    for _ in range(3):
        assert ask(gateway, b"/cors/1", page, b"Access-Control-Request-Method: PUT", method=b"OPTIONS").status == 204
    assert statuses(gateway, 2, b"/cors/1", page) == [200, 429]
    refused = ask(gateway, b"/cors/1", page)
    assert refused.fields.one(b"Access-Control-Allow-Origin") == b"*"


def test_exact_over_threads(fleet, module_origin):
    """8 clients on 2 threads against one limit: not one too many, and not one too few."""
    allowed = 300
    gateway = fleet.gateway(
        configuration({"origin": upstream(module_origin)}, [limited("many", rate=f"{allowed}/24h", key="everybody")]), threads=2)
    results = []

    def load():
        with gateway.client() as client:
            results.extend(client.get(b"/many/1").status for _ in range(60))

    loads = [threading.Thread(target=load) for _ in range(8)]
    for each in loads:
        each.start()
    for each in loads:
        each.join()
    assert results.count(200) == allowed and results.count(429) == 8 * 60 - allowed


def test_a_reload_keeps_what_was_counted(fleet, module_origin):
    def whole(rate, *more):
        return configuration({"origin": upstream(module_origin)}, [limited("few", rate=rate), *more])

    gateway = fleet.gateway(whole("2/h"), threads=2)
    assert statuses(gateway, 3, b"/few/1", listener="public") == [200, 200, 429]
    gateway.write_config(whole("2/h", forward("more", path="/more")))
    assert gateway.command("reload").returncode == 0
    assert statuses(gateway, 1, b"/few/1") == [429]
    # Another limit begins anew.
    gateway.write_config(whole("3/h"))
    assert gateway.command("reload").returncode == 0
    assert statuses(gateway, 4, b"/few/1") == [200, 200, 200, 429]


def test_explain_prints_the_limit(gateway):
    shown = gateway.command("explain", "GET", "http://a/header/1").stdout
    assert "rate-limit: header, 2 in 1h, by header x-api-key, 2 plans" in shown
