"""Starting, reloading, stopping, filling up: what an operator does to it and what a machine does to it, under load."""

import asyncio
import base64
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys

import broker as brokers
import load as loads
import oracle
import pytest


@contextlib.asynccontextmanager
async def loaded(node, path, in_thread, lanes=None, **options):
    await in_thread(node.create_topics)
    await in_thread(node.start)
    load = loads.Load(node, lanes or loads.lanes(20, 10, 10), path / "acknowledged", **options)
    load.start()
    yield load


async def test_sigterm_drains(kafka, nodes, tmp_path, in_thread):
    """SIGTERM under load: exit 0, everything acknowledged is there, and what was not is repeated to the next start."""
    node = nodes(kafka.bootstrap)
    async with loaded(node, tmp_path, in_thread) as load:
        for _ in range(3):
            await load.answers(300)
            await in_thread(node.terminate)
            await in_thread(node.start)
        await load.answers(100)
        await load.finish()
    await in_thread(node.check_ledger)
    numbers, _ = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read(), most_copies=0))
    print(dict(numbers))


async def test_second_sigterm(kafka, nodes, tmp_path, in_thread):
    """With Kafka frozen the drain waits; a second SIGTERM ends it at once, and nothing acknowledged is lost."""
    node = nodes(kafka.bootstrap, {"drain": "10m"})
    async with loaded(node, tmp_path, in_thread) as load:
        await load.answers(200)
        kafka.sigstop()
        await load.answers(100)
        node.signal(signal.SIGTERM)
        await in_thread(node.wait_for, lambda: "drain" in node.log_text(), 30, "no word of a drain")
        assert node.running
        node.signal(signal.SIGTERM)
        await in_thread(node.wait_ended, 60)
        kafka.sigcont()
        await in_thread(node.start)
        await load.answers(50)
        await load.finish()
    await in_thread(node.check_ledger)
    numbers, _ = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read()))
    print(dict(numbers))


@pytest.mark.parametrize("acknowledge", ["disk", "kafka", "both"])
async def test_acknowledge(kafka, nodes, tmp_path, in_thread, acknowledge):
    """What releases a reply: with Kafka frozen `disk` answers, `kafka` and `both` wait for it and answer when it is back."""
    node = nodes(kafka.bootstrap, {"kafka": {"acknowledge": acknowledge, "delivery": "exactly_once" if acknowledge == "both" else "idempotent"}})
    async with loaded(node, tmp_path, in_thread) as load:
        await load.answers(200)
        kafka.sigstop()
        try:
            if acknowledge == "disk":
                await load.answers(100)
            else:
                # What Kafka had acknowledged before may still be on its way; then every lane waits.
                while True:
                    seen = load.answered
                    await asyncio.sleep(1)
                    if load.answered == seen:
                        break
                assert len(load.unacknowledged) == len(load.lanes)
        finally:
            kafka.sigcont()
        await load.answers(200, 60)
        await load.finish()
    await in_thread(node.check_ledger)
    numbers, _ = await in_thread(
        lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read(), exactly_once=acknowledge == "both"))
    print(dict(numbers))


async def test_exactly_once_over_kills(kafka, nodes, tmp_path, in_thread):
    """Five SIGKILLs in exactly_once: a reader with read_committed finds each record once."""
    node = nodes(kafka.bootstrap, {"kafka": {"delivery": "exactly_once"}})
    async with loaded(node, tmp_path, in_thread, loads.lanes(30, 10, 10, batch=(1, 6))) as load:
        for _ in range(5):
            await load.answers(300)
            node.kill()
            await in_thread(node.start)
        await load.answers(100)
        await load.finish()
    await in_thread(node.check_ledger)
    numbers, records = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read(), exactly_once=True))
    await in_thread(oracle.await_heartbeat, kafka.bootstrap, node.topics, records[0].journal)
    # The consumer that ships sees each contact once, and finds the topics complete.
    consumed = await in_thread(lambda: subprocess.run(
        [sys.executable, str(brokers.ROOT / "deploy/examples/consumer.py"), kafka.bootstrap, node.topics["control"], node.topics["inbound"], "--once"],
        capture_output=True, text=True, timeout=120))
    assert consumed.returncode == 0 and "complete" in consumed.stderr, consumed.stderr
    read = [json.loads(line)["contact"]["text"].split()[0] for line in consumed.stdout.splitlines()]
    assert len(read) == len(set(read)) and {line["token"] for line in load.acknowledged.read()} <= set(read)
    print(dict(numbers))


async def test_structured_content(kafka, nodes, tmp_path, in_thread):
    """Structured mode: everything that holds in binary mode, the reading of the official CloudEvents library among it."""
    node = nodes(kafka.bootstrap, {"kafka": {"content": "structured"}})
    async with loaded(node, tmp_path, in_thread, loads.lanes(5, 5, 5)) as load:
        await load.answers(50)
        await load.finish()
    await in_thread(node.check_ledger)
    numbers, _ = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read(), most_copies=0))
    assert numbers["structured"] >= 50 and not numbers["binary"], numbers
    print(dict(numbers))


async def test_an_orphan_is_forwarded(kafka, nodes, tmp_path, in_thread):
    """The node dies while Kafka is frozen; `journal forward` publishes its journal from another folder, and another node's configuration."""
    node = nodes(kafka.bootstrap)
    heir = nodes(kafka.bootstrap, name="heir")
    async with loaded(node, tmp_path, in_thread) as load:
        await load.answers(200)
        kafka.sigstop()
        await load.answers(200)
        node.kill()
        kafka.sigcont()
        for task in load._tasks:
            task.cancel()
    orphan = tmp_path / "old-disk" / "journal"
    orphan.parent.mkdir()
    shutil.move(node.directory / "journal", orphan)
    heir.write_config()
    told = await in_thread(lambda: heir.command("journal", "forward", str(orphan), "--config", str(heir.config)))
    assert re.search(r": [1-9]\d* records published, 0 more in the dead letter; it may be deleted", told.stdout), told
    numbers, records = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read()))
    assert len({record.journal for record in records}) == 1
    before = len(records)
    again = await in_thread(lambda: heir.command("journal", "forward", str(orphan), "--config", str(heir.config)))
    assert "nothing was left to publish" in again.stdout, again
    assert len(await in_thread(oracle.read_all, kafka.bootstrap, [node.topics["inbound"]])) == before, "what is published is not published again"
    print(dict(numbers))


async def test_reload(kafka, nodes, tmp_path, in_thread):
    """SIGHUP under load: sources come and go, a wrong file changes nothing, and no request of the others fails."""
    node = nodes(kafka.bootstrap)
    sources = node.configuration["sources"]
    extra = {"id": "extra", "connector": "webhook", "tenant": "acme", "credentials": sources[2]["credentials"], "settings": sources[2]["settings"],
             "limits": sources[2]["limits"]}
    async with loaded(node, tmp_path, in_thread) as load:
        for round_ in range(6):
            await load.answers(100)
            present = round_ % 2 == 0
            node.write_config({"sources": sources + ([extra] if present else [])})
            node.reload()

            def served():
                return node._status(node.port, "/in/extra") not in (404, None)

            await in_thread(node.wait_for, lambda: served() == present, 30, f"source extra {'missing' if present else 'still there'}")
        good = node.config.read_text()
        node.config.write_text(good.replace('connector: "webhook"', 'connector: "wbhook"'))
        before = len(node.log_text())
        node.reload()
        await in_thread(node.wait_for, lambda: "wbhook" in node.log_text()[before:], 30, "no word of the wrong configuration")
        await load.answers(200)
        node.config.write_text(good)
        await load.finish()
    assert all(isinstance(status, int) for status in load.statuses), load.statuses
    await in_thread(node.check_ledger)
    await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read(), most_copies=0))


@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("mounting a tmpfs needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "switchboard-test", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_full_disk(kafka, nodes, tmp_path, small_disk, in_thread):
    """The disk fills up: 503 and no crash; space is back: it goes on by itself, and nothing acknowledged is lost."""
    node = nodes(kafka.bootstrap, {"journal": {"directory": str(small_disk / "journal")}})
    async with loaded(node, tmp_path, in_thread, loads.lanes(20, 5, 5, batch=(10, 40))) as load:
        await load.answers(100)
        filler = small_disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 20))
        refused = load.statuses[503]
        kafka.sigstop()  # nothing can be recycled
        try:
            async with asyncio.timeout(60):
                while load.statuses[503] < refused + 20:
                    load.check()
                    await asyncio.sleep(0.02)
            assert node.running
        finally:
            kafka.sigcont()
        filler.unlink()
        await load.answers(500, 60)
        await load.finish()
    assert all(isinstance(status, int) for status in load.statuses), load.statuses
    await in_thread(node.check_ledger)
    numbers, _ = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read()))
    print(dict(numbers), dict(load.statuses))


async def test_no_secret_anywhere(kafka, nodes, tmp_path, in_thread):
    """Secrets of the configuration stand in no log, metric, page, report or record."""
    node = nodes(kafka.bootstrap, {"log": {"level": "debug"}, "admin": {"blob_tokens": {"acme": brokers.SECRET + "blob-token-0123456789"}}})
    async with loaded(node, tmp_path, in_thread, loads.lanes(5, 5, 5)) as load:
        await load.answers(50)
        node.reload()
        await load.answers(50)
        await load.finish()
    pages = {path: (await in_thread(node.admin_get, path)).body.decode(errors="replace") for path in ("/metrics", "/status", "/healthz", "/readyz")}
    pages["check"] = (await in_thread(lambda: node.command("check", "--config", str(node.config), check=False))).stdout
    broken = node.directory / "broken.yaml"
    broken.write_text(node.config.read_text().replace('connector: "kiosk"', 'connector: "kisok"').replace("tenants:", "tenant:"))
    failed = await in_thread(lambda: node.command("check", "--config", str(broken), check=False))
    assert failed.returncode == 78, failed
    pages["check of a broken file"] = failed.stdout + failed.stderr
    records = await in_thread(oracle.read_all, kafka.bootstrap, [node.topics["inbound"], node.topics["control"]])
    pages["records"] = "\n".join(f"{record.headers} {record.raw.decode()}" for record in records)
    pages["log"] = node.log_text()
    assert records and len(pages["log"]) > 200
    encoded = base64.b64encode(brokers.WEBHOOK_SECRET_BYTES).decode()
    for name, text in pages.items():
        assert brokers.SECRET not in text and encoded not in text, f"a secret stands in {name}"
    journal = b"".join(path.read_bytes() for path in pathlib.Path(node.directory / "journal").rglob("*") if path.is_file())
    assert brokers.SECRET.encode() not in journal


async def test_backlog_larger_than_memory(nodes, tmp_path, in_thread):
    """While Kafka is away hundreds of megabytes pile up; filling, starting again and catching up all take the same little memory."""
    from kafka_node import KafkaNode, Ports
    ports = Ports()
    port = ports.take()
    node = nodes(f"127.0.0.1:{port}", {"journal": {"max_size": "1GiB", "segment_size": "16MiB"}})

    def resident():
        fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{node.process.pid}/status").read_text().splitlines())
        return int(fields["RssAnon"].split()[0]) >> 10

    await in_thread(node.start)
    begun = resident()
    load = loads.Load(node, [loads.WebhookLane(n, text="noise " + random.randbytes(28_000).hex()) for n in range(20)], tmp_path / "acknowledged")
    load.start()
    most = 0
    while await in_thread(lambda: node.status()["journal"]["bytes"]) < 240 << 20:
        await load.answers(100)
        most = max(most, resident())
    await load.finish()
    node.kill()
    await in_thread(node.start)
    most = max(most, resident())
    ports.release()
    kafka = KafkaNode(ports=[port])
    try:
        await in_thread(kafka.start)
        await in_thread(node.create_topics)
        async with asyncio.timeout(120):
            while await in_thread(node.backlog):
                most = max(most, resident())
                await asyncio.sleep(0.05)
        await in_thread(node.check_ledger)
        numbers, _ = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read()))
        await in_thread(node.terminate)
    finally:
        await in_thread(kafka.stop)
    print(f"proof: 240 MiB of backlog in {most} MiB of memory ({begun} at start); {dict(numbers)}")
    assert most < begun + 128, f"{most} MiB"
