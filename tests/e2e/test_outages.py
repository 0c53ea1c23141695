"""Outages that are not the record's fault pause and keep; a record that Kafka refuses goes to the dead letter, alone."""

import asyncio
import os
import random

import load as loads
import oracle
import pytest
from kafka_node import KafkaNode, Ports

ABSENT_SECONDS = float(os.environ.get("SWITCHBOARD_ABSENT_SECONDS", "60"))


async def test_absent_from_the_start(nodes, tmp_path, in_thread):
    """Kafka is not there for a minute: contacts are taken in all the while, and all of them arrive."""
    ports = Ports()
    port = ports.take()
    node = nodes(f"127.0.0.1:{port}")
    await in_thread(node.start)
    load = loads.Load(node, loads.lanes(10, 10, 10), tmp_path / "acknowledged", think=0.5)
    load.start()
    loop = asyncio.get_running_loop()
    end = loop.time() + ABSENT_SECONDS
    while loop.time() < end:
        await load.answers(5)
    ports.release()
    kafka = KafkaNode(ports=[port])
    try:
        await in_thread(kafka.start)
        await in_thread(node.create_topics)
        await load.finish()
        await in_thread(node.check_ledger, 120)
        numbers, records = await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read(), most_copies=0))
        await in_thread(oracle.await_heartbeat, kafka.bootstrap, node.topics, records[0].journal)
        await in_thread(node.terminate)
        print(dict(numbers))
    finally:
        await in_thread(kafka.stop)


USER, PASSWORD = "switchboard", "sEcReT-planted-kafka-password"


@pytest.fixture(scope="module")
def guarded():
    with KafkaNode(sasl={USER: PASSWORD}, authorizer=True) as kafka:
        for resource, name in (("topic", "*"), ("group", "*"), ("transactional_id", "*"), ("cluster", "kafka-cluster")):
            kafka.allow(USER, resource, name)
        yield kafka


def sasl(over=None):
    return {"kafka": {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": USER, "sasl.password": PASSWORD, **(over or {})}}


@pytest.mark.parametrize("delivery", ["idempotent", "exactly_once"])
async def test_rights_revoked(guarded, nodes, tmp_path, in_thread, delivery):
    """Without the right to write nothing is dead-lettered: it waits, says why, and goes on when the right is back."""
    node = nodes(guarded.bootstrap_sasl, sasl({"delivery": delivery}))
    await in_thread(node.create_topics)
    await in_thread(node.start)
    load = loads.Load(node, loads.lanes(10, 10, 10), tmp_path / "acknowledged", think=0.1)
    load.start()
    await load.answers(100)
    await in_thread(guarded.revoke, USER, "topic", "*")
    await until(in_thread, lambda: backlog(node) > 50, "no backlog without rights")
    await until(in_thread, lambda: node.status()["kafka"]["state"] == "outage", "no outage without rights")
    status = await in_thread(lambda: node.status()["kafka"])
    assert status["reason"] and status["dead_lettered"] == 0, status
    await load.answers(50)
    await in_thread(guarded.allow, USER, "topic", "*")
    await load.finish()
    await in_thread(node.check_ledger, 120)
    numbers, records = await in_thread(
        lambda: oracle.verify(guarded.bootstrap, node.topics, load.acknowledged.read(), exactly_once=delivery == "exactly_once"))
    assert await in_thread(oracle.read_all, guarded.bootstrap, [node.topics["dead_letter"]]) == []
    await in_thread(oracle.await_heartbeat, guarded.bootstrap, node.topics, records[0].journal)
    print(dict(numbers))


@pytest.mark.parametrize("delivery", ["idempotent", "exactly_once"])
async def test_oversized_record(kafka, nodes, tmp_path, in_thread, delivery):
    """A record over the topic's limit between good ones: it alone goes to the dead letter, byte by byte, and the heartbeat says so."""
    node = nodes(kafka.bootstrap, {"kafka": {"delivery": delivery}})
    await in_thread(node.create_topics)
    await in_thread(lower_limit, kafka, node.topics["inbound"], 16384)
    await in_thread(node.start)
    small = loads.Load(node, loads.lanes(10, 10, 10), tmp_path / "small", think=0.05)
    small.start()
    await small.answers(50)
    large = loads.Load(node, [loads.WebhookLane(900 + n, text="noise " + random.randbytes(15000).hex()) for n in range(3)], tmp_path / "large")
    large.start()
    await large.answers(3)
    await large.finish()
    await small.answers(100)
    await small.finish()
    await in_thread(node.check_ledger)
    letters = await in_thread(oracle.read_all, kafka.bootstrap, [node.topics["dead_letter"]])
    expected = {line["token"] for line in large.acknowledged.read()}
    assert {oracle.token_of(letter) for letter in letters} == expected and len(letters) == len(expected), letters
    for letter in letters:
        assert letter.headers["__connect.errors.topic"] == node.topics["inbound"], letter.headers
        assert len(letter.raw) > 16384 and letter.key == letter.headers["ce_partitionkey"]
    dead = {(letter.journal, node.topics["inbound"], letter.sequence) for letter in letters}
    numbers, records = await in_thread(
        lambda: oracle.verify(kafka.bootstrap, node.topics, small.acknowledged.read(), exactly_once=delivery == "exactly_once", dead_letters=dead))
    control = await in_thread(oracle.read_all, kafka.bootstrap, [node.topics["control"]])

    def told(record):
        return {int(n) for topic in record.value.get("topics", []) if topic["topic"] == node.topics["inbound"] for n in topic.get("dead_lettered_sbseqs", [])}

    assert any(told(record) == {sequence for _, _, sequence in dead} for record in control), [told(r) for r in control]
    print(dict(numbers), len(letters), "dead letters")


def lower_limit(kafka, topic, size):
    from kafka.admin import ConfigResource, ConfigResourceType
    admin = kafka.admin()
    try:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={"max.message.bytes": str(size)})])
    finally:
        admin.close()


def backlog(node):
    return node.backlog()


async def until(in_thread, condition, why, seconds=60):
    async with asyncio.timeout(seconds):
        while not await in_thread(condition):
            await asyncio.sleep(0.1)
