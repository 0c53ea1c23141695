#!/usr/bin/env python3
"""Validates what C++ tests left (tests/support/emitted_events.hpp):  emitted_events.py FOLDER…

Each folder is one test program's; a folder without an event is an error, as is an event that its JSON Schema does not admit. Tests of load
leave the same event a hundred thousand times, under other ids and numbers: of lines that differ in nothing else one is validated, and all folders
together, because starting the validators costs more than many an event.
"""

import json
import pathlib
import re
import sys

import schema_check

# JSON numbers and times stand for themselves: limits and rules look at their values.
TOKENS = re.compile(r"(?P<kept>(?<=[:\[,])-?[0-9][0-9.eE+-]*(?=[,\]}])|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z)"
                    r"|(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|[0-9]+")
NO_BASE32 = str.maketrans("", "", "0189")


def shape(line):
    """The line with its ids and runs of digits named in the order in which they come: the same names, the same schema and rules. What patterns
    tell apart stays: lengths, and the digits that Base32 has from those that it has not."""
    names = {}

    def name(found):
        if found.lastgroup == "kept":
            return found[0]
        token = found[0]
        kind = "uuid" if found.lastgroup == "uuid" else "a" if token.translate(NO_BASE32) == token else "b"
        return f"<{names.setdefault(token, len(names))}.{len(token)}.{kind}>"

    return TOKENS.sub(name, line)


def main():
    counts, different, empty = {}, {}, []
    for folder in map(pathlib.Path, sys.argv[1:]):
        counts[folder.name] = 0
        for file in sorted(folder.glob("*.jsonl")):
            with file.open(encoding="utf-8", newline="\n") as lines:
                for line in lines:
                    if line.strip():
                        counts[folder.name] += 1
                        different.setdefault(shape(line), (line, folder.name))
        if counts[folder.name] == 0:
            empty.append(folder)
    events = [(json.loads(line), name) for line, name in different.values()]
    records = [(one["headers"], one["key"], one["value"]) for one, _ in events if "headers" in one]
    found = schema_check.problems(records, [one for one, _ in events if "headers" not in one])
    for name, count in counts.items():
        print(f"{name}: {count} events")
    print(f"{len(events)} of them differ in more than ids and numbers, {len(records)} were read from Kafka: {len(found)} faults")
    for problem in found[:20]:
        places = {name for line, name in different.values() if problem.split(" ", 1)[0].rstrip(":") in line}
        print(f"  {problem}  ({', '.join(sorted(places))})")
    for folder in empty:
        print(f"  nothing was left in {folder}")
    return 1 if found or empty or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
