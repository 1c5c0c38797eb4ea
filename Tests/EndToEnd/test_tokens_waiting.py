"""Requests that wait for keys: whatever their client, their body, other issuers and a reload do meanwhile."""

import signal
import time

import pytest

from support.configuration import configuration, forward, upstream
from support.provider import Provider, make_key
from support.waiting import wait_until
from support.wire import chunked


@pytest.fixture
def provider():
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def other():
    provider = Provider([make_key("ES256", "other-1")])
    yield provider
    provider.stop()


def guarded(origin, issuers, **token):
    settings = configuration({"origin": upstream(origin)}, [forward("a", path="/**", filters=[{"jwt": {"issuers": list(issuers), **token}}])])
    settings["issuers"] = issuers
    return settings


def post(token, length, path=b"/a"):
    return b"POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n" % (path, token.encode(), length)


def get(token, path=b"/a"):
    return b"GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % (path, token.encode())


def wait_asked(provider, count=1):
    wait_until(lambda: len(provider.seen) >= count, "the provider is asked")


def expect_wait(client):
    # Long enough for an answer that must not come.
    time.sleep(0.3)
    client.expect_silence()


@pytest.fixture
def waiting(fleet, module_origin, provider):
    """A gateway whose provider holds its answer back."""
    provider.gate.clear()
    return fleet.gateway(guarded(module_origin, {"shop": provider.declaration()}))


def test_a_body_larger_than_any_buffer(waiting, provider, origin):
    body = bytes(range(256)) * 4_096
    with waiting.client() as client:
        client.send(post(provider.token(), len(body)) + body[:200_000])
        time.sleep(0.2)
        provider.gate.set()
        client.send(body[200_000:])
        assert client.read_response(b"POST").status == 200
    assert origin.seen()[0].body == body


def test_a_client_that_has_finished_sending(waiting, provider):
    with waiting.client() as client:
        client.send(get(provider.token()))
        client.half_close()
        expect_wait(client)
        provider.gate.set()
        assert client.read_response().status == 200
        client.expect_close()


def test_requests_behind_the_one_that_waits(waiting, provider, origin):
    with waiting.client() as client:
        token = provider.token()
        client.send(get(token, b"/1") + get(token, b"/2")[:30])
        expect_wait(client)
        client.send(get(token, b"/2")[30:] + post(token, 4, b"/3") + b"body" + b"GET /4 HTTP/1.1\r\nHost: a\r\n\r\n")
        provider.gate.set()
        assert [client.read_response().status for _ in range(4)] == [200, 200, 200, 401]
    assert origin.targets() == [b"/1", b"/2", b"/3"]


def test_a_client_that_drips_does_not_prolong_its_wait(waiting, provider):
    with waiting.client() as client:
        client.send(post(provider.token(), 1_000))
        for _ in range(16):
            client.send(b"x")
            time.sleep(0.25)
        began = time.monotonic()
        response = client.read_response(b"POST")
        assert time.monotonic() - began < 3
        assert response.status == 503 and response.problem_word() == "keys-unavailable"


def test_a_client_that_resets_is_forgotten_at_once(waiting, provider):
    client = waiting.client()
    client.send(get(provider.token()))
    wait_asked(provider)
    waiting.wait_metric("martlet_downstream_connections", 1, listener="public")
    client.reset()
    waiting.wait_metric("martlet_downstream_connections", 0, within=2, listener="public")


def test_a_request_that_waits_is_one_request(waiting, provider):
    with waiting.client() as client:
        client.send(get(provider.token())[:-2] + b"X_Dropped: 1\r\n\r\n")
        expect_wait(client)
        provider.gate.set()
        assert client.read_response().status == 200
    records = [waiting.wait_access_record(lambda each: each["target"] == "/a")]
    assert len(records) == 1 and records[0]["subject"] == "f3a1c9"
    assert sum(1 for each in waiting.access_records() if each["target"] == "/a") == 1


def test_a_drain_answers_who_waits(waiting, provider):
    with waiting.client() as client:
        client.send(get(provider.token()))
        expect_wait(client)
        waiting.expected_to_exit = True
        waiting.signal(signal.SIGTERM)
        expect_wait(client)
        provider.gate.set()
        response = client.read_response()
        assert response.status == 200
        assert response.fields.one(b"Connection").lower() == b"close"
        client.expect_close()
    assert waiting.wait_exit() == 0


# Other issuers


def test_news_of_another_issuer_does_not_end_the_wait(fleet, module_origin, provider, other):
    """The other provider answers first, and fails first: neither is what the request waits for."""
    provider.gate.clear()
    other.gate.clear()
    gateway = fleet.gateway(guarded(module_origin, {"shop": provider.declaration(), "other": other.declaration()}))
    with gateway.client() as client:
        client.send(get(provider.token()))
        expect_wait(client)
        other.gate.set()
        expect_wait(client)
        provider.gate.set()
        assert client.read_response().status == 200


def test_one_issuer_answers_before_the_other(fleet, module_origin, provider, other):
    """A token whose key has come is not held up by an issuer that does not answer."""
    provider.gate.clear()
    other.gate.clear()
    gateway = fleet.gateway(guarded(module_origin, {"other": other.declaration(), "shop": provider.declaration()}))
    with gateway.client() as client:
        client.send(get(provider.token()))
        expect_wait(client)
        provider.gate.set()
        began = time.monotonic()
        assert client.read_response().status == 200
        assert time.monotonic() - began < 2


def test_what_another_issuer_may_not_sign_with_is_no_verdict(fleet, module_origin, provider, other):
    provider.gate.clear()
    gateway = fleet.gateway(
        guarded(module_origin, {"shop": provider.declaration(), "other": other.declaration(algorithms="ES256")}))
    with gateway.client() as client:
        assert client.get(b"/a", fields=[b"Authorization: Bearer " + other.token().encode()]).status == 200
        client.send(get(provider.token()))
        expect_wait(client)
        provider.gate.set()
        assert client.read_response().status == 200
        # What is wrong with a token of the other issuer needs no asking.
        asked = len(provider.seen)
        assert client.get(b"/a", fields=[b"Authorization: Bearer " + other.token(exp=1).encode()]).status == 401
        assert len(provider.seen) == asked


def test_two_filters_each_with_an_issuer_of_its_own(fleet, module_origin, provider, other):
    provider.gate.clear()
    other.gate.clear()
    settings = guarded(module_origin, {"shop": provider.declaration(), "other": other.declaration()})
    settings["routes"][0]["filters"] = [
        {"jwt": {"issuers": "shop"}}, {"jwt": {"issuers": "other", "from": {"cookie": "second"}}}]  # fmt: skip
    gateway = fleet.gateway(settings)
    with gateway.client() as client:
        client.send(get(provider.token())[:-2] + b"Cookie: second=" + other.token().encode() + b"\r\n\r\n")
        expect_wait(client)
        provider.gate.set()
        expect_wait(client)
        other.gate.set()
        assert client.read_response().status == 200
    # One subject in the line, that of the first token.
    record = gateway.wait_access_record(lambda each: each["target"] == "/a")
    assert record["subject"] == "f3a1c9"
    assert (gateway.folder / "access.log").read_text().count('"subject"') == 1


def test_a_reload_that_changes_the_issuer(fleet, module_origin, provider, other):
    provider.gate.clear()
    gateway = fleet.gateway(guarded(module_origin, {"shop": provider.declaration()}))
    with gateway.client() as client:
        client.send(get(other.token()))
        wait_asked(provider)
        expect_wait(client)
        gateway.write_config(guarded(module_origin, {"shop": other.declaration()}))
        assert gateway.command("reload").returncode == 0
        began = time.monotonic()
        assert client.read_response().status == 200
        assert time.monotonic() - began < 3
        # And back: the keys of the first are asked for anew.
        provider.gate.set()
        gateway.write_config(guarded(module_origin, {"shop": provider.declaration()}))
        assert gateway.command("reload").returncode == 0
        wait_until(lambda: client.get(b"/a", fields=[b"Authorization: Bearer " + provider.token().encode()]).status == 200, "its keys")
        assert client.get(b"/a", fields=[b"Authorization: Bearer " + other.token().encode()]).status == 401


# What goes to the origin


def test_a_claim_is_not_spoken_of_in_trailers(fleet, module_origin, provider, origin):
    gateway = fleet.gateway(guarded(module_origin, {"shop": provider.declaration()}, headers={"X-User": "preferred_username"}))
    body = chunked(b"body", trailers=b"x-user: root\r\nX-Checksum: 1\r\n")
    head = get(provider.token()).replace(b"GET", b"POST")[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
    with gateway.client() as client:
        # With its head, and afterwards.
        client.send(head + body)
        assert client.read_response(b"POST").status == 200
        client.send(head)
        time.sleep(0.1)
        client.send(body)
        assert client.read_response(b"POST").status == 200
    for each in origin.seen(2):
        assert each.fields.all(b"X-User") == [b"ada"]
        assert b"X-User" not in each.trailers and each.trailers.one(b"X-Checksum") == b"1"


def test_no_fields_by_a_connection_field(fleet, module_origin, provider, origin):
    gateway = fleet.gateway(guarded(module_origin, {"shop": provider.declaration()}, headers={"X-User": "preferred_username"}))
    token = b"Authorization: Bearer " + provider.token().encode()
    with gateway.client() as client:
        for fields in ([b"Connection: X-User", b"X-User: root"], [b"Connection: authorization, x-user"], [b"X_User: root"], [b"x-uSER: root"]):
            assert client.get(b"/a", fields=[token, *fields]).status == 200
    for each in origin.seen(4):
        assert each.fields.all(b"X-User") == [b"ada"] and b"X_User" not in each.fields
        assert each.fields.one(b"Authorization").startswith(b"Bearer ")


def test_two_tokens_in_cookies_or_the_query_are_none(fleet, module_origin, provider):
    settings = configuration({"origin": upstream(module_origin)}, [
        forward("c", path="/c", filters=[{"jwt": {"issuers": "shop", "from": {"cookie": "session"}}}]),
        forward("q", path="/q", filters=[{"jwt": {"issuers": "shop", "from": {"query": "token"}}}])])  # fmt: skip
    settings["issuers"] = {"shop": provider.declaration()}
    gateway = fleet.gateway(settings)
    token = provider.token().encode()
    with gateway.client() as client:
        assert client.get(b"/c", fields=[b"Cookie: session=" + token]).status == 200
        for fields in ([b"Cookie: session=" + token + b"; session=other"], [b"Cookie: session=" + token, b"Cookie: session=other"]):
            assert client.get(b"/c", fields=fields).status == 401
        assert client.get(b"/q?token=" + token).status == 200
        assert client.get(b"/q?token=" + token + b"&token=other").status == 401
        assert client.get(b"/q?token=" + token + b"&t%6Fken=other").status == 401


def test_a_question_about_another_route_leaves_the_captures(fleet, module_origin, origin):
    """An OPTIONS request that is forwarded is rewritten by its own route, whatever the route that it asks about captures."""
    routes = [
        forward("asks", path="/{kind}/{id}", methods=["OPTIONS"], filters=[{"rewrite-path": "/items/{kind}"}]),
        forward("posts", path="/a/{id}", methods=["POST"]),
        forward("page", path="/page", filters=[{"cors": {"origins": "*"}}]),
    ]
    gateway = fleet.gateway(configuration({"origin": upstream(module_origin)}, routes))
    with gateway.client() as client:
        client.send(b"OPTIONS /a/b HTTP/1.1\r\nHost: a\r\nOrigin: https://x.example\r\nAccess-Control-Request-Method: POST\r\n\r\n")
        assert client.read_response(b"OPTIONS").status == 200
    assert origin.targets() == [b"/items/a"]
