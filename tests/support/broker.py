"""A Switchboard of its own for a test: a generated configuration, free ports, a temporary folder, and the means to end it in every way."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import http_client

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "kafka"))
from kafka_node import Ports  # noqa: E402

PROGRAM = pathlib.Path(os.environ.get("SWITCHBOARD_PROGRAM", ROOT / "build" / "release" / "switchboard"))

# What a search of logs, metrics and core files must never find: every secret of a test's configuration begins with it.
SECRET = "sEcReT-planted-"
TENANT_SECRET = SECRET + "tenant-acme-0123456789"
KIOSK_KEY = SECRET + "kiosk-device-key-0123456789"
TWILIO_TOKEN = SECRET + "twilio-token-0123456789"
TWILIO_ACCOUNT = "AC" + "0123456789abcdef" * 2
WEBHOOK_SECRET_BYTES = (SECRET + "webhook-key-0123456789").encode()
PUBLIC_URL = "https://hooks.example.test"


def to_yaml(value, depth=0):
    """Enough YAML for our configurations: maps, lists and scalars, strings always quoted."""
    pad = "  " * depth
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            if isinstance(inner, (dict, list)) and inner:
                lines.append(f"{pad}{key}:\n{to_yaml(inner, depth + 1)}")
            else:
                lines.append(f"{pad}{key}: {scalar(inner)}")
        return "\n".join(lines)
    if isinstance(value, list):
        lines = []
        for inner in value:
            if isinstance(inner, dict) and inner:
                text = to_yaml(inner, depth + 1)
                lines.append(f"{pad}- {text[len(pad) + 2:]}")
            else:
                lines.append(f"{pad}- {scalar(inner)}")
        return "\n".join(lines)
    return pad + scalar(value)


def scalar(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if value in ({}, []):
        return "{}" if value == {} else "[]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def merge(base, over):
    """Nested maps are merged, everything else is replaced; None removes."""
    merged = dict(base)
    for key, value in over.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


class Metrics:
    """A scrape: name and labels to value."""

    LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
    LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text):
        self.text, self.samples = text, []
        for line in text.splitlines():
            match = self.LINE.match(line)
            if match and not line.startswith("#"):
                name, labels, value = match.groups()
                self.samples.append((name, dict(self.LABEL.findall(labels or "")), float(value)))

    def all(self, name, **labels):
        return [(have, value) for found, have, value in self.samples if found == name and labels.items() <= have.items()]

    def sum(self, name, **labels):
        found = self.all(name, **labels)
        if not found:
            raise KeyError(f"no metric {name} {labels}")
        return sum(value for _, value in found)

    def has(self, name):
        return any(found == name for found, _, _ in self.samples)


class Broker:
    """bootstrap: of Kafka; `over` is merged over the configuration below. The folder outlives restarts and goes at close()."""

    def __init__(self, bootstrap, over=None, *, name="node", directory=None, program=PROGRAM, environment=None, topics_prefix=""):
        self.name, self.program = name, pathlib.Path(program)
        self._temporary = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix=f"switchboard-{name}-"))
        self.directory.mkdir(parents=True, exist_ok=True)
        self.environment = dict(os.environ, **(environment or {}))
        self._ports = Ports()
        self.port, self.admin = self._ports.take(), self._ports.take()
        self.process, self.starts, self._log_file = None, 0, None
        self.topics = {logical: topics_prefix + kafka for logical, kafka in DEFAULT_TOPICS.items()}
        kafka = {"bootstrap.servers": bootstrap, "topics": dict(self.topics), "partitions": 4, "replication_factor": 1, "min_insync_replicas": 1,
                 "heartbeat": "1s", "reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 500}
        self.configuration = merge({
            "listen": {"address": "127.0.0.1", "port": self.port, "threads": 1},
            "admin": {"address": "127.0.0.1", "port": self.admin},
            "journal": {"directory": str(self.directory / "journal"), "segment_size": "1MiB", "max_size": "256MiB"},
            "kafka": kafka,
            "tenants": [{"id": "acme", "secret": TENANT_SECRET}],
            "sources": default_sources(),
            "log": {"format": "logfmt", "level": "info"},
            "drain": "20s",
        }, over or {})

    # --- files ---
    @property
    def config(self):
        return self.directory / "switchboard.yaml"

    @property
    def log(self):
        return self.directory / "switchboard.log"

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def write_config(self, over=None):
        if over:
            self.configuration = merge(self.configuration, over)
        staged = self.config.with_suffix(".new")
        staged.write_text(to_yaml(self.configuration) + "\n")
        staged.replace(self.config)

    # --- the program ---
    def command(self, *arguments, check=True, stdin=None, seconds=60):
        done = subprocess.run([str(self.program), *arguments], input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=seconds, env=self.environment)
        if check and done.returncode != 0:
            raise AssertionError(f"switchboard {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def create_topics(self):
        self.write_config()
        self.command("topics", "create", "--config", str(self.config))

    def start(self, wait="listening", seconds=30, prefix=(), arguments=()):
        """wait: "listening" (the intake accepts), "ready" (/readyz says so) or None."""
        assert self.process is None, "still running"
        if not self.config.exists():
            self.write_config()
        self.starts += 1
        self._log_file = open(self.log, "ab")
        self.process = subprocess.Popen([*prefix, str(self.program), "serve", "--config", str(self.config), *arguments],
                                        stdin=subprocess.DEVNULL, stdout=self._log_file, stderr=subprocess.STDOUT, env=self.environment, cwd=self.directory, start_new_session=True)
        if wait:
            self.wait_for(self.listening if wait == "listening" else self.ready, seconds, f"not {wait}")
        return self

    def wait_for(self, condition, seconds, why):
        deadline = time.monotonic() + seconds
        while not condition():
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}: {self.tail()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: {why} within {seconds} s: {self.tail()}")
            time.sleep(0.02)

    def tail(self, lines=25):
        return "\n" + "\n".join(self.log_text().splitlines()[-lines:])

    def _status(self, port, target):
        with contextlib.suppress(OSError, ConnectionError, TimeoutError):
            return http_client.get(port, target, seconds=5).status
        return None

    def listening(self):
        return self._status(self.admin, "/healthz") == 200 and self._status(self.port, "/") is not None

    def ready(self):
        return self._status(self.admin, "/readyz") == 200

    def admin_get(self, target, headers=()):
        return http_client.get(self.admin, target, headers)

    def metrics(self):
        response = self.admin_get("/metrics")
        assert response.status == 200, response
        return Metrics(response.body.decode())

    def kill(self):
        self.process.kill()
        return self._gone()

    def signal(self, number):
        self.process.send_signal(number)

    def wait_ended(self, seconds=60):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {seconds} s: {self.tail()}") from None
        return self._gone()

    def _gone(self):
        code = self.process.wait()
        self.process = None
        self._log_file.close()
        return code

    def terminate(self, seconds=60):
        """SIGTERM and the drain; the exit code must be 0."""
        self.signal(signal.SIGTERM)
        code = self.wait_ended(seconds)
        assert code == 0, f"{self.name}: exit {code} after SIGTERM: {self.tail()}"

    def reload(self):
        self.signal(signal.SIGHUP)

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    # --- the end ---
    def check_ledger(self, seconds=60):
        """Waits until nothing is left to publish, then holds the equations: nothing is unaccounted for."""
        deadline = time.monotonic() + seconds
        while True:
            backlog, metrics = self.backlog(), self.metrics()
            imbalances = metrics.all("switchboard_ledger_imbalance")
            assert imbalances, "no metric switchboard_ledger_imbalance"
            wrong = [(labels, value) for labels, value in imbalances if value != 0]
            if not wrong and backlog == 0:
                return metrics
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: imbalance {wrong}, backlog {backlog} after {seconds} s: {self.tail()}")
            time.sleep(0.1)

    def status(self):
        response = self.admin_get("/status")
        assert response.status == 200, response
        return json.loads(response.body)

    def backlog(self):
        """Units that Kafka has not got."""
        status = self.status()
        return status["journal"]["appended_unit"] - status["journal"]["published_unit"]

    def close(self):
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self._gone()
        self._ports.release()
        if self._temporary and not os.environ.get("SWITCHBOARD_TEST_KEEP"):
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


DEFAULT_TOPICS = {"inbound": "contacts.inbound.v1", "activity": "contacts.activity.v1", "quarantine": "contacts.quarantine.v1",
                  "raw": "contacts.raw.v1", "control": "contacts.control.v1", "dead_letter": "contacts.dead-letter.v1"}


# What fits the small segments of these tests.
SMALL = {"body_bytes": "64KiB", "items": 48}


def default_sources():
    """One of each connector."""
    import base64
    return [{**source, "limits": dict(SMALL)} for source in (
        {"id": "kiosk", "connector": "kiosk", "tenant": "acme",
         "credentials": [{"device": f"device-{n}", "key": f"{KIOSK_KEY}-{n}"} for n in range(256)]},
        {"id": "twilio", "connector": "twilio-messaging", "tenant": "acme", "public_url": PUBLIC_URL,
         "credentials": [{"auth_token": TWILIO_TOKEN}]},
        {"id": "webhook", "connector": "webhook", "tenant": "acme",
         "credentials": [{"secret": "whsec_" + base64.b64encode(WEBHOOK_SECRET_BYTES).decode()}],
         "settings": {"event": "message", "channel": "chat",
                      "fields": {"text": "/data/text", "conversation": "/data/customer", "actor": {"id": "/data/customer"}}}},
    )]
