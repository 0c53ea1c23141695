"""Nodes with a development broker inside, and the program's commands."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
for folder in (ROOT / "tests" / "support", ROOT / "tests" / "support" / "kafka"):
    sys.path.insert(0, str(folder))

import broker as brokers  # noqa: E402


@pytest.fixture
def nodes():
    """make(over): a node with an embedded Kafka; ended whatever happens, and no secret in its log."""
    made = []

    def make(over=None, **options):
        node = brokers.Broker("unused", brokers.merge({"kafka": {"bootstrap.servers": None, "embedded": True, "reconnect.backoff.ms": None,
                                                                 "reconnect.backoff.max.ms": None}}, over or {}), **options)
        for name in ("bootstrap.servers", "reconnect.backoff.ms", "reconnect.backoff.max.ms"):
            node.configuration["kafka"].pop(name, None)
        node.configuration["kafka"]["embedded"] = True
        node.configuration["sources"] = [dict(source) for source in node.configuration["sources"]]
        for source in node.configuration["sources"]:
            if source["id"] == "kiosk":
                source["credentials"] = source["credentials"][:2]
        node.write_config()
        made.append(node)
        return node

    yield make
    for node in made:
        try:
            assert brokers.SECRET not in node.log_text(), "a secret stands in the log"
        finally:
            node.close()
