"""Which route a request takes, what its filters change, and how it answers. The order of the file never matters."""

import collections
import os
import random

import pytest

from cases import routing
from cases.case import head, post
from support.configuration import configuration, forward, respond, route, upstream

SEED = int(os.environ.get("MARTLET_SEED", random.SystemRandom().randrange(1_000_000)))


def labelled(routes):
    """The routes, each with a filter that tells the origin and the client its id."""

    def tell(each):
        return {**each, "filters": [*each.get("filters", []), {"set-request-header": {"name": "X-Route", "value": each["id"]}}]}

    return [tell(each) if "forward" in each else each for each in routes]


@pytest.fixture(scope="module", params=["as written", "reversed", "shuffled"])
def gateway(request, module_fleet, module_origin):
    routes = labelled(routing.ROUTES)
    if request.param == "reversed":
        routes.reverse()
    elif request.param == "shuffled":
        print(f"MARTLET_SEED={SEED}")
        random.Random(SEED).shuffle(routes)
    return module_fleet.gateway(configuration({"origin": upstream(module_origin)}, routes))


def test_every_request_takes_its_route_whatever_the_order_of_the_file(gateway, origin):
    wrong = []
    with gateway.client() as client:
        for target, host, fields, wanted in routing.REQUESTS:
            origin.forget()
            response = client.get(target.encode(), host.encode(), [each.encode() for each in fields])
            got = origin.seen()[0].fields.get(b"X-Route", b"?").decode() if response.status == 200 else response.status
            if got != wanted:
                wrong.append(f"{target} {host} {fields}: {got} instead of {wanted}")
    assert not wrong, f"seed {SEED}:\n" + "\n".join(wrong)


def test_explain_names_the_same_winner(gateway):
    for target, host, fields, wanted in routing.REQUESTS[::6]:
        options = [part for each in [f"Host: {host}", *fields] for part in ("-H", each)]
        result = gateway.command("explain", "GET", f"http://{host}{target}", *options)
        assert result.returncode == 0 and wanted in result.stdout, (target, host, result.stdout, result.stderr)


def test_a_method_decides(gateway, origin):
    with gateway.client() as client:
        assert client.request(post(b"Content-Length: 0", line=b"POST /m2 HTTP/1.1")).status == 200
        assert client.request(head(b"HEAD /m HTTP/1.1"), b"HEAD").status == 200
    assert [each.fields.one(b"X-Route") for each in origin.seen(2)] == [b"method-post", b"methods"]


def test_an_answer_of_the_gateway_itself(gateway, origin):
    with gateway.client() as client:
        response = client.get(b"/teapot")
        assert response.status == 418 and response.body == b"short and stout"
        assert response.fields.one(b"Content-Type").startswith(b"text/plain")
        response = client.request(head(b"HEAD /teapot HTTP/1.1"), b"HEAD")
        assert response.status == 418 and response.fields.one(b"Content-Length") == b"15"
        client.expect_alive()
    assert origin.targets() == [b"/alive"]


def test_an_answer_of_the_gateway_itself_drains_the_body(gateway, origin):
    with gateway.client() as client:
        response = client.request(post(b"Content-Length: 5", line=b"POST /teapot HTTP/1.1"))
        assert response.status == 418
        client.send(b"hello")
        if b"close" in response.fields.tokens(b"Connection"):
            client.expect_close()
        else:
            client.expect_alive()
    assert b"hello" not in origin.received()


@pytest.mark.parametrize("target, location", [
    (b"/moved/a/b", b"https://example.com/moved/a/b"), (b"/moved/a?q=1&r=%2F", b"https://example.com/moved/a?q=1&r=%2F"),
    (b"/moved", b"https://example.com/moved"), (b"/moved/x/../y", b"https://example.com/moved/y"),
])  # fmt: skip
def test_a_redirect_keeps_path_and_query(gateway, target, location):
    with gateway.client() as client:
        response = client.get(target)
        assert response.status == 308 and response.fields.all(b"Location") == [location]
        client.expect_alive()


@pytest.fixture(scope="module")
def filtering_gateway(module_fleet, module_origin):
    upstreams = {"origin": upstream(module_origin), "second": upstream(module_fleet.origin(answer_second))}
    strip = {"strip-prefix": "/api"}
    routes = [
        forward("strip", path="/api/**", filters=[strip]),
        forward("rewrite", path="/items/{id}/part/{part}", filters=[{"rewrite-path": "/v2/{part}/of/{id}"}]),
        forward("tail", path="/t/**", filters=[{"rewrite-path": "/new/{**}"}]),
        forward("regex", path="/g/**", filters=[{"rewrite-path": {"regex": "^/g/([a-z]+)/(.*)$", "replacement": "/$2/$1"}}]),
        forward("both", path="/api/both/**", filters=[strip, {"rewrite-path": {"regex": "^/both", "replacement": "/one"}}]),
        forward("request", path="/rq", filters=[
            {"set-request-header": {"name": "X-Env", "value": "edge"}}, {"remove-request-header": "Cookie"},
            {"set-request-header": {"name": "Host", "value": "inner.test"}},
        ]),
        forward("response", path="/rs", filters=[
            {"set-response-header": {"name": "X-Frame-Options", "value": "DENY"}}, {"remove-response-header": "Server"},
        ]),
        forward("small", path="/small", filters=[{"request-size": "1KiB"}]),
        route("gone", {"redirect": {"to": "/new/{id}", "status": 301, "keep-query": False}}, path="/old/{id}"),
        route("rich", {"respond": {"status": 200, "body": "hello\n", "content-type": "text/css", "headers": {"X-A": "b"}}}, path="/rich"),
        respond("empty", 204, path="/empty"),
        forward("only-get", path="/only-get", methods=["GET"]),
        forward("only-put", path="/only-get", methods=["PUT"]),
        forward("hosted", path="/hosted", host="h.test"),
        route("split", {"split": [{"upstream": "origin", "weight": 75}, {"upstream": "second", "weight": 25}]}, path="/split"),
        route("split-all", {"split": [{"upstream": "origin", "weight": 0}, {"upstream": "second", "weight": 1}]}, path="/split-all"),
    ]  # fmt: skip
    return module_fleet.gateway(configuration(upstreams, routes))


def answer_second(exchange):
    exchange.read_body()
    exchange.answer(body=b"second")


@pytest.mark.parametrize("target, forwarded", [
    (b"/api/x/y?z", b"/x/y?z"), (b"/api", b"/"), (b"/api/", b"/"), (b"/api/%20", b"/%20"), (b"/api//x", b"//x"),
    (b"/items/7/part/a%20b?q", b"/v2/a%20b/of/7?q"), (b"/t/a/b/c", b"/new/a/b/c"), (b"/t/a%20b?x=1", b"/new/a%20b?x=1"),
    (b"/g/abc/x/y", b"/x/y/abc"), (b"/g/ABC/x", b"/g/ABC/x"), (b"/api/both/x", b"/one/x"),
])  # fmt: skip
def test_a_filter_changes_the_path(filtering_gateway, origin, target, forwarded):
    with filtering_gateway.client() as client:
        assert client.get(target).status == 200
    assert origin.seen()[0].target == forwarded


def test_filters_change_request_fields(filtering_gateway, origin):
    with filtering_gateway.client() as client:
        assert client.get(b"/rq", fields=[b"X-Env: client", b"x-env: twice", b"Cookie: a=b", b"cookie: c=d", b"X-Kept: 1"]).status == 200
    fields = origin.seen()[0].fields
    assert fields.all(b"X-Env") == [b"edge"] and b"Cookie" not in fields and b"X-Kept" in fields
    assert fields.all(b"Host") in ([b"inner.test"], [b"a"])


def test_filters_change_response_fields(filtering_gateway, origin):
    origin.behave(lambda exchange: exchange.answer(fields=[b"Server: secret", b"X-Frame-Options: ALLOW", b"X-Kept: 1"]))
    with filtering_gateway.client() as client:
        fields = client.get(b"/rs").fields
    assert fields.all(b"X-Frame-Options") == [b"DENY"] and b"Server" not in fields and b"X-Kept" in fields


def test_a_route_s_own_size_limit_wins(filtering_gateway, origin):
    with filtering_gateway.client() as client:
        assert client.request(post(b"Content-Length: 1024", body=b"x" * 1024, line=b"POST /small HTTP/1.1")).status == 200
        assert client.request(post(b"Content-Length: 1025", line=b"POST /small HTTP/1.1")).status == 413
        client.expect_close()


def test_a_redirect_with_status_and_without_query(filtering_gateway):
    with filtering_gateway.client() as client:
        response = client.get(b"/old/7?q=1")
        assert response.status == 301 and response.fields.all(b"Location") == [b"/new/7"]


def test_an_injected_line_never_reaches_the_location(filtering_gateway):
    with filtering_gateway.client() as client:
        response = client.get(b"/old/a%0d%0aX-Evil:%201")
        assert b"X-Evil" not in response.fields and (response.status == 400 or response.fields.one(b"Location").startswith(b"/new/a%0D%0A"))


def test_an_answer_with_type_and_fields(filtering_gateway):
    with filtering_gateway.client() as client:
        response = client.get(b"/rich")
        assert (response.body, response.fields.one(b"Content-Type"), response.fields.one(b"X-A")) == (b"hello\n", b"text/css", b"b")
        assert client.get(b"/empty").status == 204


def test_another_method_is_not_allowed_and_told_which_are(filtering_gateway, origin):
    with filtering_gateway.client() as client:
        response = client.request(post(b"Content-Length: 0", line=b"POST /only-get HTTP/1.1"))
        assert response.status == 405 and response.problem_word() == "method-not-allowed"
        assert sorted(response.fields.tokens(b"Allow")) == [b"get", b"put"]
    assert not origin.exchanges


@pytest.mark.parametrize("target, host", [(b"/nowhere", b"a"), (b"/hosted", b"other.test"), (b"/", b"a"), (b"/rich/", b"a")])
def test_no_route_is_not_found(filtering_gateway, target, host):
    with filtering_gateway.client() as client:
        response = client.get(target, host)
        assert response.status == 404 and response.problem_word() == "route-not-found" and response.problem()["stage"] == "match"
        assert client.get(b"/rich").status == 200


def test_a_split_follows_its_weights(filtering_gateway, origin):
    count = collections.Counter()
    with filtering_gateway.client() as client:
        for _ in range(400):
            count[client.get(b"/split").body] += 1
        assert {client.get(b"/split-all").body for _ in range(20)} == {b"second"}
    # Binomial with n = 400, p = 1/4: six deviations are 52.
    assert 48 <= count[b"second"] <= 152 and count[b"ok"] == 400 - count[b"second"], count
