#!/usr/bin/env python3
"""Holds every #include of the tree to the layers, and the tree to its house rules.

    cmake/check_layers.py [ROOT]

schemas <- connectors <- broker <- tests, benchmarks; inside the broker
base <- config, observe <- journal, blobs <- publish, intake <- net <- app. A layer may include itself and what stands below it, never
a neighbour on its own level. A connector may include the event, the contract, the common helpers, its own folder and the few libraries
named here; what it cannot include it cannot do: log, sleep, read a clock, open a socket.

Prints one line for each violation, `file:line: what; what to do`, and exits 1 when there is any.
"""

import pathlib
import re
import sys

SUFFIXES = {".hpp", ".cpp", ".h", ".cc"}
ROOTS = ("schemas", "connectors", "broker", "tests", "benchmarks")
MAX_LINES = 700

LEVELS = [["base"], ["config", "observe"], ["journal", "blobs"], ["publish", "intake"], ["net"], ["app"]]
BELOW = {}
for depth, level in enumerate(LEVELS):
    for name in level:
        BELOW[name] = {n for lower in LEVELS[:depth] for n in lower} | {name}

CONNECTOR_LIBRARIES = ("boost/json", "boost/json.hpp", "simdjson.h", "pugixml.hpp", "openssl/", "xxhash.h")
CONNECTOR_NOT_OPENSSL = {"openssl/ssl.h", "openssl/rand.h"}
# Standard headers that reach outside: files, consoles, threads, the calendar of this machine, randomness, signals.
CONNECTOR_NOT_STANDARD = {
    "fstream", "iostream", "filesystem", "thread", "mutex", "shared_mutex", "condition_variable", "future", "random", "ctime", "csignal",
    "semaphore", "latch", "barrier", "stop_token", "coroutine", "print", "syncstream"}
CONNECTOR_NOT_CALLED = re.compile(r"\b(?:system|steady|high_resolution)_clock::now\b|\bstd::time\s*\(|\bgetenv\s*\(|\b::(?:socket|open|read|write)\s*\(")
# Beast costs 25 s a file and stays behind one library; librdkafka's C API stays behind the publisher.
PRIVATE_LIBRARIES = [
    (re.compile(r"boost/(beast|asio)\b"), {"net", "app"}, "HTTP belongs behind broker/net"),
    (re.compile(r"librdkafka/"), {"publish", "app"}, "Kafka belongs behind broker/publish"),
    (re.compile(r"(spdlog|fmt/color)"), {"observe", "app"}, "log through broker/observe/log.hpp"),
    (re.compile(r"yaml-cpp/"), {"config"}, "YAML belongs behind broker/config"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
MARKER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


def allowed_own(path, included):
    """Why a file of ours may not include another file of ours, or None."""
    layer, target = path.parts[0], included.split("/")[0]
    if layer in ("tests", "benchmarks"):
        return None if target != "benchmarks" or layer == "benchmarks" else "tests do not depend on benchmarks"
    if target in ("tests", "benchmarks"):
        return f"{layer} includes {target}: the product does not depend on its tests"
    order = {"schemas": 0, "connectors": 1, "broker": 2}
    if order[target] > order[layer]:
        return f"{layer} includes {target}: dependencies point the other way"
    if layer == "connectors":
        return connector_own(path, included)
    if layer == "broker" and target == "broker":
        part, wanted = path.parts[1], included.split("/")[1]
        if part not in BELOW:
            return f"broker/{part} is on no level: name it in cmake/check_layers.py"
        if wanted not in BELOW[part]:
            return f"broker/{part} includes broker/{wanted}: it stands beside or above it"
    return None


def provider_of(path):
    """The provider's folder of a connector file (connectors/<channel>/<provider>), None for the contract, the list and common/."""
    if len(path.parts) < 3 or path.parts[1] == "common":
        return None
    return "/".join(path.parts[:-1] if len(path.parts) < 4 else path.parts[:3]) + "/"


def connector_own(path, included):
    own = provider_of(path)
    if included.startswith("schemas/") or included in ("connectors/contract.hpp",) or included.startswith("connectors/common/"):
        return None
    if own is None:
        inside_common = len(path.parts) >= 3 and path.parts[1] == "common"
        return f"connectors/common includes {included}: it serves all and knows none" if inside_common else None
    if included.startswith(own):
        return None
    return f"{own} includes {included}: a connector sees the event, the contract, connectors/common and its own folder"


def allowed_library(path, included):
    """Why a file of ours may not include this header of somebody else's, or None."""
    layer = path.parts[0]
    if layer == "connectors":
        if "/" not in included and "." not in included:
            return f"a connector includes <{included}>: it is pure" if included in CONNECTOR_NOT_STANDARD else None
        if included in CONNECTOR_NOT_OPENSSL or not included.startswith(CONNECTOR_LIBRARIES):
            return f"a connector includes <{included}>: only the standard library, Boost.JSON, simdjson, pugixml, OpenSSL's crypto and xxhash"
    if layer in ("schemas", "broker"):
        part = path.parts[1] if len(path.parts) > 2 else ""
        for pattern, parts, why in PRIVATE_LIBRARIES:
            if pattern.match(included) and part not in parts:
                return f"{'/'.join(path.parts[:-1])} includes <{included}>: {why}"
    return None


def check_file(root, path):
    relative = path.relative_to(root)
    found = []
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > MAX_LINES:
        found.append((len(lines), f"{len(lines)} lines; split it, {MAX_LINES} is the most"))
    if path.suffix == ".hpp" and "#pragma once" not in lines:
        found.append((1, "no #pragma once"))
    for number, line in enumerate(lines, 1):
        if MARKER.search(line):
            found.append((number, "a marker for later work; finish it or write it down where work is planned"))
        if relative.parts[0] == "connectors" and CONNECTOR_NOT_CALLED.search(line):
            found.append((number, "a connector reads a clock, the environment or a descriptor; take it as an argument"))
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, angled = match.groups()
        if angled:
            if angled.split("/")[0] in ROOTS:
                found.append((number, f"<{angled}> is ours; write it in quotes"))
            elif why := allowed_library(relative, angled):
                found.append((number, why))
            continue
        if quoted.endswith(".cpp"):
            found.append((number, f'includes "{quoted}"; include a header'))
        elif not (root / quoted).is_file() and quoted.split("/")[0] != "build":
            found.append((number, f'"{quoted}" is no file under the root; write includes relative to it'))
        elif why := allowed_own(relative, quoted):
            found.append((number, why))
    return [f"{relative}:{number}: {what}" for number, what in found]


def check(root):
    found, files = [], 0
    for top in ROOTS:
        for path in sorted((root / top).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file() and "node_modules" not in path.parts:
                files += 1
                found += check_file(root, path)
    return files, found


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent).resolve()
    files, found = check(root)
    if not files:
        print(f"check_layers: no source file under {root}: nothing was checked")
        return 1
    for line in found:
        print(line)
    print(f"check_layers: {files} files, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
