"""What a supervisor sees: notifications of readiness and life, and an end that comes when it was promised."""

import contextlib
import json
import os
import re
import signal
import socket
import threading
import time

import broker as brokers
import pytest
from waiting import wait_until


class Notifications:
    """The socket of a service manager."""

    def __init__(self, address):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.settimeout(0.2)
        self._ended, self.received = threading.Event(), []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                self.received.append(dict(line.split("=", 1) for line in self._socket.recv(4096).decode().splitlines()))

    def close(self):
        self._ended.set()
        self._thread.join()
        self._socket.close()

    def states(self):
        return [key for told in list(self.received) for key in ("READY", "RELOADING", "STOPPING") if told.get(key) == "1"]

    def alive(self):
        return sum(told.get("WATCHDOG") == "1" for told in list(self.received))


@pytest.fixture
def listen():
    made = []

    def make(address):
        made.append(Notifications(address))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def hanging_kafka():
    """Takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


@pytest.mark.parametrize("abstract", [False, True])
def test_a_service_manager_is_told(nodes, listen, tmp_path, abstract):
    path = f"@switchboard-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    manager = listen("\0" + path[1:] if abstract else path)
    node = nodes(environment={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"})
    node.start("ready")
    wait_until(lambda: manager.states() == ["READY"])
    alive = manager.alive()
    wait_until(lambda: manager.alive() >= alive + 3)
    node.reload()
    wait_until(lambda: manager.states() == ["READY", "RELOADING", "READY"])
    reloading = next(told for told in manager.received if "RELOADING" in told)
    assert 0 < int(reloading["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    node.terminate()
    wait_until(lambda: manager.states() == ["READY", "RELOADING", "READY", "STOPPING"])
    stopping = next(told for told in manager.received if "STOPPING" in told)
    assert int(stopping["EXTEND_TIMEOUT_USEC"]) > 20_000_000, "longer than the drain of this configuration"


def test_no_watchdog_of_somebody_else(nodes, listen, tmp_path):
    manager = listen(str(tmp_path / "notify"))
    node = nodes(environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"})
    node.start("ready")
    node.reload()
    wait_until(lambda: manager.states() == ["READY", "RELOADING", "READY"])
    assert manager.alive() == 0


def test_a_program_that_stands_still_is_not_alive(nodes, listen, tmp_path):
    manager = listen(str(tmp_path / "notify"))
    node = nodes(environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"})
    node.start("ready")
    wait_until(lambda: manager.alive() > 0)
    node.signal(signal.SIGSTOP)
    try:
        wait_until(lambda: (before := manager.alive(), time.sleep(0.5)) and manager.alive() == before)
    finally:
        node.signal(signal.SIGCONT)
    alive = manager.alive()
    wait_until(lambda: manager.alive() > alive)


def with_hanging_kafka(nodes, bootstrap, over, arguments=()):
    node = nodes(over)
    node.configuration["kafka"].pop("embedded")
    node.configuration["kafka"]["bootstrap.servers"] = bootstrap
    node.write_config()
    node.start("ready", arguments=arguments)
    node.command("send", "--all", "--config", str(node.config), "--count", "4")
    assert node.status()["journal"]["backlog_units"] == 12
    return node


def kept(node):
    """Units that the journal of a stopped node has."""
    told = json.loads(node.command("journal", "inspect", str(node.directory / "journal"), "--json").stdout)
    return told["last_unit"]


@pytest.mark.parametrize("arguments", [[], ["--until-empty"]])
def test_a_hanging_kafka_does_not_hold_the_drain(nodes, hanging_kafka, arguments):
    node = with_hanging_kafka(nodes, hanging_kafka, {"drain": "2s"}, arguments)
    began = time.monotonic()
    node.signal(signal.SIGTERM)
    code = node.wait_ended(60)
    assert code == (75 if arguments else 0), node.tail()
    assert time.monotonic() - began < 30, "far beyond drain and watchdog"
    assert kept(node) == 12
    node.start("ready")
    assert node.status()["journal"]["backlog_units"] == 12, "nothing acknowledged is lost"


def test_the_second_signal_ends_a_drain_that_waits(nodes, hanging_kafka):
    node = with_hanging_kafka(nodes, hanging_kafka, {"drain": "10m"}, ["--until-empty"])
    node.signal(signal.SIGTERM)
    wait_until(lambda: "msg=draining" in node.log_text())
    assert node.running, "Kafka hangs, and the drain waits for it"
    node.signal(signal.SIGTERM)
    assert node.wait_ended(30) == 75
    assert re.search('msg="second signal: ending at once"', node.log_text())
    assert kept(node) == 12
    node.start("ready")
    assert node.status()["journal"]["backlog_units"] == 12
    assert brokers.SECRET not in node.log_text()
