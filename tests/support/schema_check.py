"""Every event that a test reads from Kafka, against the JSON Schemas, on all cores."""

import concurrent.futures
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "schemas"))
import validate  # noqa: E402


def _check(records):
    validator, found = validate.Validator(), []
    for headers, key, value in records:
        try:
            event = validate.event_from_kafka(headers, key, value)
        except ValueError as error:
            found.append(f"{dict(headers).get('ce_id')}: {error}")
            continue
        found += [f"{event.get('id')} {event.get('type')}: {problem}" for problem in validator.errors(event)]
        if len(found) > 50:
            break
    return found


def problems(records):
    """records: (headers as pairs, key, value). The errors of all of them."""
    records = list(records)
    if len(records) < 500:
        return _check(records)
    workers = os.cpu_count() or 1
    size = -(-len(records) // workers)
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        parts = pool.map(_check, [records[start:start + size] for start in range(0, len(records), size)])
        return [problem for part in parts for problem in part]
