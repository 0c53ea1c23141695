"""Requests of the table tests: loading a provider's, and the line format of the project that `decode` and `replay` read."""

import base64
import datetime
import functools
import importlib.util
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
RECEIVED = datetime.datetime(2026, 5, 5, 10, 0, 0, tzinfo=datetime.timezone.utc)
BASE = "https://hooks.example.com"


def providers():
    """The folders that hold a provider's requests."""
    return sorted(path.parent.name for path in HERE.glob("*/requests.py"))


def source_of(provider):
    return json.loads((HERE / provider / "source.json").read_text())


@functools.cache
def requests_of(provider):
    """The module <provider>/requests.py: CASES, sign(case, source) -> (method, target, headers, body), and where a change of `body` does
    not do, mutant(case, flip)."""
    spec = importlib.util.spec_from_file_location(f"{provider}_requests", HERE / provider / "requests.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text(value):
    return value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()


def line(provider, method, target, headers, body, received_at="2026-05-05T10:00:00.000Z"):
    out = {"source": provider, "method": method, "target": target, "headers": headers}
    try:
        out["body"] = body.decode()
    except UnicodeDecodeError:
        out["body_base64"] = base64.b64encode(body).decode()
    out["received_at"] = received_at
    out["peer"] = "192.0.2.10"
    return json.dumps(out, ensure_ascii=False)
