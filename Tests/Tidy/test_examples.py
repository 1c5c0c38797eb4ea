"""Every example file is valid: by the schema that ships in docs/, and by the gateway itself when it has been built."""
import glob
import json
import os
import re
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


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_gateway_accepts_the_example(path, martlet):
    checked = subprocess.run([martlet, "check", "--config", path], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_schema_refuses_what_the_gateway_refuses(schema):
    """A schema that accepts everything would pass every test above."""
    document = load(os.path.join(ROOT, "routes.yaml"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for key, value in [("version", 2), ("listeners", []), ("routez", []), ("upstreams", {"a": {"endpoints": 7}})]:
        assert not validator.is_valid(document | {key: value}), f"the schema accepts {key}: {value}"
