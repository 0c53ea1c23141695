"""Reads what Kafka has, with a client that is not built on librdkafka, and holds it against what was acknowledged.

The promise, as checks:
  kept      every acknowledged item stands in a topic
  once      per (journal, topic) a sequence number has one id and an id one number; a second journal has an item only when a retry of it
            went there; within exactly_once nothing stands twice
  in order  per key, in the order in which one node acknowledged
  complete  per (journal, topic) the numbers run from 1 without a hole, and the heartbeat agrees
  sound     key, partition, timestamps, attributes and body agree; the body is valid against its JSON Schema
"""

import collections
import json
import time

from cloudevents.core.bindings import kafka as sdk
from kafka import KafkaConsumer, TopicPartition

import schema_check

HEARTBEAT = "switchboard.heartbeat.v1"


STRUCTURED = "application/cloudevents+json"


class Record:
    """A message in either content mode. `headers` are those of the binary mode, also where the attributes came in the value."""
    __slots__ = ("topic", "partition", "offset", "key", "headers", "wire", "raw", "timestamp", "_value")

    def __init__(self, message):
        self.topic, self.partition, self.offset = message.topic, message.partition, message.offset
        self.key = None if message.key is None else message.key.decode()
        self.headers = {name: value.decode() if value is not None else "" for name, value in message.headers}
        self.wire = sdk.KafkaMessage(headers=dict(message.headers), key=message.key, value=message.value)
        self.raw, self.timestamp, self._value = message.value, message.timestamp, None
        if self.headers.get("content-type") == STRUCTURED:
            event = json.loads(self.raw)
            self._value = event.pop("data")
            self.headers = {"content-type": STRUCTURED, **{f"ce_{name}": value for name, value in event.items()}}

    @property
    def value(self):
        if self._value is None:
            self._value = json.loads(self.raw)
        return self._value

    @property
    def id(self):
        return self.headers["ce_id"]

    @property
    def type(self):
        return self.headers["ce_type"]

    @property
    def journal(self):
        return self.headers["ce_sbjournal"]

    @property
    def sequence(self):
        return int(self.headers["ce_sbseq"])

    @property
    def place(self):
        return self.topic, self.partition, self.offset

    def __repr__(self):
        return f"{self.topic}/{self.partition}@{self.offset} {self.headers.get('ce_type')} {self.headers.get('ce_id')}"


class Reader:
    """Follows topics from their beginning; read_committed unless told otherwise."""

    def __init__(self, bootstrap, topics, isolation="read_committed", **options):
        self.consumer = KafkaConsumer(bootstrap_servers=bootstrap.split(","), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
                                      isolation_level=isolation, check_crcs=True, max_poll_records=5000, **options)
        self.topics, self.records = list(topics), []
        partitions = []
        for topic in self.topics:
            known = self.consumer.partitions_for_topic(topic)
            if not known:
                raise AssertionError(f"topic {topic} is not there")
            partitions += [TopicPartition(topic, number) for number in sorted(known)]
        self.consumer.assign(partitions)
        self.consumer.seek_to_beginning(*partitions)

    def poll(self, milliseconds=200):
        fresh = [Record(message) for batch in self.consumer.poll(timeout_ms=milliseconds).values() for message in batch]
        self.records += fresh
        return fresh

    def until(self, condition, seconds=60, why="what was awaited did not arrive"):
        """Polls until condition(self) holds; then the last of what is there already."""
        deadline = time.monotonic() + seconds
        while not condition(self):
            if time.monotonic() > deadline:
                raise AssertionError(f"{why} within {seconds} s; {len(self.records)} records read from {self.topics}")
            self.poll()
        while self.poll(300):
            pass
        return self.records

    def all(self, seconds=60):
        """Everything that stands in the topics now; fails when nothing more comes for that long."""
        partitions = list(self.consumer.assignment())
        ends = self.consumer.end_offsets(partitions)
        deadline, quiet = time.monotonic() + seconds, 0
        while any(self.consumer.position(p) < ends[p] for p in partitions) and quiet < 10:
            if self.poll():
                deadline, quiet = time.monotonic() + seconds, 0
                continue
            quiet += 1
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing read for {seconds} s, and not at the end yet")
        return self.records

    def close(self):
        self.consumer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def read_all(bootstrap, topics, isolation="read_committed", seconds=120):
    with Reader(bootstrap, topics, isolation) as reader:
        return reader.all(seconds)


def token_of(record):
    """The item's token: the first word of the contact's own words, or nothing where the event has none."""
    words = record.value.get("text", "").split()
    return words[0] if words and words[0].startswith("t:") else None


class Findings:
    def __init__(self):
        self.faults, self.numbers = [], collections.Counter()

    def fault(self, text):
        self.faults.append(text)

    def done(self):
        if self.faults:
            shown = "\n  ".join(self.faults[:20])
            raise AssertionError(f"{len(self.faults)} faults; {dict(self.numbers)}\n  {shown}")
        return self.numbers


def check_sound(records, findings):
    """Each record by itself: attributes, body, key and timestamp agree, and the schema holds."""
    last_recorded = {}
    for record in records:
        body, headers = record.value, record.headers
        check_with_sdk(record, findings)
        if not record.key:
            findings.fault(f"{record}: no key")
        if record.key != headers.get("ce_partitionkey"):
            findings.fault(f"{record}: key {record.key} is not the attribute {headers.get('ce_partitionkey')}")
        for field, attribute in (("id", "ce_id"), ("type", "ce_type"), ("time", "ce_time"), ("recorded_at", "ce_recordedtime")):
            if body["event"].get(field) != headers.get(attribute):
                findings.fault(f"{record}: event.{field} {body['event'].get(field)} is not {attribute} {headers.get(attribute)}")
        if record.timestamp != milliseconds(headers["ce_recordedtime"]):
            findings.fault(f"{record}: timestamp {record.timestamp} is not recordedtime {headers['ce_recordedtime']}")
        if "ce_sbseq" in headers:
            last_recorded.setdefault((record.journal, record.topic), {})[record.sequence] = headers["ce_recordedtime"]
        elif record.type != HEARTBEAT:
            findings.fault(f"{record}: no number")
    for place, recorded in last_recorded.items():
        times = [recorded[sequence] for sequence in sorted(recorded)]
        if times != sorted(times):
            findings.fault(f"{place}: recordedtime runs backwards")
    bodies = {record.id: record.raw for record in records}
    for problem in schema_check.problems([(list(record.headers.items()), record.key, record.raw) for record in records]):
        findings.fault(f"schema: {problem}: {bodies.get(problem.split()[0], b'')[:2000]!r}")
    findings.numbers["records"] += len(records)


def check_with_sdk(record, findings):
    """The official CloudEvents library reads the message as it came, tells its mode, and reads the same: attributes and data."""
    try:
        event = sdk.from_kafka_event(record.wire)
    except Exception as problem:  # whatever the library raises is a fault of the record
        findings.fault(f"{record}: the CloudEvents library refuses it: {problem}")
        return
    ours = {name.removeprefix("ce_"): value for name, value in record.headers.items() if name.startswith("ce_")}
    theirs = event.get_attributes()
    if (event.get_id(), event.get_type(), event.get_data()) != (record.id, record.type, record.value):
        findings.fault(f"{record}: the CloudEvents library reads {event.get_id()} {event.get_type()}")
    for name, value in ours.items():
        if name not in ("time", "partitionkey") and theirs.get(name) != value:
            findings.fault(f"{record}: the CloudEvents library reads {name} as {theirs.get(name)!r}, it is {value!r}")
    if event.get_time() is None or round(event.get_time().timestamp() * 1000) != milliseconds(ours["time"]):
        findings.fault(f"{record}: the CloudEvents library reads the time {event.get_time()}")
    findings.numbers["structured" if record.headers.get("content-type") == STRUCTURED else "binary"] += 1


def check_complete(records, findings, dead_letters=()):
    """Per (journal, topic): a number has one id, an id one number, and the numbers run from 1 without a hole."""
    numbers = collections.defaultdict(dict)
    for record in records:
        numbers[record.journal, record.topic].setdefault(record.sequence, record)
        if numbers[record.journal, record.topic][record.sequence].id != record.id:
            findings.fault(f"{record}: sbseq {record.sequence} has two ids")
    for (journal, topic), by_number in numbers.items():
        ids = collections.Counter(record.id for record in by_number.values())
        for identifier, times in ids.items():
            if times > 1:
                findings.fault(f"{topic}: {identifier} was appended {times} times to journal {journal}")
        dead = {number for where, name, number in dead_letters if (where, name) == (journal, topic)}
        missing = set(range(1, max(by_number) + 1)) - by_number.keys() - dead
        if missing:
            findings.fault(f"{topic}: journal {journal} lacks {len(missing)} of {max(by_number)}: {sorted(missing)[:5]}…")
    return numbers


def check_heartbeats(control, numbers, findings):
    """No heartbeat promises more than stands in the topics, and each journal has told where it is."""
    last = {}
    for record in control:
        if record.type == HEARTBEAT:
            last[record.value["journal"]] = max(last.get(record.value["journal"], record), record, key=lambda r: r.offset)
    for journal in {journal for journal, _ in numbers}:
        if journal not in last:
            findings.fault(f"journal {journal} has no heartbeat")
            continue
        told = {topic["topic"]: int(topic.get("last_sbseq", 0)) for topic in last[journal].value["topics"]}
        for (where, topic), by_number in numbers.items():
            if where == journal and topic in told and told[topic] > max(by_number):
                findings.fault(f"heartbeat of {journal}: {topic} is at {told[topic]}, the topic ends at {max(by_number)}")
    findings.numbers["heartbeats"] += len(control)
    return last


def check_copies(records, findings, exactly_once, retried_elsewhere=frozenset(), most=None):
    """Copies of one journal only where the promise allows them, across journals only of what was retried there."""
    seen, where, partition = set(), {}, {}
    copies = 0
    for record in records:
        identity = record.journal, record.topic, record.id
        if identity in seen:
            copies += 1
        seen.add(identity)
        where.setdefault((record.topic, record.id), set()).add(record.journal)
        if partition.setdefault((record.topic, record.key), record.partition) != record.partition:
            findings.fault(f"{record}: key {record.key} stands in two partitions")
    if exactly_once and copies:
        findings.fault(f"{copies} records stand twice in spite of exactly_once")
    if most is not None and copies > most:
        findings.fault(f"{copies} copies, {most} were in flight at most")
    tokens = {(record.topic, record.id): token_of(record) for record in records if len(where[record.topic, record.id]) > 1}
    for (topic, identifier), token in tokens.items():
        if token not in retried_elsewhere:
            findings.fault(f"{topic}: {identifier} ({token}) stands in two journals though no retry of it went elsewhere")
    findings.numbers["copies"] += copies
    findings.numbers["in two journals"] += sum(len(journals) > 1 for journals in where.values())


def check_acknowledged(acknowledged, records, findings):
    """acknowledged: the lines of the client's file. Kept, and in order."""
    by_token, ids = collections.defaultdict(list), collections.defaultdict(set)
    for record in records:
        token = token_of(record)
        if token:
            by_token[token].append(record)
            ids[token].add(record.id)
    for token, found in ids.items():
        if len(found) > 1:
            findings.fault(f"{token} has {len(found)} ids: {sorted(found)}")
    for item in acknowledged:
        if item["token"] not in by_token:
            findings.fault(f"acknowledged and lost: {item}")
    findings.numbers["acknowledged"] += len(acknowledged)
    # Order: one lane is one key, sent one after the other; within one journal first appearances follow the sending.
    lanes = collections.defaultdict(list)
    for token, found in by_token.items():
        _, lane, number = token.split(":")[:3]
        first = {}
        for record in found:
            if record.journal not in first or record.offset < first[record.journal].offset:
                first[record.journal] = record
        for journal, record in first.items():
            lanes[lane, journal, record.topic, record.partition].append((record.offset, int(number)))
    for where, found in lanes.items():
        numbers = [number for _, number in sorted(found)]
        if numbers != sorted(numbers):
            wrong = next(i for i in range(1, len(numbers)) if numbers[i] < numbers[i - 1])
            findings.fault(f"order of {where}: {numbers[max(0, wrong - 2):wrong + 2]} around offset {sorted(found)[wrong][0]}")
    findings.numbers["keys"] += len({lane for lane, *_ in lanes})


def milliseconds(text):
    from datetime import datetime, timezone
    parsed = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    return int(parsed.timestamp()) * 1000 + parsed.microsecond // 1000


def verify(bootstrap, topics, acknowledged, *, exactly_once=False, elsewhere=frozenset(), most_copies=None, dead_letters=(), isolation="read_committed"):
    """Reads the topics of one or more nodes (`topics`: logical name to Kafka's) to their end and holds all checks. Returns numbers and records."""
    findings = Findings()
    records = read_all(bootstrap, [topics["inbound"], topics["activity"], topics["quarantine"]], isolation)
    control = read_all(bootstrap, [topics["control"]], isolation)
    check_sound(records + control, findings)
    numbers = check_complete(records, findings, dead_letters)
    check_heartbeats(control, numbers, findings)
    check_copies(records, findings, exactly_once, elsewhere, most_copies)
    check_acknowledged(acknowledged, records, findings)
    return findings.done(), records


def await_heartbeat(bootstrap, topics, journal, seconds=60):
    """Until the journal's heartbeat says that everything is published, with the very number at which each topic ends."""
    ends = {}
    for record in read_all(bootstrap, [topics["inbound"], topics["activity"], topics["quarantine"]]):
        if record.journal == journal:
            ends[record.topic] = max(ends.get(record.topic, 0), record.sequence)

    def agrees(reader):
        beats = [r for r in reader.records if r.type == HEARTBEAT and r.value["journal"] == journal]
        if not beats:
            return False
        value = max(beats, key=lambda r: r.offset).value
        told = {topic["topic"]: int(topic.get("last_sbseq", 0)) for topic in value["topics"]}
        return "oldest_unpublished" not in value and all(told.get(topic) == end for topic, end in ends.items())

    with Reader(bootstrap, [topics["control"]]) as reader:
        reader.until(agrees, seconds, f"no heartbeat of {journal} that agrees with {ends}")
