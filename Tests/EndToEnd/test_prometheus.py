"""deploy/: a real Prometheus scrapes with our configuration, and every rule and every panel asks for what there is."""

import json
import re
import subprocess

import pytest
import yaml

from support.busy_gateway import BusyGateway
from support.gateway import REPOSITORY
from support.metric_docs import documented
from support.prometheus import DEPLOY, Prometheus
from support.waiting import PATIENCE, wait_until

RULES = yaml.safe_load((DEPLOY / "martlet.rules.yml").read_text())
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"]}
DASHBOARD = json.loads((REPOSITORY / "deploy" / "grafana" / "martlet.json").read_text())

#: Alerts that see something under this load, or may: `absent` has no endpoint that answers, `flaky` one of two.
LOUD = {
    "MartletNoEndpoint", "MartletEndpointOut", "MartletUpstreamFails", "MartletServerErrors", "MartletManyRetries",
    "MartletEndpointFlaps", "MartletSlow", "MartletBreakerOpen",
}  # fmt: skip

#: Panels whose query may have no result, as they show exceptions alone.
MAY_BE_EMPTY = {
    "martlet_downstream_tls_failures_total": "only reasons that have occurred, and no handshake has failed",
    "martlet_upstream_tls_failures_total": "only upstreams that have failed, and none speaks TLS",
    "martlet_trace_headers_ignored_total": "only reasons that have occurred, and no client sends any",
    "changes(martlet_reloads_total": "marks reloads, and there was none",
}


@pytest.fixture(scope="module")
def busy(module_fleet, tmp_path_factory):
    busy = BusyGateway(module_fleet, tmp_path_factory.mktemp("certificates"))
    yield busy
    busy.stop()


@pytest.fixture(scope="module")
def prometheus(busy, tmp_path_factory):
    prometheus = Prometheus(tmp_path_factory.mktemp("prometheus"), ["%s:%d" % busy.gateway.admin])
    try:
        scraped_under_load(prometheus, busy)
        yield prometheus
    finally:
        prometheus.stop()


def scraped_under_load(prometheus, busy):
    """Rates need scrapes with requests between them, and some alerts want a little more than one request in ten seconds."""
    for scrapes in (1, 3, 6):
        busy.traffic(rounds=40)
        wait_until(lambda: count_scrapes(prometheus) >= scrapes, f"{scrapes} scrapes", 20)


def count_scrapes(prometheus):
    result = prometheus.query('count_over_time(up{job="martlet"}[5m])')
    return int(result[0]["value"][1]) if result else 0


def dashboard_queries():
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield f"{panel['title']} {target['refId']}", target["expr"]
    for annotation in DASHBOARD["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


def filled_in(expression):
    """What Grafana makes of a query with all variables at `All`."""
    return re.sub(r"\$(job|instance|route|upstream)\b", ".*", expression.replace("$__rate_interval", "1m"))


def without_thresholds(expression):
    """The expression with its comparisons answering 0 or 1: its result is empty only if there is nothing to compare."""
    return re.sub(r"(==|!=|>=|<=|>|<) (?=[\d.])", r"\1 bool ", expression)


def test_it_scrapes(prometheus):
    (target,) = prometheus.targets()
    assert (target["health"], target["lastError"]) == ("up", "")
    series = int(prometheus.query("scrape_samples_scraped")[0]["value"][1])
    assert series > 300
    assert int(prometheus.query("scrape_samples_post_metric_relabeling")[0]["value"][1]) == series


@pytest.mark.parametrize("name", dict(dashboard_queries()))
def test_a_query_of_the_dashboard(prometheus, name):
    query = dict(dashboard_queries())[name]
    result = prometheus.query(filled_in(query))
    reasons = [reason for part, reason in MAY_BE_EMPTY.items() if part in query]
    assert result or reasons, query
    for series in result:
        # A quotient of nothing by nothing would be a gap in the panel.
        assert series["value"][1] != "NaN" or "/" in query or "quantile" in query, (query, series)


@pytest.mark.parametrize("name", MAY_BE_EMPTY)
def test_what_may_be_empty_has_series_below(prometheus, name):
    metric = re.search(r"martlet_\w+", name).group(0)
    assert prometheus.query(metric), metric


def test_the_variables_of_the_dashboard_have_values(prometheus):
    variables = {each["name"]: each["query"]["query"] for each in DASHBOARD["templating"]["list"] if each["type"] == "query"}
    assert set(variables) == {"job", "instance", "route", "upstream"}
    for query in variables.values():
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
        assert all(label in series["metric"] for series in prometheus.query(filled_in(selector))), query
        assert prometheus.query(filled_in(selector)), query


def test_promtool_accepts_configuration_and_rules():
    for command in (["config", "prometheus.yml"], ["rules", "--lint=all", "--lint-fatal", "martlet.rules.yml"]):
        result = subprocess.run(
            ["promtool", "check", *command], cwd=DEPLOY, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_looks_at_what_there_is(prometheus, name):
    expression = ALERTS[name]["expr"]
    prometheus.query(expression)
    changed = without_thresholds(expression)
    assert changed != expression and prometheus.query(changed), changed


def test_the_alerts_that_ought_to_see_something_do(prometheus):
    for name, label, value in [
        ("MartletNoEndpoint", "upstream", "absent"), ("MartletEndpointOut", "upstream", "absent"),
        ("MartletServerErrors", "route", "absent"),
    ]:  # fmt: skip
        assert value in [series["metric"].get(label) for series in prometheus.query(ALERTS[name]["expr"])], name


def test_the_alerts_that_ought_to_be_quiet_are(prometheus):
    for name in set(ALERTS) - LOUD:
        assert not prometheus.query(ALERTS[name]["expr"]), name


def test_every_rule_is_evaluated(prometheus):
    groups = prometheus.ask("rules")["groups"]
    assert sum(len(group["rules"]) for group in groups) == len(ALERTS)

    def healthy():
        return all(rule["health"] == "ok" for group in prometheus.ask("rules")["groups"] for rule in group["rules"])

    wait_until(healthy, "all rules have run")


def test_each_alert_says_what_to_do():
    for name, rule in ALERTS.items():
        assert set(rule["annotations"]) == {"summary", "action"} and rule["labels"]["severity"] in ("page", "ticket"), name


def test_rules_and_dashboard_name_documented_metrics_only():
    known = set(documented())
    for name, expression in [*dashboard_queries(), *((name, rule["expr"]) for name, rule in ALERTS.items())]:
        for metric in re.findall(r"\b(?:martlet|process)_\w+", expression):
            assert re.sub(r"_(bucket|sum|count)$", "", metric) in known, (name, metric)
