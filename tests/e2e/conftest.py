"""Fixtures: a real Kafka for a file, and nodes that end with a balanced ledger and silent about every secret."""

import asyncio
import functools
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE.parent / "support", HERE.parent / "support" / "kafka"):
    sys.path.insert(0, str(folder))

import broker as brokers  # noqa: E402
from kafka_node import KafkaNode  # noqa: E402


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """A coroutine test runs in a loop of its own."""
    if asyncio.iscoroutinefunction(pyfuncitem.obj):
        arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
        asyncio.run(pyfuncitem.obj(**arguments))
        return True
    return None


@pytest.fixture(scope="module")
def kafka():
    with KafkaNode() as node:
        yield node


@pytest.fixture
def nodes(request):
    """make(bootstrap, over, name=…): a node whose topics carry the test's name. What still runs at the end must balance."""
    made = []
    prefix = request.node.name.removeprefix("test_").replace("[", "-").replace("]", "").replace("_", "-") + "."

    def make(bootstrap, over=None, name="node", **options):
        options.setdefault("topics_prefix", prefix)
        node = brokers.Broker(bootstrap, over, name=name, **options)
        made.append(node)
        return node

    yield make
    try:
        if not getattr(request.node, "failed", False):
            for node in made:
                if node.running:
                    node.check_ledger()
            for node in made:
                found = [line for line in node.log_text().splitlines() if brokers.SECRET in line]
                assert not found, f"a secret stands in the log of {node.name}"
    finally:
        for node in made:
            node.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if outcome.get_result().when == "call" and outcome.get_result().failed:
        item.failed = True


@pytest.fixture
def in_thread():
    """await in_thread(function, …): blocking work beside the loop."""
    return functools.partial(asyncio.to_thread)
