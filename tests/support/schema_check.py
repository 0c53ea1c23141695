"""Every event that a test reads from Kafka, against the JSON Schemas: all of them with ajv, which is fast, some with the second validator,
which also knows the rules that no schema can say."""

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


def problems(records):
    """records: (headers as pairs, key, value). The errors of all of them."""
    found, events = [], []
    for headers, key, value in records:
        try:
            events.append(validate.event_from_kafka(headers, key, value))
        except ValueError as error:
            found.append(f"{dict(headers).get('ce_id')}: {error}")
    return found + problems_of_events(events)


def problems_of_events(events):
    """events: in structured form. The errors of all of them."""
    found = []
    for start in range(0, len(events), CHUNK):
        chunk = events[start:start + CHUNK]
        for event, errors in zip(chunk, _ajv(chunk), strict=True):
            found += [f"{event.get('id')} {event.get('type')}: {error}" for error in errors]
    validator = validate.Validator()
    for event in events[::max(1, len(events) // SAMPLE)]:
        found += [f"{event.get('id')} {event.get('type')}: {error}" for error in validator.errors(event)]
    return found
