"""What the internet sends: mutants of valid requests, clients that trickle, contacts from the past and the future."""

import asyncio
import collections
import json
import os
import random
import time

import broker as brokers
import http_client
import load as loads
import oracle
import signers

MUTANTS = int(os.environ.get("SWITCHBOARD_MUTANTS", "3000"))
SEED = int(os.environ.get("SWITCHBOARD_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)


def mutate(dice, data):
    """One or a few changes of the kinds that parsers get wrong."""
    data = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 5))):
        at = dice.randrange(len(data) + 1)
        kind = dice.randrange(8)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << dice.randrange(8)
        elif kind == 1:
            data[at:at] = bytes(dice.randrange(256) for _ in range(dice.randint(1, 8)))
        elif kind == 2:
            del data[at:at + dice.randint(1, 20)]
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            data[at:at] = data[at:at + dice.randint(1, 60)]
        elif kind == 5:
            data[at:at] = dice.choice((b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"1e999", b"99999999999999999999", b"-0",
                                       b"null", b"[[[[", b"{}", b'"', b"%00", b"%zz", b"&&=", b"\r\n\r\n", b"\xe2\x80\xae"))
        elif kind == 6 and data:
            digits = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
            if digits:
                data[dice.choice(digits)] = 48 + dice.randrange(10)
        elif kind == 7:
            other = dice.randrange(len(data) + 1)
            low, high = sorted((at, other))
            data[low:high] = data[low:high][::-1]
    return bytes(data)


def sign(kind, lane, body, tokens):
    """The headers that an honest sender would put on this body."""
    if kind == "kiosk":
        return signers.kiosk(lane.key, lane.device, "POST", "/in/kiosk", body)
    if kind == "webhook":
        return signers.webhook(brokers.WEBHOOK_SECRET_BYTES, "msg_" + loads.hash128(tokens[0]), int(time.time()), body)
    return signers.twilio_raw(brokers.TWILIO_TOKEN, brokers.PUBLIC_URL + "/in/twilio", body)


async def test_mutants(kafka, nodes, tmp_path, in_thread):
    """Any 2xx has its event or quarantine record in Kafka, and the next valid request succeeds."""
    print(f"seed {SEED}")
    dice = random.Random(SEED)
    node = nodes(kafka.bootstrap)
    await in_thread(node.create_topics)
    await in_thread(node.start)
    accepted, statuses = {}, collections.Counter()
    connection = None
    for number in range(MUTANTS):
        kind = ("kiosk", "twilio", "webhook")[number % 3]
        lane = {"kiosk": loads.KioskLane, "twilio": loads.TwilioLane, "webhook": loads.WebhookLane}[kind](number % 200)
        lane.name, lane.epoch = f"m{number}{kind}", 1000 + number
        tokens = lane.tokens(dice)
        method, target, headers, body = lane.request(tokens)
        mutant = mutate(dice, body)
        signed_again = dice.random() < 0.5
        if signed_again:
            headers = sign(kind, lane, mutant, tokens)
        trace = f"{dice.getrandbits(128) | 1:032x}"
        headers = [*headers, ("traceparent", f"00-{trace}-{dice.getrandbits(64) | 1:016x}-01")]
        if connection is None or not connection.usable:
            connection = await http_client.Connection.open("127.0.0.1", node.port)
        answer = await asyncio.wait_for(connection.exchange(http_client.encode(method, target, headers, mutant)), 30)
        statuses[signed_again, answer.status] += 1
        assert answer.status in (200, 201, 202, 204, 400, 401, 403, 415), answer
        if signed_again and kind != "twilio":  # a form that is no form cannot be signed as Twilio would
            assert answer.ok, f"mutant {number} ({kind}): an authentic request was refused: {answer}: {mutant!r}"
        if answer.ok:
            accepted[trace] = (number, kind, mutant, answer)
        if number % 20 == 0:
            honest = loads.WebhookLane(5000 + number)
            answer = await asyncio.wait_for(connection.exchange(http_client.encode(*honest.request(honest.tokens(dice)))), 30)
            assert answer.ok, f"the next valid request failed: {answer}"
    await in_thread(node.check_ledger)
    records = await in_thread(oracle.read_all, kafka.bootstrap, [node.topics[name] for name in ("inbound", "activity", "quarantine")])
    findings = oracle.Findings()
    await in_thread(oracle.check_sound, records, findings)
    oracle.check_complete(records, findings)
    found = {record.headers["traceparent"].split("-")[1] for record in records if "traceparent" in record.headers}
    kept = {(kind, mutant) for trace, (_, kind, mutant, _) in accepted.items() if trace in found}
    equal, told = 0, collections.Counter()
    for trace, (number, kind, mutant, answer) in accepted.items():
        if trace in found:
            continue
        if (kind, mutant) in kept:
            equal += 1  # the mutation made it equal to another one, which is there
        elif b"duplicate" in answer.body:
            told[kind] += 1  # it made its identity that of another one
        else:
            findings.fault(f"mutant {number} ({kind}) got {answer} and left nothing in Kafka: {mutant[:300]!r}")
    findings.done()
    assert len(accepted) > MUTANTS // 4 and told.total() < MUTANTS // 100, (len(accepted), equal, told)
    kinds = collections.Counter(record.type for record in records)
    assert kinds["switchboard.quarantine.v1"] > 0
    print(f"proof: {len(accepted)} of {MUTANTS} accepted, {dict(statuses)}, {dict(kinds)}, {equal} equal to another, {dict(told)} told to be duplicates")


async def test_slow_clients(kafka, nodes, tmp_path, in_thread):
    """Clients that trickle their header or body, or never read, are ended; the others do not notice."""
    node = nodes(kafka.bootstrap, {"listen": {"limits": {"header": "1s", "body": "1s", "idle": "2s", "reply": "2s"}}})
    await in_thread(node.create_topics)
    await in_thread(node.start)
    load = loads.Load(node, loads.lanes(5, 5, 5), tmp_path / "acknowledged", think=0.05)
    load.start()

    async def trickle(data):
        connection = await http_client.Connection.open("127.0.0.1", node.port)
        waiter = connection.response()
        try:
            for byte in data:
                connection.send(bytes([byte]))
                done, _ = await asyncio.wait([waiter], timeout=0.05)
                if done:
                    break
            return (await asyncio.wait_for(waiter, 60)).status
        except ConnectionError:
            return "closed"
        finally:
            connection.close()

    lane = loads.WebhookLane(7000)
    whole = http_client.encode(*lane.request(lane.tokens(random.Random(1))))
    body_at = whole.index(b"\r\n\r\n") + 4
    header_only = [trickle(whole) for _ in range(20)]
    body_only = [trickle_body(node, whole, body_at) for _ in range(20)]
    silent = [silence(node) for _ in range(20)]
    outcomes = await asyncio.wait_for(asyncio.gather(*header_only, *body_only, *silent), 120)
    assert all(outcome in (408, "closed") for outcome in outcomes), collections.Counter(outcomes)
    await load.answers(100)
    await load.finish()
    assert all(isinstance(status, int) and status < 300 for status in load.statuses), load.statuses
    await in_thread(node.check_ledger)
    await in_thread(lambda: oracle.verify(kafka.bootstrap, node.topics, load.acknowledged.read(), most_copies=0))


async def trickle_body(node, whole, body_at):
    connection = await http_client.Connection.open("127.0.0.1", node.port)
    try:
        waiter = connection.exchange(whole[:body_at + 1])
        return (await asyncio.wait_for(waiter, 60)).status
    except ConnectionError:
        return "closed"
    finally:
        connection.close()


async def silence(node):
    connection = await http_client.Connection.open("127.0.0.1", node.port)
    try:
        return (await asyncio.wait_for(connection.response(), 60)).status
    except ConnectionError:
        return "closed"
    finally:
        connection.close()


async def test_old_and_future_contacts(nodes, tmp_path, in_thread):
    """Contacts dated 30 days back and two days ahead survive Kafka's retention check, because records carry the time of recording.

    A record dated by its contact, written beside them, is deleted: the check did run.
    """
    from kafka import KafkaProducer
    from kafka_node import KafkaNode
    with KafkaNode(properties={"log.retention.check.interval.ms": 500, "log.initial.task.delay.ms": 500, "file.delete.delay.ms": 100}) as kafka:
        node = nodes(kafka.bootstrap)
        await in_thread(node.create_topics)
        await in_thread(node.start)
        expected = {}
        for days in (-30, 0, 2):
            lane = loads.KioskLane(len(expected), batch=(1, 1))
            lane.occurred_at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + days * 86400))
            tokens = lane.tokens(random.Random(days))
            answer = await http_client.request(node.port, *lane.request(tokens))
            assert answer.ok, answer
            expected[tokens[0]] = days
        await in_thread(node.check_ledger)
        await in_thread(kafka.create_topic, "dated", 1, {"retention.ms": 7 * 86400 * 1000})
        producer = KafkaProducer(bootstrap_servers=kafka.bootstrap)
        old = int((time.time() - 30 * 86400) * 1000)
        await in_thread(lambda: producer.send("dated", b"old", timestamp_ms=old).get(30))
        producer.close()

        def deleted():
            with oracle.Reader(kafka.bootstrap, ["dated"]) as reader:
                partitions = list(reader.consumer.assignment())
                return all(start > 0 for start in reader.consumer.beginning_offsets(partitions).values())

        async with asyncio.timeout(60):
            while not await in_thread(deleted):
                await asyncio.sleep(0.2)
        records = await in_thread(oracle.read_all, kafka.bootstrap, [node.topics["inbound"]])
        by_token = {oracle.token_of(record): record for record in records}
        assert by_token.keys() == expected.keys(), by_token.keys()
        for token, days in expected.items():
            record = by_token[token]
            away = oracle.milliseconds(record.headers["ce_time"]) / 1000 - time.time()
            assert abs(away - days * 86400) < 3600 or days > 0, record.headers
            assert ("skewed" in record.value.get("flags", [])) == (days > 0), record.value
            assert abs(record.timestamp / 1000 - time.time()) < 3600
