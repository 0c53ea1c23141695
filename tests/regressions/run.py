"""Every request that once went wrong, through today's program: the outcome is what its case says, and every event is valid."""

import json
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("support", "support/kafka", "schemas"):
    sys.path.insert(0, str(HERE.parent / folder))

import broker as brokers  # noqa: E402
import validate  # noqa: E402

CASES = sorted((HERE / "cases").glob("*.json"))


def test_there_are_cases():
    assert CASES


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path, tmp_path):
    case = json.loads(path.read_text(encoding="utf-8"))
    node = brokers.Broker("127.0.0.1:1", {"journal": {"segment_size": "64MiB"},
                                          "sources": [{"id": "case", "tenant": "acme", "public_url": brokers.PUBLIC_URL, **case["source"]}]},
                          directory=tmp_path)
    with node:
        node.write_config()
        done = node.command("decode", "--config", str(node.config), "--skip-verify", stdin=json.dumps(case["request"]) + "\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 1, done
    assert lines[0]["outcome"] == case["outcome"], lines[0]
    assert [event["type"] for event in lines[0]["events"]] == case["types"], lines[0]
    validate.require_valid(lines[0]["events"])
