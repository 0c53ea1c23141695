#!/usr/bin/env python3
"""Reads contacts so that each is seen once and a loss would be noticed:  consumer.py BOOTSTRAP CONTROL_TOPIC TOPIC…

Needs kafka-python. Once: only committed records are read, and copies carry the same event id, so an id seen before is dropped (keep the ids of the
last eight days in your database, in the transaction that stores the contact). Complete: per journal and topic `sbseq` runs without
a hole from 1; the journal's heartbeat says how far it has come and which numbers went to the dead letter. --once stops at what is there now.
"""
import json
import sys

from kafka import KafkaConsumer, TopicPartition

once, (bootstrap, control, *topics) = "--once" in sys.argv, [a for a in sys.argv[1:] if a != "--once"]
consumer = KafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest", enable_auto_commit=False,
                         group_id=None, consumer_timeout_ms=3000 if once else float("inf"))
places = {topic: [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic)] for topic in (control, *topics)}
consumer.assign(sum(places.values(), []))
ends = {}  # the control topic's first: no heartbeat before its end speaks of what comes behind theirs
for topic in places if once else ():
    ends |= consumer.end_offsets(places[topic])
seen_ids, arrived, expected = set(), {}, {}

for record in consumer:
    head = {name: value.decode() for name, value in record.headers}
    if record.offset >= ends.get(TopicPartition(record.topic, record.partition), float("inf")):
        pass  # came while we read
    elif record.topic != control:
        arrived.setdefault((head["ce_sbjournal"], record.topic), set()).add(int(head["ce_sbseq"]))
        if head["ce_id"] not in seen_ids:  # else a copy
            seen_ids.add(head["ce_id"])
            print(json.dumps({"id": head["ce_id"], "type": head["ce_type"], "contact": json.loads(record.value)}, ensure_ascii=False), flush=True)
    elif head["ce_type"] == "switchboard.heartbeat.v1":
        beat = json.loads(record.value)
        for topic in beat.get("topics", []):
            dead = set(map(int, topic.get("dead_lettered_sbseqs", [])))
            expected[beat["journal"], topic["topic"]] = set(range(1, int(topic.get("last_sbseq", 0)) + 1)) - dead
    if once and all(consumer.position(partition) >= end for partition, end in ends.items()):
        break

missing = {place: sorted(numbers - arrived.get(place, set())) for place, numbers in expected.items() if place[1] in topics}
print("\n".join(f"{j} {t}: " + (f"MISSING {gaps[:20]}" if gaps else "complete") for (j, t), gaps in missing.items()), file=sys.stderr)
sys.exit(any(missing.values()))
