"""Tokens: who may, who may not and why, whose keys, and what the origin is told."""

import base64
import json
import subprocess
import sys
import threading
import time

import pytest

from support.configuration import configuration, forward, upstream
from support.provider import Provider, make_key
from support.raw_client import RawClient
from support.waiting import wait_until


@pytest.fixture(scope="module")
def provider():
    provider = Provider([make_key("RS256"), make_key("ES256", "key-es"), make_key("EdDSA", "key-ed"), make_key("PS256", "key-ps")])
    yield provider
    provider.stop()


def whole(origin, provider, routes, **issuer):
    settings = configuration({"origin": upstream(origin)}, routes)
    settings["issuers"] = {"shop": provider.declaration(**issuer)}
    return settings


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin, provider):
    def guarded(name, **token):
        return forward(name, path=f"/{name}/**", filters=[{"jwt": {"issuers": "shop", **token}}])

    routes = [
        guarded("any"),
        guarded("scopes", scopes=["orders", "profile"]),
        guarded("admins", roles=["admin", "owner"]),
        guarded("readers", roles=["reader"]),
        guarded("both", roles=["customer", "reader"], **{"all-roles": True}),
        guarded("claims", claims={"email_verified": {"equal": "true"}, "email": {"regex": ".*@example\\.com"}}),
        guarded("either", claims={"azp": {"one-of": ["a", "b"]}, "preferred_username": "ada"}, **{"any-claim": True}),
        guarded("optional", optional=True, headers={"X-User": "preferred_username"}),
        guarded("headers", headers={"X-User": "preferred_username", "X-Roles": "realm_access.roles", "X-Verified": "email_verified",
                                    "X-None": "nothing", "X-Object": "realm_access"}, **{"forward-token": False}),
        guarded("cookie", **{"from": {"cookie": "session"}}),
        guarded("query", **{"from": {"query": "access_token"}}),
        forward("open", path="/open/**"),
    ]  # fmt: skip
    return module_fleet.gateway(whole(module_origin, provider, routes, jwks=provider.key_set_url))


def bearer(token):
    return b"Authorization: Bearer " + token.encode()


def ask(gateway, target, token=None, *fields):
    with gateway.client() as client:
        response = client.get(target, fields=[*([bearer(token)] if token else []), *fields])
        client.expect_alive(b"/open/alive")
        return response


@pytest.mark.parametrize("kid", ["key-1", "key-es", "key-ed", "key-ps"])
def test_a_good_token_passes(gateway, provider, origin, kid):
    key = next(each for each in provider.keys if each.kid == kid)
    token = provider.token(key)
    for _ in range(3):
        assert ask(gateway, b"/any/1", token).status == 200
    assert origin.seen()[0].fields.one(b"Authorization") == b"Bearer " + token.encode()


def test_without_a_token(gateway, origin):
    for fields in ([], [b"Authorization: Basic YTpi"], [b"Authorization: Bearer"], [b"Authorization: Bearer   "]):
        response = ask(gateway, b"/any/1", None, *fields)
        assert response.status == 401 and response.problem_word() == "token-missing"
        assert response.fields.one(b"WWW-Authenticate") == b'Bearer realm="any"'
    assert ask(gateway, b"/optional/1", None, b"X-User: eve").status == 200
    seen = [each for each in origin.exchanges if each.target == b"/optional/1"]
    assert b"X-User" not in seen[0].fields


def test_two_tokens_are_none(gateway, provider):
    token = provider.token()
    response = ask(gateway, b"/any/1", token, bearer(token))
    assert response.status == 401 and b'error="invalid_token"' in response.fields.one(b"WWW-Authenticate")


BAD = {
    "expired": {"exp": int(time.time()) - 3600},
    "not yet": {"nbf": int(time.time()) + 3600},
    "from the future": {"iat": int(time.time()) + 3600},
    "without end": {"exp": None},
    "of another issuer": {"iss": "https://evil.example/realms/shop"},
    "with a slash more": {},
    "for another audience": {"aud": "billing"},
    "without audience": {"aud": None},
    "an ID token": {"typ": "ID"},
    "a refresh token": {"typ": "Refresh"},
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_claim(gateway, provider, case):
    changes = {"iss": provider.issuer + "/"} if case == "with a slash more" else BAD[case]
    response = ask(gateway, b"/any/1", provider.token(**changes))
    assert response.status == 401 and response.problem_word() == "token-invalid"
    assert b'error="invalid_token", error_description="The token' in response.fields.one(b"WWW-Authenticate")
    # An optional token may be missing, not bad.
    assert ask(gateway, b"/optional/1", provider.token(**changes)).status == 401


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def tampered(provider):
    good = provider.token()
    header, claims, signature = good.split(".")
    richer = json.loads(base64.urlsafe_b64decode(claims + "=="))
    richer["realm_access"]["roles"].append("admin")
    public = provider.keys[0].as_dict(private=False)
    yield "claims changed", f"{header}.{part(richer)}.{signature}"
    yield "no signature", f"{header}.{claims}."
    yield "alg none", f"{part({'alg': 'none', 'typ': 'JWT'})}.{claims}."
    yield "alg None", f"{part({'alg': 'None', 'kid': 'key-1'})}.{claims}.{signature}"
    yield "alg HS256", f"{part({'alg': 'HS256', 'kid': 'key-1'})}.{claims}.{signature}"
    yield "another alg of the key's type", f"{part({'alg': 'PS256', 'kid': 'key-1'})}.{claims}.{signature}"
    yield "key of another algorithm", f"{part({'alg': 'RS256', 'kid': 'key-es'})}.{claims}.{signature}"
    yield "encryption key", f"{part({'alg': 'RS256', 'kid': 'enc-1'})}.{claims}.{signature}"
    yield "crit", f"{part({'alg': 'RS256', 'kid': 'key-1', 'crit': ['x']})}.{claims}.{signature}"
    yield "key in the token", f"{part({'alg': 'RS256', 'jwk': public})}.{claims}.{signature}"
    yield "kid as a path", f"{part({'alg': 'RS256', 'kid': '../../../dev/null'})}.{claims}.{signature}"
    yield "two parts", f"{header}.{claims}"
    yield "four parts", f"{good}.{signature}"
    yield "padded", f"{good}=="
    yield "not base64", f"{header}.{claims}.!!!!"
    yield "nothing but dots", ".."
    yield "a space", f"{header}. {claims}.{signature}"
    yield "too large", f"{header}.{claims}.{signature}{'A' * 16_384}"


def test_a_tampered_token(gateway, provider):
    for name, token in tampered(provider):
        response = ask(gateway, b"/any/1", token)
        assert response.status == 401, (name, response)
        assert token.encode() not in response.body, name


def test_a_stranger_with_a_known_key_name(gateway, provider):
    stranger = make_key("RS256", "key-1")
    assert ask(gateway, b"/any/1", provider.token(stranger)).status == 401


@pytest.mark.parametrize(
    ("route", "changes", "status"),
    [
        ("scopes", {}, 200),
        ("scopes", {"scope": "openid orders"}, 403),
        ("scopes", {"scope": None}, 403),
        ("scopes", {"scope": "orders-all profile"}, 403),
        ("admins", {}, 403),
        ("admins", {"realm_access": {"roles": ["owner"]}}, 200),
        ("admins", {"realm_access": {"roles": "admin"}}, 200),
        ("admins", {"realm_access": {"roles": ["administrator"]}}, 403),
        ("admins", {"resource_access": {"shop-api": {"roles": ["admin"]}}}, 200),
        ("admins", {"resource_access": {"other": {"roles": ["admin"]}}}, 403),
        ("readers", {}, 200),
        ("both", {}, 200),
        ("both", {"realm_access": {"roles": []}}, 403),
        ("claims", {}, 200),
        ("claims", {"email_verified": False}, 403),
        ("claims", {"email": "ada@example.com.evil"}, 403),
        ("either", {}, 200),
        ("either", {"preferred_username": "eve"}, 403),
        ("either", {"preferred_username": "eve", "azp": "b"}, 200),
    ],
)
def test_what_a_token_allows(gateway, provider, route, changes, status):
    token = provider.token(**changes)
    for _ in range(2):
        response = ask(gateway, f"/{route}/1".encode(), token)
        assert response.status == status
    if status == 403:
        assert response.problem_word() == "access-denied"
        challenge = response.fields.one(b"WWW-Authenticate")
        assert b'error="insufficient_scope"' in challenge
        assert (b'scope="orders profile"' in challenge) == (route == "scopes")


def test_one_token_on_several_routes(gateway, provider):
    token = provider.token()
    statuses = [ask(gateway, f"/{route}/1".encode(), token).status for route in ("any", "admins", "readers", "any", "admins")]
    assert statuses == [200, 403, 200, 200, 403]


def test_the_origin_is_told(gateway, provider, origin):
    lies = [b"X-User: root", b"X-Roles: admin", b"x-none: a", b"X-Object: b"]
    for _ in range(2):
        assert ask(gateway, b"/headers/1", provider.token(), *lies).status == 200
    for each in [each for each in origin.exchanges if each.target == b"/headers/1"]:
        assert each.fields.all(b"X-User") == [b"ada"]
        assert each.fields.all(b"X-Roles") == [b"customer,offline_access"]
        assert each.fields.all(b"X-Verified") == [b"true"]
        for name in (b"X-None", b"X-Object", b"Authorization"):
            assert name not in each.fields


@pytest.mark.parametrize("name", ["ada\r\nX-Admin: yes", "ada\x01", " ada", "ada\x7f", "a" * 5000, ""])
def test_a_claim_cannot_write_lines(gateway, provider, origin, name):
    assert ask(gateway, b"/headers/1", provider.token(preferred_username=name)).status == 200
    seen = next(each for each in origin.exchanges if each.target == b"/headers/1")
    assert b"X-User" not in seen.fields and b"X-Admin" not in seen.fields


def test_other_places_of_a_token(gateway, provider, origin):
    token = provider.token()
    assert ask(gateway, b"/cookie/1", None, b"Cookie: a=b; session=" + token.encode()).status == 200
    assert ask(gateway, b"/cookie/1", token).status == 401
    assert ask(gateway, b"/query/1?a=b&access_token=" + token.encode()).status == 200
    assert ask(gateway, b"/query/1", token).status == 401


def test_no_token_in_the_log(gateway, provider):
    token = provider.token(sub='log"test')
    assert ask(gateway, b"/query/log?access_token=" + token.encode() + b"&a=b").status == 200
    record = gateway.wait_access_record(lambda each: each["target"].startswith("/query/log"))
    assert record["target"] == "/query/log?access_token=***&a=b"
    assert record["subject"] == 'log"test'
    assert token not in (gateway.folder / "access.log").read_text()


def test_explain_prints_what_is_asked(gateway):
    shown = gateway.command("explain", "GET", "http://a/scopes/1").stdout
    assert "jwt: of shop, scopes orders profile" in shown


# Keys that come and go


@pytest.fixture
def own_provider():
    provider = Provider()
    yield provider
    provider.stop()


def test_the_issuer_says_where_its_keys_are(fleet, module_origin, own_provider):
    gateway = fleet.gateway(whole(module_origin, own_provider, [forward("a", path="/**", filters=[{"jwt": {"issuers": "shop"}}])]))
    with gateway.client() as client:
        assert client.get(b"/a", fields=[bearer(own_provider.token())]).status == 200
    assert own_provider.seen == ["/realms/shop/.well-known/openid-configuration", "/realms/shop/protocol/openid-connect/certs"]


def test_the_first_request_waits_for_the_keys(fleet, module_origin, own_provider):
    own_provider.gate.clear()
    gateway = fleet.gateway(whole(module_origin, own_provider, [forward("a", path="/**", filters=[{"jwt": {"issuers": "shop"}}])]))
    with gateway.client() as client, gateway.client() as other:
        client.send(b"POST /a HTTP/1.1\r\nHost: a\r\n" + bearer(own_provider.token()) + b"\r\nContent-Length: 4\r\n\r\nbo")
        client.expect_silence()
        # The shard goes on meanwhile.
        assert other.get(b"/a").status == 401
        client.send(b"dy")
        own_provider.gate.set()
        assert client.read_response(b"POST").status == 200
        assert client.get(b"/b", fields=[bearer(own_provider.token())]).status == 200


def test_a_provider_that_is_down_at_first(fleet, module_origin, own_provider):
    own_provider.status = 500
    gateway = fleet.gateway(whole(module_origin, own_provider, [forward("a", path="/**", filters=[{"jwt": {"issuers": "shop"}}])]))
    with gateway.client() as client:
        response = client.get(b"/a", fields=[bearer(own_provider.token())])
        assert response.status == 503 and response.problem_word() == "keys-unavailable"
        assert response.fields.one(b"Retry-After") == b"1"
        own_provider.status = 200
        wait_until(lambda: client.get(b"/a", fields=[bearer(own_provider.token())]).status == 200, "the keys come")


def test_a_provider_that_goes_away_is_not_missed(fleet, module_origin, own_provider):
    gateway = fleet.gateway(whole(module_origin, own_provider, [forward("a", path="/**", filters=[{"jwt": {"issuers": "shop"}}])]))
    token = own_provider.token()
    with gateway.client() as client:
        assert client.get(b"/a", fields=[bearer(token)]).status == 200
        own_provider.stop()
        assert client.get(b"/a", fields=[bearer(own_provider.token(sub="new"))]).status == 200
        assert client.get(b"/a", fields=[bearer(own_provider.token(make_key(kid="invented")))]).status == 401
        assert client.get(b"/a", fields=[bearer(token)]).status == 200


def test_a_rotation_under_load_refuses_nobody(fleet, module_origin, own_provider):
    keys = [make_key(kid=f"key-{number}") for number in range(1, 4)]
    own_provider.keys = keys[:1]
    gateway = fleet.gateway(
        whole(module_origin, own_provider, [forward("a", path="/**", filters=[{"jwt": {"issuers": "shop"}}])]), threads=2)
    tokens = {"now": own_provider.token(keys[0])}
    wrong, asked, over = [], [0], threading.Event()

    def load():
        with gateway.client() as client:
            while not over.is_set():
                token = tokens["now"]
                status = client.get(b"/a", fields=[bearer(token)]).status
                asked[0] += 1
                if status != 200:
                    wrong.append(status)

    loads = [threading.Thread(target=load) for _ in range(4)]
    for each in loads:
        each.start()
    for key in keys[1:]:
        time.sleep(0.3)
        # The provider publishes the new key, then signs with it, and keeps the one before for what it has signed.
        own_provider.keys = [key, own_provider.keys[0]]
        tokens["now"] = own_provider.token(key)
        before = asked[0]
        wait_until(lambda: asked[0] > before + 20, "requests go on")
    over.set()
    for each in loads:
        each.join()
    assert not wrong and asked[0] > 40
    # What a key signed that has gone from the set is no good any more.
    with gateway.client() as client:
        assert client.get(b"/a", fields=[bearer(own_provider.token(keys[0], sub="x"))]).status == 401


def test_invented_keys_cost_the_provider_little(fleet, module_origin, own_provider):
    gateway = fleet.gateway(
        whole(module_origin, own_provider, [forward("a", path="/**", filters=[{"jwt": {"issuers": "shop"}}])],
              jwks=own_provider.key_set_url))  # fmt: skip
    good = own_provider.token()
    stranger = make_key()
    with gateway.client() as client:
        assert client.get(b"/a", fields=[bearer(good)]).status == 200
        clients = [gateway.client() for _ in range(40)]
        for number, each in enumerate(clients):
            token = own_provider.token(stranger, header={"kid": f"invented-{number}"})
            each.send(b"GET /a HTTP/1.1\r\nHost: a\r\n" + bearer(token) + b"\r\n\r\n")
        began = time.monotonic()
        assert client.get(b"/a", fields=[bearer(good)]).status == 200
        assert time.monotonic() - began < 1
        for each in clients:
            assert each.read_response().status == 401
            each.close()
    assert len(own_provider.seen) <= 4


def test_a_client_that_leaves_while_it_waits(fleet, module_origin, own_provider):
    gateway = fleet.gateway(whole(module_origin, own_provider, [forward("a", path="/**", filters=[{"jwt": {"issuers": "shop"}}])]))
    with gateway.client() as client:
        assert client.get(b"/a", fields=[bearer(own_provider.token())]).status == 200
    own_provider.gate.clear()
    for leave in (RawClient.close, RawClient.reset, RawClient.half_close):
        client = gateway.client()
        client.send(b"GET /a HTTP/1.1\r\nHost: a\r\n" + bearer(own_provider.token(make_key(kid="new"))) + b"\r\n\r\n")
        time.sleep(0.05)
        leave(client)
    own_provider.gate.set()
    with gateway.client() as client:
        assert client.get(b"/a", fields=[bearer(own_provider.token())]).status == 200


def test_a_reload_keeps_the_keys(fleet, module_origin, own_provider):
    routes = [forward("a", path="/**", filters=[{"jwt": {"issuers": "shop"}}])]
    gateway = fleet.gateway(whole(module_origin, own_provider, routes))
    with gateway.client() as client:
        assert client.get(b"/a", fields=[bearer(own_provider.token())]).status == 200
        asked = len(own_provider.seen)
        own_provider.gate.clear()
        gateway.write_config(whole(module_origin, own_provider, [*routes, forward("b", path="/b")]))
        assert gateway.command("reload").returncode == 0
        assert client.get(b"/a", fields=[bearer(own_provider.token())]).status == 200
    assert len(own_provider.seen) == asked


def test_a_provider_not_written_here(fleet, module_origin, tmp_path):
    """oidc-provider-mock: its tokens name no key, and its keys neither use nor algorithm."""
    import socket
    import urllib.parse
    import urllib.request

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        base = f"http://127.0.0.1:{port}"

        def document():
            try:
                with urllib.request.urlopen(base + "/.well-known/openid-configuration", timeout=2) as response:
                    return json.load(response)
            except OSError:
                return None

        wait_until(lambda: document(), "the provider answers", within=20)
        found = document()
        token = id_token(found)
        settings = configuration({"origin": upstream(module_origin)}, [
            forward("a", path="/**", filters=[{"jwt": {"issuers": "mock", "headers": {"X-User": "sub"}}}])])  # fmt: skip
        settings["issuers"] = {"mock": {"issuer": found["issuer"]}}
        gateway = fleet.gateway(settings)
        with gateway.client() as client:
            assert client.get(b"/a", fields=[bearer(token)]).status == 200
            assert client.get(b"/a", fields=[bearer(token[:-4] + "AAAA")]).status == 401
    finally:
        process.terminate()
        process.wait(10)


def id_token(found):
    """The code flow, as a browser and a client go through it."""
    import http.client
    import urllib.parse
    import urllib.request

    redirect = "https://client.example/back"
    query = urllib.parse.urlencode({
        "client_id": "shop", "redirect_uri": redirect, "response_type": "code", "scope": "openid", "state": "s", "nonce": "n"})  # fmt: skip
    where = urllib.parse.urlsplit(found["authorization_endpoint"])
    connection = http.client.HTTPConnection(where.netloc, timeout=10)
    connection.request("POST", f"{where.path}?{query}", urllib.parse.urlencode({"sub": "ada"}),
                       {"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    answer = connection.getresponse()
    answer.read()
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.getheader("Location")).query)["code"][0]
    form = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect,
                                   "client_id": "shop", "client_secret": "secret"})  # fmt: skip
    basic = base64.b64encode(b"shop:secret").decode()
    request = urllib.request.Request(found["token_endpoint"], form.encode(), {"Authorization": f"Basic {basic}"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["id_token"]
