"""Every example file is valid: by the schema that ships in docs/, and by the gateway itself when it has been built."""
import glob
import json
import os
import re
import shutil
import subprocess

import jsonschema
import pytest
import yaml

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SCHEMA = os.path.join(ROOT, "docs", "routes.schema.json")
EXAMPLES = [os.path.join(ROOT, "routes.yaml"), *sorted(glob.glob(os.path.join(ROOT, "docs", "examples", "**", "*.yaml"),
                                                              recursive=True))]
MARTLET = os.environ.get("MARTLET", "")


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, by which editors and the gateway read: `off` and `no` are text, `22:22` is no number."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, expression, firsts in [
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
]:
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(expression), list(firsts))


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, CoreLoader)


def name(path):
    return os.path.relpath(path, ROOT)


@pytest.fixture(scope="session")
def schema():
    with open(SCHEMA, encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(scope="session")
def martlet():
    if not os.access(MARTLET, os.X_OK):
        pytest.skip("MARTLET names no binary")
    return MARTLET


def test_schema_is_a_schema(schema):
    jsonschema.validators.validator_for(schema).check_schema(schema)


def test_schema_is_what_the_gateway_prints(schema, martlet):
    printed = subprocess.run([martlet, "schema"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert json.loads(printed) == schema, "docs/routes.schema.json is old: martlet schema > docs/routes.schema.json"


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_example_follows_the_schema(path, schema):
    validator = jsonschema.validators.validator_for(schema)(schema)
    problems = [f"{name(path)}: {'/'.join(map(str, error.absolute_path)) or 'the file'}: {error.message}"
                for error in validator.iter_errors(load(path))]
    assert not problems, "\n".join(problems)


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


def make_certificates(folder, files):
    """One certificate, signed by itself, stands for all that an example names; the reader of the example has better ones."""
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key",
            "-out", "certificate", "-days", "30", "-subj", "/CN=example", "-addext", "subjectAltName=DNS:example.com",
            "-set_serial", "1")  # fmt: skip
    with open(os.path.join(folder, "index"), "w", encoding="ascii") as index:
        index.write("V\t400101000000Z\t\t01\tunknown\t/CN=example\n")
    openssl(folder, "ocsp", "-index", "index", "-rsigner", "certificate", "-rkey", "key", "-CA", "certificate", "-issuer",
            "certificate", "-serial", "0x01", "-respout", "ocsp", "-ndays", "1")  # fmt: skip
    for file in files:
        os.makedirs(os.path.dirname(os.path.join(folder, file)), exist_ok=True)
        kind = {".key": "key", ".ocsp": "ocsp"}.get(os.path.splitext(file)[1], "certificate")
        shutil.copy(os.path.join(folder, kind), os.path.join(folder, file))


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_gateway_accepts_the_example(path, martlet, tmp_path):
    copy = shutil.copy(path, tmp_path / "routes.yaml")
    with open(path, encoding="utf-8") as example:
        files = set(re.findall(r"certs/[a-z-]+\.[a-z]+", example.read()))
    if files:
        make_certificates(tmp_path, files)
    checked = subprocess.run([martlet, "check", "--config", copy], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "warning" not in checked.stderr, checked.stderr


def test_schema_refuses_what_the_gateway_refuses(schema):
    """A schema that accepts everything would pass every test above."""
    document = load(os.path.join(ROOT, "routes.yaml"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for key, value in [("version", 2), ("listeners", []), ("routez", []), ("upstreams", {"a": {"endpoints": 7}})]:
        assert not validator.is_valid(document | {key: value}), f"the schema accepts {key}: {value}"
