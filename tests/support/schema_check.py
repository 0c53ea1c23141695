"""Every event that a test reads from Kafka, against the JSON Schemas with ajv, which is fast, and against the rules that no schema can say; one of
each shape, as far as there is room, with the second validator too."""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "schemas"))
import validate  # noqa: E402

SAMPLE = 200
CHUNK = 20000


def _ajv(events):
    schemas = {name: validate.closed(schema) for name, schema in validate.load_schemas().items()}
    done = subprocess.run(["node", str(ROOT / "tests/schemas/ajv_check.cjs")], input=json.dumps({"schemas": schemas, "events": events}).encode(),
                          capture_output=True, env=dict(os.environ, NODE_PATH=str(ROOT / "build" / "node" / "node_modules")))
    if done.returncode != 0:
        raise AssertionError(f"ajv did not run: {done.stderr.decode()[-2000:]}")
    return json.loads(done.stdout)


def _shape(value):
    """The members that stand there, whatever they say."""
    if isinstance(value, dict):
        return tuple(sorted((name, _shape(inner)) for name, inner in value.items()))
    if isinstance(value, list):
        return tuple(sorted({_shape(inner) for inner in value}, key=repr))
    return None


def _sample(events):
    """At most SAMPLE: every type, then as many different shapes as there is room for, spread over all of them."""
    by_shape = {}
    for event in events:
        by_shape.setdefault((event.get("type"), _shape(event)), event)
    by_type = {}
    for (kind, _), event in by_shape.items():
        by_type.setdefault(kind, event)
    chosen = list(by_type.values())
    others = [event for event in by_shape.values() if event is not by_type[event.get("type")]]
    room = max(SAMPLE - len(chosen), 0)
    return chosen + others[::max(1, -(-len(others) // room))] if room else chosen


def problems(records, plain=()):
    """records: (headers as pairs, key, value); plain: events in structured form. The errors of all of them."""
    found, events = [], []
    for headers, key, value in records:
        try:
            events.append(validate.event_from_kafka(headers, key, value))
        except ValueError as error:
            found.append(f"{dict(headers).get('ce_id')}: {error}")
    return found + problems_of_events([*events, *plain])


def problems_of_events(events):
    """events: in structured form. The errors of all of them."""
    found = []
    for start in range(0, len(events), CHUNK):
        chunk = events[start:start + CHUNK]
        for event, errors in zip(chunk, _ajv(chunk), strict=True):
            found += [f"{event.get('id')} {event.get('type')}: {error}" for error in errors]
    validator = validate.Validator()
    for event in events:
        found += [f"{event.get('id')} {event.get('type')}: {error}" for error in validate.rule_errors(event)]
    for event in _sample(events):
        found += [f"{event.get('id')} {event.get('type')}: {error}" for error in validator.errors(event)]
    return list(dict.fromkeys(found))
