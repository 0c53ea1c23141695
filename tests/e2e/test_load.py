"""The load generator: what it measures is so, and what it verifies it would also notice."""

import asyncio
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import uuid

import broker as brokers
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

LOAD = pathlib.Path(os.environ.get("SWITCHBOARD_LOAD", brokers.PROGRAM.with_name("switchboard-load")))


class Run:
    """One run of the program, in the background; finish() gives its exit code and its report."""

    def __init__(self, node, *arguments, config=None):
        self.errors = node.directory / f"load-{uuid.uuid4().hex}.log"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen([str(LOAD), "--config", str(config or node.config), "--json", "-", *map(str, arguments)],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=node.environment)

    def stop(self):
        self.process.send_signal(signal.SIGINT)

    def finish(self, exit=0, seconds=120):
        out, _ = self.process.communicate(timeout=seconds)
        said = self.errors.read_text(errors="replace")
        assert self.process.returncode == exit, f"exit {self.process.returncode}\n{out.decode(errors='replace')[-4000:]}\n{said}"
        return json.loads(out) if out else said


def load(node, *arguments, exit=0, **options):
    return Run(node, *arguments, **options).finish(exit)


def webhook(node):
    """Options for a source whose events all go to `inbound`."""
    body = node.directory / "body.json"
    body.write_text('{"data": {"customer": "c-{{run}}", "text": "{{uuid}}"}}\n')
    return ["--source", "webhook", "--body", body]


@pytest.fixture
def node(kafka, nodes):
    made = nodes(kafka.bootstrap)
    made.create_topics()
    return made.start("ready")


# --- what is measured ---
def test_everything_is_measured_and_found(node):
    report = load(node, "--source", "kiosk", "--rate", 300, "--duration", 2, "--warmup", 0.5, "--connections", 8, "--consume", "--pid", node.process.pid)
    total, verified = report["total"], report["verification"]
    assert total["due"] == total["sent"] == total["accepted"] == 600, total
    assert total["statuses"] == {"200": 600} or set(total["statuses"]) <= {"200", "202", "204"}, total
    assert total["refused"] == total["other"] == total["timeouts"] == total["connection_errors"] == total["not_sent"] == 0, total
    accepted = total["latency_us"]["accepted"]
    assert accepted["count"] == 600
    assert 0 < accepted["min"] <= accepted["p50"] <= accepted["p90"] <= accepted["p99"] <= accepted["p99_9"] <= accepted["max"], accepted
    assert total["latency_us"]["service"]["count"] == 600
    assert total["latency_us"]["end_to_end"]["count"] == 1200, "the sample carries two events"
    assert total["server"]["rss_bytes"] > 1 << 20 and total["server"]["cpu_seconds"] >= 0
    assert total["client"]["cpu_us_per_request"] > 0
    assert report["warmup"]["accepted"] == 150
    assert verified["passed"] and verified["acknowledged"] == 750 and verified["expected"] == verified["found"] >= 750, verified
    assert verified["lost"] == verified["sequence_holes"] == verified["copies"] == verified["without_event"] == 0, verified
    assert sum(span["last"] - span["first"] + 1 for span in verified["sequences"]) >= 750


@pytest.mark.parametrize("source", ["twilio", "webhook"])
def test_any_connector(node, source):
    report = load(node, "--source", source, "--rate", 100, "--duration", 1, "--warmup", 0, "--arrivals", "poisson", "--seed", 5, "--verify", "ids")
    assert report["verification"]["passed"] and report["verification"]["found"] >= report["total"]["accepted"] > 50, report


def test_steps_and_the_closed_loop(node):
    steps = load(node, "--source", "kiosk", "--ramp", "50:150:3", "--duration", 1, "--warmup", 0)["steps"]
    assert [step["target_rate"] for step in steps] == [50, 100, 150]
    assert [step["accepted"] for step in steps] == [50, 100, 150]
    closed = load(node, "--source", "kiosk", "--closed", "--connections", 4, "--duration", 1, "--warmup", 0, "--verify", "ids")
    assert closed["options"]["mode"] == "closed" and closed["total"]["target_rate"] is None
    assert closed["verification"]["found"] >= closed["total"]["accepted"] > 4


def test_a_template_has_as_many_conversations_as_keys(node):
    keys, records = set(), 0
    with contextlib.closing(consumer_of(node, ["inbound"])) as consumer:
        report = load(node, *webhook(node), "--keys", 7, "--rate", 200, "--duration", 1, "--warmup", 0, "--verify", "ids")
        deadline = time.monotonic() + 60
        while records < 200 and time.monotonic() < deadline:
            for batch in consumer.poll(200).values():
                records += len(batch)
                keys |= {message.key for message in batch}
    assert report["verification"]["found"] == records == 200
    assert len(keys) == 7


def test_over_tls(kafka, nodes, tmp_path):
    authority, leaf = tmp_path / "authority.pem", tmp_path / "leaf.pem"
    openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(leaf.with_suffix(".key")), "-out", str(leaf)]
    subprocess.run(openssl, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    subprocess.run([*openssl[:-4], "-keyout", str(tmp_path / "other.key"), "-out", str(authority)], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    node = nodes(kafka.bootstrap, {"tls": {"certificate": str(leaf), "key": str(leaf.with_suffix(".key"))}})
    node.create_topics()
    node.start(wait=None)
    node.wait_for(node.ready, 60, "not ready")
    small = ["--source", "kiosk", "--rate", 50, "--duration", 1, "--warmup", 0, "--connections", 3]
    for trusted in (["--insecure"], ["--ca", leaf]):
        assert load(node, *small, *trusted)["total"]["accepted"] == 50
    said = load(node, *small, "--ca", authority, exit=69)
    assert "certificate" in said


# --- what goes wrong at the other side ---
class Server:
    """Takes requests and answers with what `answer(number)` gives: a status, "close" or a pause and a status."""

    def __init__(self, answer):
        self.answer, self.count = answer, 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(30)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _run(self):
        asyncio.set_event_loop(self._loop)

        async def start():
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]
            self._ready.set()
        self._loop.run_until_complete(start())
        self._loop.run_forever()

    async def _serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
                await reader.readexactly(length)
                self.count += 1
                what = self.answer(self.count)
                if isinstance(what, tuple):
                    await asyncio.sleep(what[0])
                    what = what[1]
                if what == "close":
                    break
                writer.write(f"HTTP/1.1 {what} Whatever\r\nContent-Length: 2\r\n\r\nok".encode())
                await writer.drain()
        writer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)


def test_each_answer_counts_as_what_it_is(node):
    answers = {1: 503, 2: 503, 3: "close", 4: 429, 5: 401}
    with Server(lambda number: answers.get(number, 200)) as server:
        total = load(node, "--source", "kiosk", "--url", server.url, "--rate", 50, "--duration", 1, "--warmup", 0, "--connections", 1)["total"]
    assert total["due"] == 50
    assert (total["accepted"], total["refused"], total["other"], total["connection_errors"]) == (45, 2, 2, 1), total
    assert total["statuses"] == {"200": 45, "401": 1, "429": 1, "503": 2}
    assert total["latency_us"]["accepted"]["count"] == 45 and total["latency_us"]["refused"]["count"] == 2


def test_a_stall_counts_for_everything_that_was_due_meanwhile(node):
    """100 requests a second over one connection, and a second of silence: the hundred due in it have waited, half of them half a second."""
    with Server(lambda number: (1, 200) if number == 50 else 200) as server:
        report = load(node, "--source", "kiosk", "--url", server.url, "--rate", 100, "--duration", 3, "--warmup", 0, "--connections", 1)
    latency = report["total"]["latency_us"]
    assert report["total"]["accepted"] == 300
    assert latency["accepted"]["max"] >= 990_000
    assert latency["accepted"]["p90"] >= 600_000, latency


def test_no_reply_and_no_connection_end_with_the_time(node):
    with Server(lambda number: (30, 200) if number == 10 else 200) as server:
        report = load(node, "--source", "kiosk", "--url", server.url, "--rate", 20, "--duration", 3, "--warmup", 0, "--connections", 1, "--timeout", 0.5)
    total = report["total"]
    assert total["timeouts"] >= 1, total
    assert total["accepted"] + total["timeouts"] + total["not_sent"] == total["due"] == 60, total


def test_what_is_wrong_is_told_with_a_code(node):
    small = ["--rate", 50, "--duration", 1, "--warmup", 0]
    with contextlib.closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        said = load(node, "--source", "kiosk", *small, "--url", f"http://127.0.0.1:{unused.getsockname()[1]}", exit=69)
    assert "refused" in said
    assert "kiosk, twilio, webhook" in load(node, "--source", "nobody", *small, exit=64)
    assert "no sample" in load(node, "--source", "kiosk", "--sample", "nothing", *small, exit=64)
    assert load(node, "--source", "kiosk", "--body", "/nowhere.json", *small, exit=66)
    assert load(node, "--source", "kiosk", "--pid", 4194305, *small, exit=64)
    other = node.directory / "other.yaml"
    other.write_text(node.config.read_text().replace(brokers.TWILIO_TOKEN, "another-token"))
    run = Run(node, "--source", "twilio", *small, config=other)
    report = run.finish(69)
    assert report["total"]["accepted"] == 0 and report["total"]["other"] == 50
    assert "401" in run.errors.read_text() or "403" in run.errors.read_text()


# --- what is verified ---
def consumer_of(node, logical):
    consumer = KafkaConsumer(bootstrap_servers=node.configuration["kafka"]["bootstrap.servers"], group_id=None, enable_auto_commit=False)
    partitions = [TopicPartition(node.topics[name], number) for name in logical for number in consumer.partitions_for_topic(node.topics[name])]
    consumer.assign(partitions)
    consumer.seek_to_end()
    for partition in partitions:
        consumer.position(partition)
    return consumer


class Doctored:
    """Topics that get what the node's get, as `change(headers)` says: a list with the headers of each copy, empty to drop it."""

    LOGICAL = ("inbound", "activity", "quarantine")

    def __init__(self, node, change):
        self.node, self.change, self.relayed = node, change, 0
        self.config = node.directory / "doctored.yaml"
        shadow = brokers.Broker(node.configuration["kafka"]["bootstrap.servers"], topics_prefix="doctored-" + node.topics["inbound"] + ".")
        try:
            shadow.configuration["listen"], shadow.configuration["admin"] = node.configuration["listen"], node.configuration["admin"]
            shadow.create_topics()
            self.config.write_text(shadow.config.read_text())
            self.topics = dict(shadow.topics)
        finally:
            shadow.close()
        self._consumer = consumer_of(node, self.LOGICAL)
        self._producer = KafkaProducer(bootstrap_servers=node.configuration["kafka"]["bootstrap.servers"])
        self._over = False
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    def _relay(self):
        logical = {self.node.topics[name]: name for name in self.LOGICAL}
        while not self._over:
            for batch in self._consumer.poll(100).values():
                for message in batch:
                    for headers in self.change(dict(message.headers)):
                        self._producer.send(self.topics[logical[message.topic]], key=message.key, value=message.value, headers=list(headers.items()))
                    self.relayed += 1
            self._producer.flush()

    def wait(self, condition, why):
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, why
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._over = True
        self._thread.join(60)
        self._producer.close()
        self._consumer.close()


def verified(node, topics, rate=50, exit=0):
    report = load(node, *webhook(node), "--rate", rate, "--duration", 2, "--warmup", 0, "--verify", "ids", "--verify-wait", 5, config=topics.config, exit=exit)
    assert report["total"]["accepted"] == rate * 2
    return report["verification"]


class Once:
    """Does something to the one record whose turn it is."""

    def __init__(self, turn, what):
        self.turn, self.what, self.count, self.victim = turn, what, 0, None

    def __call__(self, headers):
        self.count += 1
        if self.count != self.turn:
            return [headers]
        self.victim = headers
        return self.what(headers)


def test_what_is_whole_is_told_so(node):
    with Doctored(node, lambda headers: [headers]) as topics:
        result = verified(node, topics)
    assert result["passed"] and result["found"] == 100 and result["copies"] == result["sequence_holes"] == 0, result


def test_a_lost_event_is_noticed(node):
    change = Once(30, lambda headers: [{**headers, "ce_id": str(uuid.uuid4()).encode()}])
    with Doctored(node, change) as topics:
        result = verified(node, topics, exit=1)
    assert (result["passed"], result["lost"], result["found"], result["sequence_holes"], result["foreign"]) == (False, 1, 99, 0, 1), result
    assert result["lost_ids"] == [change.victim["ce_id"].decode()]


def test_a_lost_record_is_a_lost_event_and_a_hole(node):
    change = Once(30, lambda headers: [])
    with Doctored(node, change) as topics:
        result = verified(node, topics, exit=1)
    assert (result["passed"], result["lost"], result["sequence_holes"]) == (False, 1, 1), result
    span, = [span for span in result["sequences"] if span["missing"]]
    assert span["first_missing"] == int(change.victim["ce_sbseq"]) and span["journal"] == change.victim["ce_sbjournal"].decode()


def test_a_hole_that_somebody_else_s_event_left_is_noticed(node):
    dropped = []

    def change(headers):
        if b"twilio" not in headers["ce_source"]:
            return [headers]
        dropped.append(int(headers["ce_sbseq"]))
        return []

    with Doctored(node, change) as topics:
        run = Run(node, *webhook(node), "--rate", 50, "--duration", 600, "--warmup", 0, "--verify", "ids", "--verify-wait", 5, config=topics.config)
        topics.wait(lambda: topics.relayed >= 20, "nothing came")
        node.command("send", "twilio", "--count", "3", "--sample", "sms", "--config", str(node.config))
        topics.wait(lambda: dropped, "the other's events did not come")
        before = topics.relayed
        topics.wait(lambda: topics.relayed >= before + 20, "nothing came after them")
        run.stop()
        report = run.finish(1)
    result = report["verification"]
    assert report["interrupted"]
    assert result["lost"] == 0 and result["found"] == result["expected"] >= 40, result
    assert not result["passed"] and result["sequence_holes"] == len(dropped) == 3, (result, dropped)
    assert min(span["first_missing"] for span in result["sequences"] if span["missing"]) == min(dropped)


def test_a_copy_is_counted_and_no_loss(node):
    with Doctored(node, Once(30, lambda headers: [headers, headers])) as topics:
        result = verified(node, topics)
    assert result["passed"] and result["copies"] == 1 and result["found"] == 100, result


def test_messages_are_counted_where_the_peer_is_another(node):
    small = [*webhook(node), "--rate", 50, "--duration", 1, "--warmup", 0, "--verify", "count", "--topic", node.topics["inbound"], "--verify-wait", 2]
    counted = load(node, *small)["verification"]
    assert counted["passed"] and counted["found"] == counted["acknowledged"] == 50, counted
    with Server(lambda number: 200) as liar:
        counted = load(node, *small, "--url", liar.url + "/post", exit=1)["verification"]
    assert not counted["passed"] and counted["lost"] == counted["acknowledged"] == 50, counted


# --- the command line ---
def test_help_and_completion_are_the_command_line_s():
    def said(*arguments):
        return subprocess.run([str(LOAD), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True).stdout

    shown = said("--help")
    assert "switchboard-load --config" in shown and "switchboard-load" in said("--version")
    options = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*(?![\w-])", shown)) - {"--help", "--version"}
    assert {"--rate", "--verify-wait", "--url"} <= options
    for shell, name in (("bash", "switchboard-load.bash"), ("zsh", "_switchboard-load")):
        made = said("--completion", shell)
        assert made == (brokers.ROOT / "deploy" / "completion" / name).read_text(), f"make it again: switchboard-load --completion {shell}"
        assert all(option in made for option in options)
    asked = subprocess.run(["bash", "-c", f". {brokers.ROOT}/deploy/completion/switchboard-load.bash; COMP_WORDS=(switchboard-load --verify i); COMP_CWORD=2;"
                            "_switchboard_load; echo ${COMPREPLY[@]}; COMP_WORDS=(switchboard-load --verify-); COMP_CWORD=1; _switchboard_load; echo ${COMPREPLY[@]}"],
                           capture_output=True, text=True, timeout=30)
    assert asked.stdout.split() == ["ids", "--verify-wait"], asked
