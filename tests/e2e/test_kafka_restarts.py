"""Kafka is killed and restarted under load, with both kinds of delivery at once: intake goes on, and nothing is lost or out of order."""

import asyncio
import os
import random

import load as loads
import oracle
import pytest

ROUNDS = int(os.environ.get("SWITCHBOARD_BROKER_KILLS", "10"))
SEED = int(os.environ.get("SWITCHBOARD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)
NODES = int(os.environ.get("SWITCHBOARD_KAFKA_NODES", "1"))


@pytest.fixture(scope="module")
def kafka():
    from kafka_node import KafkaNode
    with KafkaNode(nodes=NODES) as node:
        yield node


async def test_kafka_restarts(kafka, nodes, tmp_path, in_thread):
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    replicas = {"replication_factor": NODES, "min_insync_replicas": min(2, NODES)}
    idempotent = nodes(kafka.bootstrap, {"kafka": replicas}, name="idempotent", topics_prefix="idempotent.")
    exactly = nodes(kafka.bootstrap, {"kafka": {"delivery": "exactly_once", **replicas}}, name="exactly-once", topics_prefix="exactly-once.")
    running = []
    for node in (idempotent, exactly):
        await in_thread(node.create_topics)
        await in_thread(node.start)
        load = loads.Load(node, loads.lanes(10, 10, 10, batch=(1, 4)), tmp_path / node.name, seed=SEED, think=0.5)
        load.start()
        running.append((node, load))
    for _ in range(ROUNDS):
        before = [await in_thread(delivered, node) for node, _ in running]
        for index, (node, _) in enumerate(running):
            await until(in_thread, lambda: delivered(node) > before[index], f"{node.name} does not publish")
        await asyncio.sleep(dice.uniform(0, 0.5))
        victim = dice.randrange(NODES)
        await in_thread(kafka.kill, victim)
        for _, load in running:
            await load.answers(30)  # the journals take what Kafka cannot
        await in_thread(kafka.restart, victim)
    for node, load in running:
        await load.finish()
        await in_thread(node.check_ledger, 120)
        counted = await in_thread(lambda: node.status()["kafka"]["copies"])
        numbers, records = await in_thread(
            lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read(), exactly_once=node is exactly, most_copies=counted))
        await in_thread(oracle.await_heartbeat, kafka.bootstrap, node.topics, records[0].journal)
        assert load.statuses.keys() == {200} or all(isinstance(s, int) and s < 300 for s in load.statuses), load.statuses
        print(f"proof: {ROUNDS} kills of Kafka, {node.name}: {dict(numbers)}, {counted} copies counted by the node")


def delivered(node):
    return node.status()["kafka"]["delivered_unit"]


async def until(in_thread, condition, why, seconds=60):
    async with asyncio.timeout(seconds):
        while not await in_thread(condition):
            await asyncio.sleep(0.1)
