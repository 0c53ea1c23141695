"""A running broker from outside: its admin listener, its signals, what it captures and what it gives back."""

import hashlib
import json
import os
import pathlib
import re
import signal
import time

import broker as brokers
import http_client
import jsonschema
import schema_check
import yaml
from waiting import wait_until


def tail(node, count, *arguments):
    told = node.command("tail", "--config", str(node.config), "--from-beginning", "--json", "--count", str(count), *arguments)
    events = [json.loads(line) for line in told.stdout.splitlines()]
    assert schema_check.problems_of_events(events) == []
    return events


def test_every_connector_reaches_kafka(nodes):
    node = nodes().start("ready")
    sent = node.command("send", "--all", "--config", str(node.config))
    assert len(sent.stdout.splitlines()) == 3, sent
    metrics = node.check_ledger()
    events = int(sum(value for _, value in metrics.all("switchboard_app_items_total", outcome="accepted")))
    read = tail(node, events)
    assert {one["source"].rsplit("/", 1)[1] for one in read} == {"kiosk", "twilio", "webhook"}
    for one in read:
        assert one["id"] == one["data"]["event"]["id"] and one["sbseq"].isdigit() and len(one["sbseq"]) == 20
    one_channel = tail(node, 1, "--channel", "sms")
    assert one_channel[0]["channel"] == "sms"
    key = read[0]["partitionkey"]
    assert tail(node, 1, "--key", key)[0]["partitionkey"] == key
    assert tail(node, 1, "--source", "webhook")[0]["source"].endswith("/webhook")
    for source in ("kiosk", "twilio", "webhook"):
        assert metrics.sum("switchboard_app_acknowledgement_seconds_count", source=source) == 1
        assert metrics.sum("switchboard_app_last_accepted_timestamp_seconds", source=source) > time.time() - 600


def test_admin_pages(nodes):
    node = nodes({"admin": {"blob_tokens": {"acme": brokers.SECRET + "blob-token"}}}).start("ready")
    health = json.loads(node.admin_get("/healthz").body)
    assert health["status"] == "ok" and {check["name"] for check in health["checks"]} == {"network", "journal", "publisher"}
    status = node.status()
    assert status["ready"] and status["kafka"]["embedded"] and ":" in status["kafka"]["bootstrap"]
    document = yaml.safe_load((brokers.ROOT / "schemas" / "openapi.yaml").read_text(encoding="utf-8"))
    schema = {"$ref": "#/components/schemas/status", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(status)
    described = document["components"]["schemas"]["status"]["properties"]
    for part, told in (("journal", status["journal"]), ("kafka", status["kafka"]), ("sources", status["sources"][0])):
        assert told.keys() <= described[part].get("items", described[part])["properties"].keys(), f"the document does not know all of {part}"
    assert [source["path"] for source in status["sources"]] == ["/in/kiosk", "/in/twilio", "/in/webhook"]
    schema = node.admin_get("/schemas/contact.message.received.v1.json")
    assert schema.status == 200 and "$schema" in json.loads(schema.body)
    assert node.admin_get("/blobs/acme/20261122/" + "0" * 64).status == 401
    token = [("Authorization", f"Bearer {brokers.SECRET}blob-token")]
    assert node.admin_get("/blobs/acme/20261122/" + "0" * 64, token).status == 404
    for page in ("/healthz", "/readyz", "/status", "/metrics"):
        assert brokers.SECRET not in node.admin_get(page).body.decode()


def test_a_large_attachment_is_read_with_little_memory(nodes):
    node = nodes({"admin": {"blob_tokens": {"acme": brokers.SECRET + "blob-token"}}}).start("ready")
    size, digest = 160 << 20, "ab" * 32
    file = node.directory / "journal" / "blobs" / "acme" / time.strftime("%Y%m%d", time.gmtime()) / digest
    file.parent.mkdir(parents=True)
    piece = bytes(range(251)) * 4177
    with open(file, "wb") as out:
        while out.tell() < size:
            out.write(piece)
    size = file.stat().st_size

    def most_memory():
        told = pathlib.Path(f"/proc/{node.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmHWM:\s+(\d+) kB", told).group(1)) << 10

    token = [("Authorization", f"Bearer {brokers.SECRET}blob-token")]
    path = f"/blobs/acme/{file.parent.name}/{digest}"
    before = most_memory()
    read = node.admin_get(path, token)
    assert read.status == 200 and len(read.body) == size and read.headers["accept-ranges"] == "bytes"
    with open(file, "rb") as stored:
        assert hashlib.sha256(read.body).digest() == hashlib.file_digest(stored, "sha256").digest()
    part = node.admin_get(path, [*token, ("Range", f"bytes=1000-{size - 2001}")])
    assert part.status == 206 and part.body == read.body[1000:-2000]
    assert part.headers["content-range"] == f"bytes 1000-{size - 2001}/{size}"
    assert most_memory() - before < 32 << 20, "the attachment was held in memory"


def test_what_is_refused_says_why(nodes):
    node = nodes().start("ready")

    def post(path, headers=()):
        import asyncio
        return asyncio.run(http_client.request(node.port, "POST", path, headers, b"{}"))

    unsigned = post("/in/kiosk")
    assert unsigned.status in (401, 403) and json.loads(unsigned.body)["error"]["code"] == "missing_signature"
    assert post("/in/nobody").status == 404
    assert node.metrics().sum("switchboard_app_verification_failures_total", source="kiosk", reason="missing_signature") == 1
    node.check_ledger()


def test_connections_leave_descriptors_to_the_rest(nodes):
    node = nodes().start("ready", prefix=["prlimit", "--nofile=512:2048"])
    limits = open(f"/proc/{node.process.pid}/limits", encoding="utf-8").read()
    assert next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3:5] == ["2048", "2048"]
    assert "configured=10000 connections=1280 open_files=2048" in node.log_text()


def test_reload(nodes):
    node = nodes().start("ready")
    good = node.config.read_text()
    node.config.write_text(good.replace('connector: "webhook"', 'connector: "wbhook"'))
    node.reload()
    wait_until(lambda: "going on with the configuration from before" in node.log_text())
    assert "did you mean 'webhook'?" in node.log_text()
    assert node._status(node.port, "/in/webhook") != 404

    node.config.write_text(good.replace('id: "webhook"', 'id: "renamed"').replace('drain: "20s"', 'drain: "21s"'))
    node.reload()
    wait_until(lambda: node._status(node.port, "/in/renamed") == 405)
    assert node._status(node.port, "/in/webhook") == 404
    wait_until(lambda: 'msg="a change needs a restart" key=drain' in node.log_text())
    node.command("send", "renamed", "--config", str(node.config))
    node.check_ledger()


def test_drain_and_restart(nodes):
    node = nodes().start("ready")
    journal = node.status()["journal"]["id"]
    node.command("send", "--all", "--config", str(node.config), "--count", "5")
    node.terminate()
    assert "draining" in node.log_text() and "stopped" in node.log_text()
    node.start("ready")
    assert node.status()["journal"]["id"] == journal
    again = node.metrics()
    assert again.sum("switchboard_ledger_imbalance") == 0


def test_second_signal_ends_at_once(nodes):
    """With a Kafka that is not there --until-empty waits; the second SIGTERM does not, and the journal still has it all."""
    node = nodes({"drain": "10m"})
    node.configuration["kafka"].pop("embedded")
    node.configuration["kafka"]["bootstrap.servers"] = "127.0.0.1:1"
    node.write_config()
    node.start("ready")
    node.command("send", "--all", "--config", str(node.config))
    backlog = node.status()["journal"]["backlog_units"]
    assert backlog >= 3
    node.signal(signal.SIGTERM)
    wait_until(lambda: "draining" in node.log_text())
    node.signal(signal.SIGTERM)
    assert node.wait_ended(30) == 75 or "stopped" in node.log_text()
    node.start("ready")
    assert node.status()["journal"]["backlog_units"] >= 3


def test_capture_and_decode(nodes, tmp_path):
    node = nodes()
    sealed, redacted = tmp_path / "sealed", tmp_path / "redacted"
    for mode, file in (("sealed", sealed), ("redacted", redacted)):
        node.process = None
        import subprocess
        node._log_file = open(node.log, "ab")
        node.process = subprocess.Popen([str(node.program), "serve", "--config", str(node.config), "--capture", str(file), "--capture-mode", mode,
                                         "--capture-source", "twilio"], stdin=subprocess.DEVNULL, stdout=node._log_file, stderr=subprocess.STDOUT)
        node.wait_for(node.ready, 30, "not ready")
        node.command("send", "--all", "--config", str(node.config))
        node.terminate()
    assert os.stat(sealed).st_mode & 0o777 == 0o600
    assert len(sealed.read_text().splitlines()) == 1 and '"sealed"' in sealed.read_text()
    opened = json.loads(node.command("decode", "--config", str(node.config), "--requests", str(sealed)).stdout)
    assert opened["outcome"] == "accepted" and opened["source"] == "twilio"
    assert schema_check.problems_of_events(opened["events"]) == []
    blotted = node.command("decode", "--config", str(node.config), "--skip-verify", "--requests", str(redacted))
    assert json.loads(blotted.stdout)["source"] == "twilio"
    text = opened["events"][0]["data"].get("text", "")
    assert not text or text not in redacted.read_text()


def test_quarantine_is_replayed(nodes):
    """An account that nobody owned goes to quarantine; after the configuration is mended a replay publishes it, once."""
    node = nodes()
    source = node.configuration["sources"][1]
    node.configuration["tenants"].append({"id": "other", "secret": brokers.SECRET + "tenant-other-0123456789"})
    source.pop("tenant")
    source["accounts"] = {"AC" + "f" * 32: "acme"}
    node.write_config()
    node.start("ready")
    sent = node.command("send", "twilio", "--config", str(node.config), "--sample", "sms")
    assert sent.stdout.startswith("200 "), sent
    quarantined = tail(node, 1, "--topic", "quarantine")[0]
    assert quarantined["data"]["code"] == "unmapped_account"

    source.pop("accounts")
    source["tenant"] = "acme"
    node.write_config()
    dry = node.command("replay", "--config", str(node.config))
    assert "contact.message.received.v1=" in dry.stdout and "a dry run" in dry.stderr, dry
    assert "1 requests: 1 events" in dry.stderr, dry
    done = node.command("replay", "--config", str(node.config), "--run")
    assert "published 1 records, 0 more in the dead letter" in done.stderr, done
    event = tail(node, 1, "--topic", "inbound")[0]
    assert event["type"] == "contact.message.received.v1" and event["tenantid"] == "acme"
    assert event["id"] in dry.stdout
    again = node.command("replay", "--config", str(node.config), "--run")
    assert "published 0 records" in again.stderr, again
    read = node.command("tail", "--config", str(node.config), "--topic", "inbound", "--from-beginning", "--json", "--count", "1")
    assert len(read.stdout.splitlines()) == 1


def test_journal_of_a_stopped_node(nodes, tmp_path):
    node = nodes().start("ready")
    node.command("send", "--all", "--config", str(node.config), "--count", "3")
    folder = str(node.directory / "journal")
    held = node.command("journal", "inspect", folder, check=False)
    assert held.returncode == 66 and "switchboard: " in held.stderr, "a running node holds its journal"
    identity = node.status()["journal"]["id"]
    node.terminate()

    told = json.loads(node.command("journal", "inspect", folder, "--json").stdout)
    assert told["id"] == identity and told["last_unit"] >= 9 and told["segments"]
    assert {one["source"] for one in told["sources"]} == {"kiosk", "twilio", "webhook"}
    assert identity in node.command("journal", "inspect", folder).stdout
    sound = json.loads(node.command("journal", "verify", folder, "--json").stdout)
    assert sound["damaged"] == [] and sound["units"] == told["last_unit"]
    assert node.command("journal", "repair", folder, "--yes").stdout == "nothing is left to repair\n"
    output = tmp_path / "units"
    node.command("journal", "export", folder, "--output", str(output))
    units = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(units) == sound["units"]
    assert node.command("journal", "export", folder, "--output", str(output), check=False).returncode == 74, "it overwrites nothing"
    for action in ("inspect", "verify", "export"):
        assert node.command("journal", action, str(tmp_path / "nothing"), check=False).returncode == 66
    assert not (tmp_path / "nothing").exists()

    segment = next(node.directory.joinpath("journal").rglob(told["segments"][0]["file"].rsplit("/", 1)[-1]))
    damaged = bytearray(segment.read_bytes())
    middle = told["segments"][0]["bytes"] // 2
    damaged[middle] ^= 0xFF
    segment.write_bytes(damaged)
    found = node.command("journal", "verify", folder, check=False)
    assert found.returncode == 1 and "damaged" in found.stdout, found
    looked = node.command("journal", "repair", folder, check=False)
    assert looked.returncode == 1 and "nothing was changed" in looked.stderr and segment.read_bytes() == damaged
    mended = node.command("journal", "repair", folder, "--yes")
    assert "repaired" in mended.stdout and "nothing is left to repair" in mended.stdout, mended
    node.command("journal", "verify", folder)
