"""SIGKILL under load, again and again: nothing acknowledged is lost, nothing is out of order, and copies are only what the promise allows.

A kill counts only with at least 100 requests unacknowledged and a backlog that Kafka has not got. Kafka is frozen for a moment before
each kill, so that there is one. A fifth of the kills must land while the program recovers, rotates or writes a snapshot.
"""

import asyncio
import collections
import os
import random
import signal

import load as loads
import oracle

KILLS = int(os.environ.get("SWITCHBOARD_KILLS", "25"))
IN_FLIGHT = 10_000  # records that the publisher hands over before the first of them is confirmed, at most
SEED = int(os.environ.get("SWITCHBOARD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)


def newest_segment(node):
    return max((path.name for path in (node.directory / "journal").rglob("*.segment")), default="")


def writes_snapshot(node):
    return any((node.directory / "journal").rglob("*.tmp"))


async def burst(node, load, wanted=150):
    """The program stands still while that many requests pile up in its sockets, and then has all of them before it at once."""
    node.signal(signal.SIGSTOP)
    async with asyncio.timeout(30):
        while len(load.active) < wanted:
            load.check()
            await asyncio.sleep(0.001)
    node.signal(signal.SIGCONT)


async def aim(node, load, rounds=15):
    """Returns while at least 120 requests are unanswered, at the moment in which a new segment or a snapshot is begun on the disk."""
    before = newest_segment(node)
    for _ in range(rounds):
        await burst(node, load)
        while len(load.active) >= 120:
            if writes_snapshot(node):
                return "snapshot"
            if newest_segment(node) != before:
                return "rotation"
            await asyncio.sleep(0)
        before = newest_segment(node)
    return "work"


async def test_kill(kafka, nodes, tmp_path, in_thread):
    print(f"seed {SEED}: SWITCHBOARD_SEED={SEED} SWITCHBOARD_KILLS={KILLS} repeats the choices")
    dice = random.Random(SEED)
    first = nodes(kafka.bootstrap, name="first")
    second = nodes(kafka.bootstrap, name="second")
    await in_thread(first.create_topics)
    for node in (first, second):
        await in_thread(node.start)
    load = loads.Load(first, loads.lanes(batch=(1, 6)), tmp_path / "acknowledged", second=second, seed=SEED)
    load.start()
    moments, tried, kills = collections.Counter(), 0, 0
    while sum(moments.values()) < KILLS or sum(moments.values()) - moments["work"] < KILLS // 5:
        tried += 1
        assert tried <= 4 * KILLS, f"only {dict(moments)} of {tried} kills counted"
        await load.answers(dice.randint(50, 300), 60)
        kafka.sigstop()
        await load.answers(30)  # acknowledged, and Kafka cannot have it: the backlog
        moment = await aim(first, load) if dice.random() < 0.5 else "work"
        if moment == "work":
            await burst(first, load)
            await asyncio.sleep(dice.uniform(0, 0.003))
        waiters = list(load.active.values())
        first.kill()
        kills += 1
        if await loads.unanswered(waiters) >= 100:
            moments[moment] += 1
        if dice.random() < 0.4:
            # Once more while it comes back: the lanes still wait for their answers, and Kafka still has not got the backlog.
            begun = len(first.log_text())
            first.start(wait=None)
            await asyncio.sleep(dice.uniform(0.0, 0.1))
            waiting = len(load.unacknowledged)
            first.kill()
            kills += 1
            if waiting >= 100 and "serving" not in first.log_text()[begun:]:
                moments["recovery"] += 1
        kafka.sigcont()
        await in_thread(first.start)
    await load.finish()
    for node in (first, second):
        await in_thread(node.check_ledger)
    acknowledged = load.acknowledged.read()
    numbers, records = await in_thread(
        lambda: oracle.verify(kafka.bootstrap, first.topics, acknowledged, elsewhere=load.elsewhere, most_copies=IN_FLIGHT * kills))
    journals = {record.journal for record in records}
    assert len(journals) == 2, journals
    for journal in journals:
        await in_thread(oracle.await_heartbeat, kafka.bootstrap, first.topics, journal)
    assert load.elsewhere and acknowledged
    print(f"{sum(moments.values())} kills of {kills} counted, {dict(moments)}; {dict(numbers)}; answers {dict(load.statuses)}")
