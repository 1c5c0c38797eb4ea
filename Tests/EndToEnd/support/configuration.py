"""Writes routes.yaml from plain values, in block style."""

import json
import re

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*|[0-9]+(ms|s|m|h|B|KiB|MiB|GiB)|[0-9.]+:[0-9]+")
_WORDS = {"true", "false", "null", "yes", "no", "on"}


def _scalar(value):
    if value is None:
        return "null"
    if isinstance(value, (bool, int)):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def yaml(value, depth=0):
    """The lines of `value` as YAML."""
    space = "  " * depth
    if isinstance(value, dict) and value:
        return "".join(_entry(f"{space}{_scalar(key)}:", each, depth) for key, each in value.items())
    if isinstance(value, list) and value:
        return "".join(_entry(f"{space}-", each, depth) for each in value)
    return f"{space}{_empty_or_scalar(value)}\n"


def _empty_or_scalar(value):
    if value == {}:
        return "{}"
    if value == []:
        return "[]"
    return _scalar(value)


def _entry(lead, value, depth):
    if isinstance(value, (dict, list)) and value:
        return f"{lead}\n{yaml(value, depth + 1)}"
    return f"{lead} {_empty_or_scalar(value)}\n"


def upstream(*origins, **options):
    """An upstream with the addresses of origins, or `host:port` texts."""
    endpoints = [each if isinstance(each, str) else each.address for each in origins]
    return {"endpoints": endpoints, **{key.replace("_", "-"): value for key, value in options.items()}}


def forward(route_id, to="origin", filters=None, priority=None, **match):
    """A forwarding route; keywords are predicates of its match."""
    return route(route_id, {"forward": to}, filters, priority, **match)


def respond(route_id, status=200, body="", priority=None, **match):
    answer = {"status": status, "body": body} if body else status
    return route(route_id, {"respond": answer}, None, priority, **match)


def route(route_id, action, filters=None, priority=None, **match):
    entry = {"id": route_id}
    if priority is not None:
        entry["priority"] = priority
    if match:
        entry["match"] = match
    if filters:
        entry["filters"] = filters
    return {**entry, **action}


def configuration(upstreams=None, routes=None, timeouts=None, limits=None, listeners=None, access_log="access.log", admin=True):
    """A whole file: one listener on a free port, the admin listener on another, the access log beside the file."""
    whole = {"version": 1, "listeners": listeners or [{"name": "public", "address": "127.0.0.1:0"}]}
    whole["admin"] = {"address": "127.0.0.1:0" if admin else "off", "access-log": access_log}
    defaults = {key: value for key, value in (("timeouts", timeouts), ("limits", limits)) if value}
    if defaults:
        whole["defaults"] = defaults
    whole["upstreams"] = upstreams or {}
    whole["routes"] = routes or []
    return whole


def everything_to(origin, **options):
    """The shortest useful gateway: every request goes to one origin."""
    return configuration({"origin": upstream(origin)}, [forward("all")], **options)
