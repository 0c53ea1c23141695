"""SIGKILL under load, again and again: nothing acknowledged is lost, nothing is out of order, and copies are only what the promise allows.

A kill counts only with at least 100 requests unacknowledged and a backlog that Kafka has not got. Kafka is frozen for a moment before
each kill, so that there is one. A fifth of the kills must land while the program recovers, rotates or writes a snapshot.
"""

import asyncio
import collections
import os
import random

import load as loads
import oracle

KILLS = int(os.environ.get("SWITCHBOARD_KILLS", "25"))
SEED = int(os.environ.get("SWITCHBOARD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)


def moment_of(node, log_before):
    """What the program was at when it was killed: what its log and its folder tell."""
    log = node.log_text()[log_before:]
    if "listening" not in log:
        return "recovery"
    journal = node.directory / "journal"
    if any(path.suffix in (".tmp", ".new", ".partial") for path in journal.rglob("*")):
        return "rotation or snapshot"
    return "work"


async def test_kill(kafka, nodes, tmp_path, in_thread):
    print(f"seed {SEED}: SWITCHBOARD_SEED={SEED} SWITCHBOARD_KILLS={KILLS} repeats the choices")
    dice = random.Random(SEED)
    first = nodes(kafka.bootstrap, name="first")
    second = nodes(kafka.bootstrap, name="second")
    await in_thread(first.create_topics)
    for node in (first, second):
        await in_thread(node.start)
    load = loads.Load(first, loads.lanes(batch=(1, 12)), tmp_path / "acknowledged", second=second, seed=SEED)
    load.start()
    moments, counted, tried = collections.Counter(), 0, 0
    log_before = 0
    while counted < KILLS or KILLS - moments["work"] < KILLS // 5:
        tried += 1
        assert tried <= 4 * KILLS, f"only {counted} of {tried} kills counted: {dict(moments)}"
        await load.answers(dice.randint(200, 600), 60)
        kafka.sigstop()
        await load.answers(50)
        while len(load.active) < 150:
            await asyncio.sleep(0)
        await asyncio.sleep(dice.uniform(0, 0.003))
        waiters = list(load.active.values())
        first.kill()
        if await loads.unanswered(waiters) >= 100:
            counted += 1
            moments[moment_of(first, log_before)] += 1
        log_before = len(first.log_text())
        if dice.random() < 0.4:
            # Once more while it comes back: every lane still waits for its answer, and Kafka still has not got the backlog.
            first.start(wait=None)
            await asyncio.sleep(dice.uniform(0.0, 0.12))
            waiting = sum(1 for lane in load.lanes if lane.name in load.unacknowledged)
            first.kill()
            if waiting >= 100:
                counted += 1
                moments[moment_of(first, log_before)] += 1
            log_before = len(first.log_text())
        kafka.sigcont()
        await in_thread(first.start)
    await load.finish()
    for node in (first, second):
        await in_thread(node.check_ledger)
    in_flight = await in_thread(lambda: max(1, int(first.metrics().sum("switchboard_publish_in_flight_limit"))))
    numbers, records = await in_thread(lambda: oracle.verify(kafka.bootstrap, first.topics, load.acknowledged.read(), elsewhere=load.elsewhere,
                                                             most_copies=in_flight * counted))
    journals = {record.journal for record in records}
    assert len(journals) == 2, journals
    for journal in journals:
        await in_thread(oracle.await_heartbeat, kafka.bootstrap, first.topics, journal)
    assert len(load.elsewhere) > 0 and load.acknowledged.read()
    print(f"{counted} kills of {tried} counted, {dict(moments)}; {dict(numbers)}; answers {dict(load.statuses)}")
