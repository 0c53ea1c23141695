"""Every metric: documented, of its type, with bounded labels, and moved by what it measures."""

import asyncio
import re
import time

import broker as brokers
import http_client
from waiting import wait_until

ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) ?\| (.+) \|$", re.M)


def documented():
    page = (brokers.ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- metrics:begin -->\n(.*?)<!-- metrics:end -->", page, re.S).group(1)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels, _ in ROW.findall(table)}


def exposed(metrics):
    """Name to type and the labels that every series of it has."""
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", metrics.text, re.M))
    found = {}
    for name, labels, _ in metrics.samples:
        family = name if name in kinds else re.sub(r"_(bucket|sum|count)$", "", name)
        keys = set(labels) - {"le"}
        assert found.setdefault(family, (kinds[family], keys)) == (kinds[family], keys), f"{name}: series with other labels"
    return found


def values_of_labels(metrics):
    return {(name, key, value) for name, labels, _ in metrics.samples for key, value in labels.items()}


def post(node, path, headers=(), body=b"{}"):
    return asyncio.run(http_client.request(node.port, "POST", path, headers, body))


def test_the_table_is_what_the_program_exposes(nodes):
    node = nodes().start("ready")
    assert exposed(node.metrics()) == documented()


def test_traffic_moves_what_measures_it(nodes):
    node = nodes().start("ready")
    began = time.time()
    node.command("send", "--all", "--config", str(node.config), "--count", "3")
    assert post(node, "/in/kiosk").status in (401, 403)
    assert post(node, "/in/kiosk", [("Transfer-Encoding", "gzip")]).status in (400, 501)
    node.check_ledger()
    node.reload()
    wait_until(lambda: node.metrics().sum("switchboard_app_reloads_total", result="accepted") == 1)
    awaited = ("switchboard_publish_heartbeats_total", "switchboard_journal_published_unit", "switchboard_app_ready")
    metrics = wait_until(lambda: found if all((found := node.metrics()).sum(name) > 0 for name in awaited) else None)
    for source, connector in (("kiosk", "kiosk"), ("twilio", "twilio-messaging"), ("webhook", "webhook")):
        for histogram, labels in (("switchboard_app_acknowledgement_seconds", {}), ("switchboard_app_acknowledgement_deadline_ratio", {"connector": connector})):
            assert metrics.sum(f"{histogram}_count", source=source, **labels) == 3
            assert metrics.sum(f"{histogram}_sum", source=source, **labels) > 0
            assert metrics.sum(f"{histogram}_bucket", source=source, le="+Inf", **labels) == 3
        assert began - 1 <= metrics.sum("switchboard_app_last_accepted_timestamp_seconds", source=source) <= time.time() + 1
        kept = [metrics.sum("switchboard_app_requests_total", source=source, outcome=outcome) for outcome in ("accepted", "quarantined")]
        assert kept[0] > 0 and sum(kept) == 3
        assert metrics.sum("switchboard_app_items_total", source=source, outcome="accepted") > 0
    for histogram in ("switchboard_journal_sync_seconds", "switchboard_journal_group_units", "switchboard_publish_lag_seconds", "switchboard_publish_end_to_end_seconds"):
        assert metrics.sum(f"{histogram}_count") > 0 and metrics.sum(f"{histogram}_sum") > 0, histogram
    for name in ("journal_groups_total", "journal_units_total", "journal_appended_bytes_total", "journal_bytes", "journal_max_bytes", "journal_appended_unit",
                 "journal_durable_unit", "journal_published_unit", "journal_dedupe_entries", "publish_heartbeats_total", "net_connections", "net_connections_total"):
        assert metrics.sum(f"switchboard_{name}") > 0, name
    assert metrics.sum("switchboard_app_dedupe_window_seconds") == 8 * 24 * 3600
    assert metrics.sum("switchboard_app_verification_failures_total", source="kiosk", reason="missing_signature") == 1
    assert metrics.sum("switchboard_net_refusals_total", listener="intake") == 1
    assert metrics.sum("switchboard_net_requests_total", listener="intake", **{"class": "2xx"}) == 9
    assert metrics.sum("switchboard_publish_delivered_total", topic="inbound") > 0
    assert metrics.sum("switchboard_app_backlog_bytes") == 0 and metrics.sum("switchboard_app_journal_full_in_seconds") >= -1
    assert metrics.sum("switchboard_publish_outage") == 0


def test_an_outage_of_kafka_shows(nodes):
    """Nothing listens where Kafka should be: age and bytes of what waits grow, and the time until the journal is full is told."""
    node = nodes({"journal": {"max_size": "8MiB"}})
    node.configuration["kafka"].pop("embedded")
    node.configuration["kafka"]["bootstrap.servers"] = "127.0.0.1:1"
    node.write_config()
    node.start("ready")
    node.command("send", "--all", "--config", str(node.config))
    first = wait_until(lambda: found if (found := node.metrics()).sum("switchboard_app_backlog_age_seconds") > 0 else None)
    assert first.sum("switchboard_app_backlog_bytes") > 0
    wait_until(lambda: node.metrics().sum("switchboard_publish_outage") == 1)

    def filling():
        node.command("send", "--all", "--config", str(node.config), "--count", "50")
        metrics = node.metrics()
        grown = all(metrics.sum(name) > first.sum(name) for name in ("switchboard_app_backlog_age_seconds", "switchboard_app_backlog_bytes"))
        return grown and 0 < metrics.sum("switchboard_app_journal_full_in_seconds") < 1e7

    wait_until(filling)

    def full():
        node.command("send", "webhook", "--config", str(node.config), "--count", "200", check=False)
        metrics = node.metrics()
        return metrics.sum("switchboard_app_shed_total", source="webhook", reason="journal_full") > 0

    wait_until(full, 120)


def test_nobody_outside_makes_a_label(nodes):
    node = nodes().start("ready")
    node.command("send", "--all", "--config", str(node.config))
    node.check_ledger()
    before = values_of_labels(node.metrics())
    for i in range(50):
        hostile = f"hostile-{i}"
        post(node, f"/in/{hostile}")
        post(node, f"/in/kiosk?{hostile}", [("Kiosk-Device", hostile), ("Kiosk-Signature", f"v1={hostile}"), (hostile, hostile)])
        post(node, "/in/twilio", [("X-Twilio-Signature", hostile), ("User-Agent", hostile), ("X-Request-Id", hostile), ("traceparent", hostile)])
        post(node, "/in/webhook", [("webhook-id", hostile), ("webhook-timestamp", hostile), ("webhook-signature", f"v1,{hostile}"), ("Content-Type", f"x/{hostile}")])
        node.admin_get(f"/{hostile}")
    new = values_of_labels(node.metrics()) - before
    assert not [label for label in new if "hostile" in label[2]], new
    assert not new, "every series is there from the start"
    node.check_ledger()
