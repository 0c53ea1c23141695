"""SIGKILL under load, again and again: nothing acknowledged is lost, nothing is out of order, and copies are only what the promise allows.

A kill counts only with at least 100 requests unacknowledged and a backlog that Kafka has not got. Kafka is frozen for a moment before
each kill, so that there is one; the program is stopped amid its work and looked at, and what is killed is the stopped program. A fifth of
the kills must land while it recovers, rotates or writes a snapshot.
"""

import asyncio
import collections
import os
import random
import signal
import time

import load as loads
import oracle

KILLS = int(os.environ.get("SWITCHBOARD_KILLS", "25"))
IN_FLIGHT = 10_000  # records that the publisher hands over before the first of them is confirmed, at most
SEED = int(os.environ.get("SWITCHBOARD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)


def newest_segment(node):
    return max((path.name for path in (node.directory / "journal").rglob("*.segment")), default="")


def writes_snapshot(node):
    return any((node.directory / "journal").rglob("*.tmp"))


async def pile_up(load, wanted=150):
    """Until that many requests wait for their answers; answers that are in the sockets already are taken first."""
    async with asyncio.timeout(30):
        while True:
            load.check()
            before = load.answered
            await asyncio.sleep(0.01)
            if load.answered == before and len(load.active) >= wanted:
                return


async def stop_amid(node, load, dice, wanted):
    """Lets the program run for moments, stopping it after each, until it stands amid what is wanted with its requests unanswered."""
    before = newest_segment(node)
    for left in range(6, -1, -1):
        node.signal(signal.SIGSTOP)
        await pile_up(load)
        found = "snapshot" if writes_snapshot(node) else "rotation" if newest_segment(node) != before else "work"
        if found == wanted or left == 0:
            break
        before = newest_segment(node)
        node.signal(signal.SIGCONT)
        time.sleep(dice.uniform(0, 0.004))
    return found


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
        moment = await stop_amid(first, load, dice, dice.choice(("work", "work", "rotation", "snapshot")))
        waiters = list(load.active.values())
        first.kill()
        kills += 1
        unanswered = await loads.unanswered(waiters)
        if unanswered >= 100:
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
    print(f"proof: {sum(moments.values())} kills of {kills} counted, {dict(moments)}; {dict(numbers)}; answers {dict(load.statuses)}")
