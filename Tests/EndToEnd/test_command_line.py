"""The commands: check, routes, explain, version, schema, and how `run` refuses."""

import json
import re

import pytest

from support.configuration import configuration, forward, respond, yaml
from support.gateway import run_command

GOOD = configuration(
    {"origin": {"endpoints": ["127.0.0.1:9000"]}, "unused": {"endpoints": ["127.0.0.1:9001"]}},
    [
        forward("products", path="/api/products/**", host="api.example.com", methods=["GET"], filters=[{"strip-prefix": "/api"}]),
        forward("item", path="/items/{id}", headers={"x-env": {"equal": "staging"}}),
        respond("hello", 200, "hello\n", path="/hello"),
    ],
)

BAD = """\
version: 1
listeners:
  - address: 127.0.0.1:0
upstreams:
  origin:
    endpoints: [127.0.0.1:9000]
routes:
  - id: one
    match: { pth: /a }
    forward: origin
  - id: one
    forward: orgin
  - id: three
    match: { path: "~/(" }
    forward: origin
  - id: four
    match: { path: /x }
    forward: origin
    respond: 200
"""


@pytest.fixture
def write(tmp_path):
    def write(config):
        path = tmp_path / "routes.yaml"
        path.write_text(config if isinstance(config, str) else yaml(config))
        return path

    return write


def test_a_good_file_passes(write):
    result = run_command("check", "--config", write(GOOD))
    assert result.returncode == 0, result.stderr


def test_the_default_file_is_routes_yaml(write):
    path = write(GOOD)
    assert run_command("check", folder=path.parent).returncode == 0


def test_every_problem_of_a_bad_file_is_told_at_once_with_its_place(write):
    path = write(BAD)
    result = run_command("check", "--config", path)
    assert result.returncode == 1
    text = result.stdout + result.stderr
    lines = {int(line) for line in re.findall(r"routes\.yaml:(\d+):\d+: ", text)}
    assert {9, 11, 12, 14} <= lines and lines & {16, 18, 19}, text
    assert "did you mean" in text and "path" in text and "origin" in text
    assert re.search(r"^\s*\|?\s*[~^]*\^", text, re.MULTILINE), "no caret"


def test_the_problems_are_available_as_json(write):
    path = write(BAD)
    result = run_command("check", "--config", path, "--format", "json")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    errors = [problem for problem in report["problems"] if problem["severity"] == "error"]
    assert report["file"].endswith("routes.yaml") and len(errors) >= 5
    unknown = next(problem for problem in errors if problem["line"] == 9)
    assert unknown["code"] == "unknown-key" and unknown["column"] == 14 and unknown["suggestion"] == "path" and unknown["message"]


def test_a_good_file_as_json_has_no_errors(write):
    result = run_command("check", "--config", write(GOOD), "--format", "json")
    assert result.returncode == 0
    assert not [each for each in json.loads(result.stdout)["problems"] if each["severity"] == "error"]


@pytest.mark.parametrize("text, place", [
    ("", None),
    ("version: 2\nlisteners: [{address: '127.0.0.1:0'}]\nroutes: []\n", "1:10"),
    ("version: 1\nroutes: []\n", None),
    ("version: 1\nlisteners: [{address: 'nonsense'}]\nroutes: []\n", "2:23"),
    ("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\nroutes: [\n", None),
    ("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\ndefaults: {timeouts: {idle: 10}}\n", "3:29"),
    ("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\ndefaults: {limits: {request-body: lots}}\n", "3:35"),
    ("version: 1\nversion: 1\nlisteners: [{address: '127.0.0.1:0'}]\n", "2:1"),
    ("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\nupstreams: {a: {endpoints: []}}\n", None),
    ("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\nroutes: [{id: a}]\n", None),
    ("version: 1\nlisteners: [{address: '127.0.0.1:0'}]\nroutes: [{id: a, respond: 99}]\n", "3:27"),
    ("a: &a [*a]\n", None), ("- 1\n- 2\n", None), ("{" * 5000, None), ("\0", None), ("\xff\xfe", None), ("version: 1\n\tlisteners: x\n", None),
    ("a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n", None),
])  # fmt: skip
def test_a_bad_file_is_refused_where_it_is_bad(write, text, place):
    result = run_command("check", "--config", write(text))
    assert result.returncode == 1, (result.returncode, result.stdout, result.stderr)
    assert "routes.yaml:" in result.stderr + result.stdout
    if place:
        assert f"routes.yaml:{place}:" in result.stderr + result.stdout, result.stderr


def test_a_missing_file_is_an_error(tmp_path):
    result = run_command("check", "--config", tmp_path / "nothing.yaml")
    assert result.returncode == 1 and "nothing.yaml" in result.stderr


def test_run_refuses_a_bad_file(write):
    result = run_command("run", "--config", write(BAD))
    assert result.returncode == 1 and "routes.yaml:9:" in result.stderr


def test_run_tells_when_it_cannot_listen(fleet, write):
    gateway = fleet.gateway(GOOD)
    taken = {**GOOD, "listeners": [{"name": "public", "address": "127.0.0.1:%d" % gateway.address[1]}]}
    result = run_command("run", "--config", write(taken))
    assert result.returncode == 3 and str(gateway.address[1]) in result.stderr


def test_the_routes_are_listed_in_the_order_they_are_tried(write):
    path = write(GOOD)
    result = run_command("routes", "--config", path)
    assert result.returncode == 0
    assert all(each in result.stdout for each in ("products", "item", "hello", "/api/products/**", "api.example.com"))
    listed = json.loads(run_command("routes", "--config", path, "--format", "json").stdout)
    assert {"products", "item", "hello"} <= set(re.findall(r'"([a-z]+)"', json.dumps(listed)))


def test_the_routes_of_a_bad_file_are_not_listed(write):
    assert run_command("routes", "--config", write(BAD)).returncode == 1


def test_explain_names_the_winner_its_filters_and_its_endpoint(write):
    result = run_command("explain", "GET", "http://api.example.com/api/products/7?x=1", "--config", write(GOOD))
    assert result.returncode == 0, result.stderr
    assert all(each in result.stdout for each in ("products", "strip-prefix", "127.0.0.1:9000"))


def test_explain_names_the_first_predicate_that_failed(write):
    path = write(GOOD)
    result = run_command("explain", "GET", "http://a/items/7", "--config", path)
    assert result.returncode == 4 and "item" in result.stdout and "x-env" in result.stdout
    result = run_command("explain", "GET", "http://a/items/7", "-H", "X-Env: staging", "--config", path)
    assert result.returncode == 0 and "item" in result.stdout


def test_explain_as_json_is_json(write):
    result = run_command("explain", "GET", "http://a/hello", "--format", "json", "--config", write(GOOD))
    assert result.returncode == 0 and "hello" in json.dumps(json.loads(result.stdout))


@pytest.mark.parametrize("url", ["http://a/%2e%2e/x", "http://a/%00", "http://a/%2f", "nonsense"])
def test_explain_of_a_request_that_would_be_refused_does_not_crash(write, url):
    result = run_command("explain", "GET", url, "--config", write(GOOD))
    assert result.returncode in (1, 4, 64), (result.returncode, result.stdout, result.stderr)


def test_the_version_is_told():
    result = run_command("version")
    assert result.returncode == 0 and re.search(r"\d+\.\d+\.\d+", result.stdout)


def test_the_schema_is_a_json_schema():
    result = run_command("schema")
    schema = json.loads(result.stdout)
    assert result.returncode == 0 and "$schema" in schema
    assert {"version", "listeners", "admin", "defaults", "filter-sets", "issuers", "upstreams", "routes"} <= set(schema["properties"])


@pytest.mark.parametrize("arguments", [["nonsense"], ["check", "--nonsense"], ["explain"], ["check", "--format", "xml"]])
def test_wrong_usage_is_64(arguments):
    assert run_command(*arguments).returncode == 64


@pytest.mark.parametrize("command", ["reload", "drain"])
def test_nobody_to_talk_to_is_2(write, command):
    assert run_command(command, "--config", write(GOOD)).returncode == 2


def test_admin_can_be_off(fleet):
    gateway = fleet.gateway(configuration({}, [respond("hello", 200, "hello\n")], admin=False))
    with gateway.client() as client:
        assert client.get().body == b"hello\n"
    assert gateway.admin is None
