"""docs/metrics.md says what the metrics page has, and the page is what Prometheus' own tools accept."""

import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.busy_gateway import BusyGateway
from support.configuration import everything_to
from support.metric_docs import documented
from support.waiting import PATIENCE, wait_until


@pytest.fixture(scope="module")
def page(module_fleet, tmp_path_factory):
    busy = BusyGateway(module_fleet, tmp_path_factory.mktemp("certificates"))
    busy.traffic()
    wait_until(lambda: busy.gateway.metric("martlet_upstream_endpoint_checks_total", outcome="failed") > 0, "a check has failed")
    status, text = busy.gateway.get_admin("/metrics")
    assert status == 200
    yield text
    busy.stop()


@pytest.fixture(scope="module")
def bare_page(module_fleet, module_origin):
    """The page of a gateway with no settings but the ones that must be."""
    gateway = module_fleet.gateway(everything_to(module_origin))
    with gateway.client() as client:
        client.get(b"/")
    gateway.wait_metric("martlet_requests_total", 1, code="2xx")
    return gateway.get_admin("/metrics")[1]


def families(text):
    """Type and labels of each family that has samples."""
    found = {}
    for family in text_string_to_metric_families(text):
        if family.samples:
            # The parser takes `_total` off the names of counters.
            name = family.name + ("_total" if family.type == "counter" else "")
            labels = {label for sample in family.samples for label in sample.labels}
            found[name] = (family.type, frozenset(labels - {"le"} if family.type == "histogram" else labels))
    return found


def test_every_family_is_documented(page):
    docs = documented()
    for name, (kind, labels) in families(page).items():
        assert name in docs, f"docs/metrics.md does not have {name}"
        assert (docs[name].type, docs[name].labels) == (kind, labels), name


def test_every_documented_family_is_there(page):
    missing = set(documented()) - set(families(page))
    assert not missing, f"docs/metrics.md promises {sorted(missing)}"


def test_what_needs_a_setting_is_not_there_without(bare_page):
    shown = families(bare_page)
    for name, family in documented().items():
        assert (name in shown) == (family.only_with is None), name


@pytest.mark.parametrize("which", ["page", "bare_page"])
def test_promtool_has_nothing_to_say(request, which):
    text = request.getfixturevalue(which)
    result = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@pytest.mark.parametrize("which", ["page", "bare_page"])
def test_no_name_and_no_series_comes_twice(request, which):
    """Names are compared as OpenMetrics does, where a counter is called without its `_total`."""
    names, series = set(), set()
    for family in text_string_to_metric_families(request.getfixturevalue(which)):
        assert family.name not in names, family.name
        names.add(family.name)
        assert family.type in ("counter", "gauge", "histogram"), family
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in series, key
            series.add(key)
            assert family.documentation
