"""The programs that are measured, each pinned to its core: Switchboard, the peer, and the echo that is their floor."""
from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from . import machine

sys.path[:0] = [str(machine.ROOT / "tests" / "support"), str(machine.ROOT / "tests" / "support" / "kafka")]
from broker import Broker  # noqa: E402
from kafka_node import KafkaNode, Ports  # noqa: E402

APP_SECRET = secrets.token_hex(16)
PARTITIONS = 12  # as `switchboard topics create` makes them
SOURCE = "whatsapp"


def start_kafka(directory: Path) -> KafkaNode:
    """Keeps no more than some hundred MB of each partition: rounds write much, and nobody reads it later."""
    return KafkaNode(directory=str(directory), heap="512m",
                     properties={"log.segment.bytes": 64 << 20, "log.retention.bytes": 128 << 20,
                                 "log.retention.check.interval.ms": 5_000, "log.segment.delete.delay.ms": 1_000}).start()


def wait_until(condition, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {seconds:g} s")
        time.sleep(0.005)


def whatsapp_sources(count: int = 1) -> list[dict]:
    return [{"id": SOURCE if number == 0 else f"{SOURCE}-{number}", "connector": "meta-whatsapp", "tenant": "acme",
             "public_url": "https://hooks.example.com", "credentials": [{"app_secret": APP_SECRET, "verify_token": "benchmark"}]}
            for number in range(count)]


# Of the tests' configuration, what is there for small tests: the program's own defaults are measured.
DEFAULTS = {"journal": {"segment_size": None, "max_size": None},
            "kafka": {"partitions": PARTITIONS, "heartbeat": None, "reconnect.backoff.ms": None, "reconnect.backoff.max.ms": None},
            "drain": None}


class Switchboard:
    """A node with the defaults but for what `over` says."""

    def __init__(self, kafka: KafkaNode, name: str, directory: Path, over: dict | None = None, sources: int = 1) -> None:
        self.name, self.kafka = name, kafka
        shutil.rmtree(directory, ignore_errors=True)
        self.broker = Broker(kafka.bootstrap, DEFAULTS, name=name, directory=str(directory), program=machine.RELEASE / "switchboard",
                             topics_prefix=f"{name}.")
        self.broker.write_config({"sources": whatsapp_sources(sources), **(over or {})})

    def start(self, topics: bool = True, wait: str = "ready", seconds: float = 60) -> "Switchboard":
        if topics:
            self.broker.create_topics()
        self.broker.start(wait=wait, seconds=seconds, prefix=machine.PINNED)
        return self

    @property
    def pid(self) -> int:
        return self.broker.process.pid

    @property
    def config(self) -> Path:
        return self.broker.config

    @property
    def url(self) -> str:
        scheme = "https" if "tls" in self.broker.configuration else "http"
        return f"{scheme}://127.0.0.1:{self.broker.port}"

    @property
    def topic(self) -> str:
        return self.broker.topics["inbound"]

    def metric(self, name: str, **labels: str) -> float:
        return self.broker.metrics().sum(name, **labels)

    def wait_published(self, seconds: float = 120) -> None:
        wait_until(lambda: self.broker.backlog() == 0, seconds, f"{self.name}: everything in Kafka")

    def journal_bytes_per_event(self) -> float:
        return self.metric("switchboard_journal_appended_bytes_total") / max(self.metric("switchboard_journal_units_total"), 1)

    def stop(self) -> None:
        if self.broker.running:
            self.broker.terminate(120)

    def close(self) -> None:
        self.broker.close()
        shutil.rmtree(self.broker.directory, ignore_errors=True)


class _Spawned:
    """A program of others, on a free port, ended with SIGTERM."""

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self._ports = Ports()
        self.port = self._ports.take()
        self.log = directory / f"{name}.log"
        self.process: subprocess.Popen | None = None

    def _spawn(self, command: list[str], cwd: Path | None = None, environment: dict[str, str] | None = None) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*machine.PINNED, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                            cwd=cwd, env={**os.environ, **(environment or {})}, start_new_session=True)
        wait_until(self._listening, 30, f"{self.name} listens (its log: {self.log})")

    def _listening(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.log.read_text(errors='replace')[-1500:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in/{SOURCE}"

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._ports.release()


class Bento(_Spawned):
    """kind: "tuned" or "default", a file in benchmarks/peers/bento."""

    def __init__(self, kafka: KafkaNode, kind: str, directory: Path) -> None:
        super().__init__(f"bento-{kind}", directory)
        self.kind, self.topic, self._kafka = kind, f"bento.{kind}", kafka

    def start(self) -> "Bento":
        self._kafka.create_topic(self.topic, partitions=PARTITIONS)
        self._spawn([str(machine.BENTO), "-c", f"{self.kind}.yaml"], cwd=machine.PEER,
                    environment={"PORT": str(self.port), "KAFKA": self._kafka.bootstrap, "TOPIC": self.topic, "SECRET": APP_SECRET})
        return self


    def check(self) -> None:
        """It refuses what it should and delivers none of it: else its cost would not be that of the same work."""
        genuine = filled_body()
        for body, signature, wanted in ((genuine, "sha256=" + "0" * 64, (401,)), (genuine, None, (401,)),
                                        (b"{", signed(b"{"), (400,)), (b'{"object":"other"}', signed(b'{"object":"other"}'), (400,)),
                                        (genuine, signed(genuine), (200,))):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                headers = {"Content-Type": "application/json"} | ({"X-Hub-Signature-256": signature} if signature else {})
                connection.request("POST", f"/in/{SOURCE}", body, headers)
                status = connection.getresponse().status
            finally:
                connection.close()
            if status not in wanted:
                raise RuntimeError(f"{self.name} answered {status}, not {wanted[0]}, to {body[:40]!r} signed {signature}")
        if (count := messages_in(self._kafka, self.topic)) != 1:
            raise RuntimeError(f"{self.name} delivered {count} records of one genuine request and four that are not")


def filled_body() -> bytes:
    values = {"run": "123456789", "uuid": secrets.token_hex(16), "unix": str(int(time.time())), "number": "123456"}
    return re.sub(r"\{\{(\w+)[^}]*\}\}", lambda found: values[found[1]], machine.BODY.read_text().strip()).encode()


def signed(body: bytes) -> str:
    return "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()


def messages_in(kafka: KafkaNode, topic: str) -> int:
    from kafka import KafkaConsumer, TopicPartition
    with contextlib.closing(KafkaConsumer(bootstrap_servers=kafka.bootstrap.split(","))) as consumer:
        return sum(consumer.end_offsets([TopicPartition(topic, partition) for partition in range(PARTITIONS)]).values())


class Echo(_Spawned):
    topic = None

    def __init__(self, directory: Path) -> None:
        super().__init__("echo", directory)

    def start(self) -> "Echo":
        self._spawn([str(machine.RELEASE / "floor-echo"), "--port", str(self.port)])
        return self
