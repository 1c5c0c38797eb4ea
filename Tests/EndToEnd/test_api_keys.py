"""Keys that clients show to be known by name."""

import hashlib

import pytest

from support.configuration import configuration, forward, upstream
from support.gateway import run_command


def digest(key):
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


@pytest.fixture(scope="module")
def gateway(module_fleet, module_origin):
    keys = {"partner": digest("s3cret-of-partner"), "batch": digest("batch key with spaces")}
    routes = [
        forward("header", path="/header/**", filters=[{"api-key": {"keys": keys, "name-header": "X-Consumer"}}]),
        forward("kept", path="/kept/**", filters=[{"api-key": {"keys": keys, "header": "x-token", "forward-key": True}}]),
        forward("query", path="/query/**", filters=[{"api-key": {"keys": keys, "query": "key"}}]),
    ]
    return module_fleet.gateway(configuration({"origin": upstream(module_origin)}, routes))


def ask(gateway, target, *fields):
    with gateway.client() as client:
        return client.get(target, fields=list(fields))


def test_a_known_key(gateway, origin):
    for key, name in ((b"s3cret-of-partner", b"partner"), (b"batch key with spaces", b"batch")):
        origin.forget()
        assert ask(gateway, b"/header/1", b"X-API-Key: " + key, b"X-Consumer: root").status == 200
        seen = origin.seen()[0]
        assert seen.fields.all(b"X-Consumer") == [name]
        assert b"X-Api-Key" not in seen.fields
    origin.forget()
    assert ask(gateway, b"/kept/1", b"X-Token: s3cret-of-partner").status == 200
    assert origin.seen()[0].fields.one(b"X-Token") == b"s3cret-of-partner"
    record = gateway.wait_access_record(lambda each: each["target"] == "/kept/1")
    assert record["subject"] == "partner"


@pytest.mark.parametrize(
    "fields",
    [[], [b"X-API-Key:"], [b"X-API-Key: wrong"], [b"X-API-Key: s3cret-of-partne"], [b"X-API-Key: S3cret-of-partner"],
     [b"X-API-Key: s3cret-of-partner", b"x-api-key: s3cret-of-partner"], [b"X-Token: s3cret-of-partner"],
     [b"X-API-Key: " + b"a" * 5000]],
)  # fmt: skip
def test_no_known_key(gateway, origin, fields):
    response = ask(gateway, b"/header/1", *fields)
    assert response.status == 401 and response.problem_word() == "key-invalid"
    assert response.fields.one(b"WWW-Authenticate") == b"ApiKey"
    assert not origin.targets()


def test_a_key_in_the_query_stays_out_of_the_log(gateway):
    assert ask(gateway, b"/query/1?a=b&key=s3cret-of-partner&c=d").status == 200
    assert ask(gateway, b"/query/2?key=s3cret").status == 401
    assert ask(gateway, b"/query/3").status == 401
    record = gateway.wait_access_record(lambda each: each["target"].startswith("/query/1"))
    assert record["target"] == "/query/1?a=b&key=***&c=d"
    gateway.wait_access_record(lambda each: each["target"] == "/query/2?key=***")
    assert "s3cret" not in (gateway.folder / "access.log").read_text()


def test_a_key_itself_has_no_place_in_the_file(tmp_path):
    (tmp_path / "routes.yaml").write_text(
        'version: 1\nlisteners: [{ address: ":0" }]\nupstreams: { u: { endpoints: ["u:1"] } }\nroutes:\n'
        '  - { id: a, forward: u, filters: [{ api-key: { keys: { partner: s3cret } } }] }\n'
    )
    shown = run_command("check", "--config", str(tmp_path / "routes.yaml"))
    assert shown.returncode == 1 and "sha256sum" in shown.stdout + shown.stderr
