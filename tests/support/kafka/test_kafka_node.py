"""The support itself: brokers come back on their ports with their data, and nothing of them outlives the process that started them."""
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from kafka_node import KafkaNode  # noqa: E402


def read(bootstrap, topic, **options):
    from kafka import KafkaConsumer
    consumer = KafkaConsumer(topic, bootstrap_servers=bootstrap.split(","), auto_offset_reset="earliest", group_id=None, consumer_timeout_ms=3000, **options)
    try:
        return [record.value for record in consumer]
    finally:
        consumer.close()


def write(bootstrap, topic, *values, **options):
    from kafka import KafkaProducer
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), acks="all", **options)
    try:
        for sent in [producer.send(topic, value) for value in values]:
            sent.get(30)
    finally:
        producer.close()


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_killed_broker_comes_back_with_its_data():
    with KafkaNode() as kafka:
        kafka.create_topic("kept", partitions=1)
        write(kafka.bootstrap, "kept", b"before")
        before = kafka.bootstrap
        kafka.kill()
        assert not kafka.alive()
        kafka.restart()
        assert kafka.bootstrap == before
        write(kafka.bootstrap, "kept", b"after")
        assert read(kafka.bootstrap, "kept") == [b"before", b"after"]
        directory = kafka.directory
    assert not directory.exists()


def test_instances_run_side_by_side_and_three_nodes_replicate():
    with KafkaNode() as one, KafkaNode(nodes=3) as three:
        one.create_topic("t")
        three.create_topic("t", config={"min.insync.replicas": 2})
        write(one.bootstrap, "t", b"one")
        three.kill(2)
        write(three.bootstrap, "t", b"three")
        assert read(one.bootstrap, "t") == [b"one"]
        assert read(three.bootstrap, "t") == [b"three"]


def test_rights_and_passwords_and_certificates():
    from kafka.errors import KafkaError
    with KafkaNode(sasl={"alice": "secret"}, tls="mutual", authorizer=True) as kafka:
        kafka.create_topic("t")
        pem = kafka.certificates
        as_alice = dict(security_protocol="SASL_SSL", sasl_mechanism="PLAIN", sasl_plain_username="alice", sasl_plain_password="secret",
                        ssl_cafile=str(pem.ca))
        with pytest.raises(KafkaError):
            write(kafka.bootstrap_sasl, "t", b"no", **as_alice)
        kafka.allow("alice", "topic", "t", ("WRITE", "DESCRIBE"))
        kafka.allow("alice", "cluster", "kafka-cluster", ("IDEMPOTENT_WRITE",))
        write(kafka.bootstrap_sasl, "t", b"alice", **as_alice)
        kafka.allow("CN=client", "topic", "t")
        write(kafka.bootstrap_tls, "t", b"client", security_protocol="SSL", ssl_cafile=str(pem.ca), ssl_certfile=str(pem.client),
              ssl_keyfile=str(pem.client_key))
        assert read(kafka.bootstrap, "t") == [b"alice", b"client"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_with_kafka(how, tmp_path):
    told = tmp_path / "told"
    program = [sys.executable, "-c", "import os,sys,time; open(sys.argv[1],'w').write(os.environ['SWITCHBOARD_TEST_KAFKA_CONTROL'] + '\\n');"
                                     "time.sleep(120)", str(told)]
    runner = subprocess.Popen([str(HERE / "with_kafka"), "--", *program])
    wait_until(lambda: told.exists() and told.read_text().endswith("\n"), 60)
    directory = Path(told.read_text().strip()).parent
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(directory / "control"))
        control.sendall(b"freeze 0\nthaw 0\nnonsense 0\n")
        answers = b""
        while answers.count(b"\n") < 3:
            answers += control.recv(1000)
        assert answers.startswith(b"ok\nok\nerror")
    brokers = [int(p.name) for p in Path("/proc").glob("[0-9]*") if str(directory).encode() in command_line(p.name) and b"kafka.Kafka" in
               command_line(p.name)]
    assert len(brokers) == 1
    children = [int(c) for c in Path(f"/proc/{runner.pid}/task/{runner.pid}/children").read_text().split()]
    runner.send_signal(how)
    runner.wait(30)
    wait_until(lambda: gone(brokers[0]) and not directory.exists())
    if how == signal.SIGKILL:  # the program itself is an orphan then; it is ours to end
        for child in children:
            if not gone(child):
                os.kill(child, signal.SIGKILL)


def test_with_kafka_passes_the_exit_code_on():
    done = subprocess.run([str(HERE / "with_kafka"), "--", "sh", "-c", 'test -n "$SWITCHBOARD_TEST_KAFKA" && exit 7'])
    assert done.returncode == 7
