#!/usr/bin/env python3
"""Validates what C++ tests left (tests/support/emitted_events.hpp):  emitted_events.py FOLDER…

Each folder is one test program's; a folder without an event is an error, as is an event that its JSON Schema does not admit.
"""

import json
import pathlib
import sys

import schema_check


def main():
    failed = False
    for folder in map(pathlib.Path, sys.argv[1:]):
        events = {}
        for file in sorted(folder.glob("*.jsonl")):
            for line in file.read_text(encoding="utf-8").split("\n"):
                if line and line not in events:
                    events[line] = json.loads(line)
        records = [(one["headers"], one["key"], one["value"]) for one in events.values() if "headers" in one]
        published = {dict(headers).get("ce_id") for headers, _, _ in records}
        plain = [one for one in events.values() if "headers" not in one and one["id"] not in published]
        found = schema_check.problems(records) + schema_check.problems_of_events(plain)
        print(f"{folder.name}: {len(records)} events read from Kafka, {len(plain)} others encoded, {len(found)} faults")
        for problem in found[:20]:
            print(f"  {problem}")
        if not events:
            print(f"  nothing was left in {folder}")
        failed = failed or bool(found) or not events
    return 1 if failed or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
