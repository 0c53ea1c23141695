"""What ships in deploy/: the example consumer notices a loss and drops copies; the development Kafka keeps its data."""
import json
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "support" / "kafka"))
from kafka_node import KafkaNode, Ports  # noqa: E402

JOURNAL = str(uuid.uuid4())


@pytest.fixture(scope="module")
def kafka():
    with KafkaNode() as node:
        yield node


@pytest.fixture
def topics(kafka):
    prefix = uuid.uuid4().hex[:8]
    names = prefix + ".control", prefix + ".inbound"
    for name in names:
        kafka.create_topic(name, partitions=2)
    return names


def producer(kafka, **options):
    from kafka import KafkaProducer
    return KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all", **options)


def contact(number, event_id=None):
    return dict(key=b"k", value=json.dumps({"text": f"contact {number}"}).encode(), headers=[
        ("ce_id", (event_id or f"id-{number}").encode()), ("ce_type", b"contact.message.received.v1"), ("ce_sbjournal", JOURNAL.encode()),
        ("ce_sbseq", f"{number:020}".encode())])


def heartbeat(topic, last, dead=()):
    body = {"journal": JOURNAL, "topics": [{"topic": topic, "last_sbseq": f"{last:020}", "dead_lettered_sbseqs": [f"{n:020}" for n in dead]}]}
    return dict(key=JOURNAL.encode(), value=json.dumps(body).encode(), headers=[("ce_type", b"switchboard.heartbeat.v1")])


def consume(kafka, control, inbound):
    done = subprocess.run([sys.executable, str(ROOT / "deploy/examples/consumer.py"), "--once", kafka.bootstrap, control, inbound],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_copies_are_dropped_and_completeness_is_proven(kafka, topics):
    control, inbound = topics
    p = producer(kafka)
    for number in (1, 2, 3, 2, 3, 4):
        p.send(inbound, **contact(number))
    p.send(control, **heartbeat(inbound, 4))
    p.close()
    code, contacts, told = consume(kafka, control, inbound)
    assert code == 0, told
    assert sorted(c["id"] for c in contacts) == ["id-1", "id-2", "id-3", "id-4"]
    assert f"{JOURNAL} {inbound}: complete" in told


def test_a_hole_is_told(kafka, topics):
    control, inbound = topics
    p = producer(kafka)
    for number in (1, 2, 4):
        p.send(inbound, **contact(number))
    p.send(control, **heartbeat(inbound, 5))
    p.close()
    code, _, told = consume(kafka, control, inbound)
    assert code == 1
    assert "MISSING [3, 5]" in told


def test_a_dead_letter_is_no_hole(kafka, topics):
    control, inbound = topics
    p = producer(kafka)
    for number in (1, 3):
        p.send(inbound, **contact(number))
    p.send(control, **heartbeat(inbound, 3, dead=[2]))
    p.close()
    code, contacts, told = consume(kafka, control, inbound)
    assert code == 0, told
    assert len(contacts) == 2


def test_what_was_not_committed_is_not_read(kafka, topics):
    control, inbound = topics
    p = producer(kafka, transactional_id="t-" + inbound, enable_idempotence=True)
    p.init_transactions()
    p.begin_transaction()
    p.send(inbound, **contact(1, "aborted"))
    p.flush()
    p.abort_transaction()
    p.begin_transaction()
    p.send(inbound, **contact(1))
    p.send(control, **heartbeat(inbound, 1))
    p.commit_transaction()
    p.close()
    code, contacts, told = consume(kafka, control, inbound)
    assert code == 0, told
    assert [c["id"] for c in contacts] == ["id-1"]


def test_the_development_kafka_keeps_its_data(tmp_path):
    ports = Ports()
    port = ports.take()
    command = [sys.executable, str(ROOT / "deploy/kafka/start"), "--port", str(port), "--data", str(tmp_path / "data")]
    try:
        for round_number in (1, 2):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            try:
                lines = [process.stdout.readline(), process.stdout.readline()]
                assert f"ready; bootstrap.servers=127.0.0.1:{port}" in lines[1]
                from kafka import KafkaAdminClient
                from kafka.admin import NewTopic
                admin = KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}")
                if round_number == 1:
                    admin.create_topics([NewTopic(name="kept", num_partitions=1, replication_factor=1)])
                else:
                    assert "kept" in admin.list_topics()
                admin.close()
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(60) == 0
    finally:
        ports.release()
