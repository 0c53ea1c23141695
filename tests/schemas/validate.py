#!/usr/bin/env python3
"""Validates published events against schemas/json and against the rules of the event that no schema can say.

    tests/schemas/validate.py [--open] [--allow-none] [FILE …]

Reads events in the structured form of CloudEvents, one per line, from files or standard input; a file that holds one JSON document is
one event. A line of `switchboard decode` counts as the events in it. Schemas are closed (unknown members and unknown enum values are
errors), as every test wants it; --open validates as a consumer would. Prints one line per error, `place: event id: /path: what`, and
exits 1; exits 2 when there was no event at all.

As a module: `Validator().errors(event)` gives the list of errors; `require_valid(events)` raises AssertionError with all of them and
returns how many events it saw; `event_from_kafka(headers, key, value)` makes the structured form from a record in binary mode.
"""

import argparse
import datetime
import functools
import json
import pathlib
import re
import sys
import urllib.parse

import jsonschema
import referencing
import referencing.jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "json"
VALUE_LIMIT = 256 * 1024
COMPOSING = ("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")
# Keywords whose value is a schema, a list of schemas, or schemas by name.
ONE = ("items", "contains", "not", "if", "then", "else", "additionalProperties", "unevaluatedProperties", "propertyNames")
MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
NAMED = ("properties", "patternProperties", "$defs", "dependentSchemas")


def load_schemas(directory=SCHEMAS):
    """All schema files by name, as they are."""
    schemas = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(directory.glob("*.json"))}
    if not schemas:
        raise FileNotFoundError(f"no schema in {directory}")
    return schemas


def closed(schema):
    """A copy that admits known members and known enum values only."""
    if not isinstance(schema, dict):
        return schema
    result = dict(schema)
    for key in ONE:
        if key in result:
            result[key] = closed(result[key])
    for key in MANY:
        if key in result:
            result[key] = [closed(part) for part in result[key]]
    for key in NAMED:
        if key in result:
            result[key] = {name: closed(part) for name, part in result[key].items()}
    known = open_enum(schema)
    if known is not None:
        del result["anyOf"]
        result["enum"] = known
    if schema.get("type") == "object" and schema.get("$id") != "cloudevent.json" and ("properties" in schema or "allOf" in schema):
        composed = any(key in schema for key in COMPOSING)
        result["unevaluatedProperties" if composed else "additionalProperties"] = False
    if schema.get("$id") == "cloudevent.json":
        result["additionalProperties"] = False
    return result


def open_enum(schema):
    """The known values of an open enumeration, None for any other schema."""
    choices = schema.get("anyOf")
    if schema.get("type") == "string" and choices and len(choices) == 2 and set(choices[0]) == {"enum"} and set(choices[1]) == {"pattern"}:
        return choices[0]["enum"]
    return None


class Validator:
    """Checks events in structured form. Building one costs a few milliseconds, checking an event about one."""

    def __init__(self, directory=SCHEMAS, is_open=False):
        schemas = load_schemas(directory)
        if not is_open:
            schemas = {name: closed(schema) for name, schema in schemas.items()}
        resources = [
            (name, referencing.Resource(contents=schema, specification=referencing.jsonschema.DRAFT202012)) for name, schema in schemas.items()
        ]
        self._registry = referencing.Registry().with_resources(resources).crawl()
        self._schemas = schemas
        self._validators = {}

    def types(self):
        return sorted(name.removesuffix(".json") for name in self._schemas if name.endswith(".v1.json"))

    def _schema_errors(self, name, instance, at):
        if name not in self._validators:
            # Looked up by name, so that references between files resolve against it.
            self._validators[name] = jsonschema.Draft202012Validator({"$ref": name}, registry=self._registry)
        for error in self._validators[name].iter_errors(instance):
            yield from _leaves(error, at)

    def errors(self, event):
        """What is wrong with one event: a list of '/path: what'."""
        if not isinstance(event, dict):
            return ["/: an event is a JSON object"]
        found = list(self._schema_errors("cloudevent.json", event, ""))
        kind, data = event.get("type"), event.get("data")
        if f"{kind}.json" not in self._schemas:
            found.append(f"/type: no schema for {kind!r}")
        elif isinstance(data, dict):
            found += self._schema_errors(f"{kind}.json", data, "/data")
        return list(dict.fromkeys(found + rule_errors(event)))


def rule_errors(event):
    """What is wrong with one event by the rules that no schema can say: a list of '/path: what'."""
    if not isinstance(event, dict):
        return ["/: an event is a JSON object"]
    data = event.get("data")
    found = list(_agreement(event, data)) if isinstance(data, dict) else []
    found += _never_written(event, "")
    found += _impossible_times(event, "")
    if len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")) > VALUE_LIMIT:
        found.append(f"/: longer than {VALUE_LIMIT} bytes")
    return found


def _leaves(error, at):
    """The innermost errors, which say what to look at."""
    if error.context and error.validator in ("allOf",):
        for inner in error.context:
            yield from _leaves(inner, at)
        return
    path = at + "".join(f"/{part}" for part in error.absolute_path)
    message = error.message if len(error.message) < 300 else error.message[:300] + "…"
    yield f"{path or '/'}: {message}"


def _agreement(event, data):
    """The body says the same as the attributes, for those who read only one of them."""
    def same(path, inside, attribute):
        if inside != event.get(attribute):
            yield f"/data/{path}: {inside!r}, but the attribute {attribute} is {event.get(attribute)!r}"

    inner = data.get("event", {})
    pairs = [("event/id", inner.get("id"), "id"), ("event/type", inner.get("type"), "type"), ("event/time", inner.get("time"), "time"),
             ("event/recorded_at", inner.get("recorded_at"), "recordedtime"), ("event/tenant", inner.get("tenant"), "tenantid")]
    if str(event.get("type")).startswith("contact."):
        pairs += [("channel", data.get("channel"), "channel"), ("direction", data.get("direction"), "direction"),
                  ("handling/category", data.get("handling", {}).get("category"), "category"),
                  ("conversation/id", data.get("conversation", {}).get("id"), "subject")]
    if event.get("type") == "switchboard.heartbeat.v1":
        pairs += [("journal", data.get("journal"), "subject")]
        expected_source = f"/journals/{data.get('journal')}"
    else:
        quote = functools.partial(urllib.parse.quote, safe="")
        tenant = f"/tenants/{quote(event['tenantid'])}" if event.get("tenantid") else ""
        expected_source = f"{tenant}/sources/{quote(str(data.get('source', {}).get('id')))}"
    for path, inside, attribute in pairs:
        yield from same(path, inside, attribute)
    if event.get("source") != expected_source:
        yield f"/source: {event.get('source')!r}, but the body says {expected_source!r}"
    if "dataschema" in event and not str(event["dataschema"]).endswith(f"/{event.get('type')}.json"):
        yield f"/dataschema: {event['dataschema']!r} is not that of the type"
    if str(event.get("time")) > str(event.get("recordedtime")) and "skewed" not in data.get("flags", []):
        ahead = _parse(event.get("time")) - _parse(event.get("recordedtime")) if _parse(event.get("time")) and _parse(event.get("recordedtime")) else None
        if ahead and ahead > datetime.timedelta(minutes=5):
            yield "/time: more than five minutes after recordedtime, without the flag skewed"


def _never_written(value, path):
    if value is None or value == "" or value == [] or value == {}:
        yield f"{path or '/'}: {json.dumps(value)} is never written"
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _never_written(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _never_written(inner, f"{path}/{index}")


TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")


def _parse(text):
    try:
        return datetime.datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return None


def _impossible_times(value, path):
    """Texts of the form of a time that name no moment. (Year 0, which our types can hold, is none to Python.)"""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _impossible_times(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _impossible_times(inner, f"{path}/{index}")
    elif isinstance(value, str) and TIME.fullmatch(value) and not value.startswith("0000") and _parse(value) is None:
        yield f"{path}: {value!r} is no moment"


def event_from_kafka(headers, key, value):
    """The structured form of a record in binary mode. Headers are pairs of text and bytes. Raises ValueError when it is none."""
    event, plain = {}, {}
    for name, content in headers:
        text = content.decode("utf-8") if isinstance(content, (bytes, bytearray)) else content
        if name in plain:
            raise ValueError(f"header {name} stands twice")
        plain[name] = text
        if name.startswith("ce_"):
            event[name[3:]] = text
    if plain.get("content-type", "").startswith("application/cloudevents+json"):
        return json.loads(value)
    if "content-type" not in plain:
        raise ValueError("no header content-type")
    event["datacontenttype"] = plain["content-type"]
    if "traceparent" in plain and plain["traceparent"] != event.get("traceparent"):
        raise ValueError("header traceparent differs from ce_traceparent")
    event["data"] = json.loads(value)
    key = key.decode("utf-8") if isinstance(key, (bytes, bytearray)) else key
    if key != event.get("partitionkey"):
        raise ValueError(f"key {key!r}, but partitionkey {event.get('partitionkey')!r}")
    return event


@functools.lru_cache(maxsize=2)
def _shared(is_open):
    return Validator(is_open=is_open)


def require_valid(events, is_open=False):
    """Raises AssertionError with every error of every event; returns the number of events."""
    validator, problems, count = _shared(is_open), [], 0
    for event in events:
        count += 1
        for error in validator.errors(event):
            problems.append(f"{event.get('id') if isinstance(event, dict) else '?'}: {error}")
    if problems:
        raise AssertionError(f"{len(problems)} errors in {count} events:\n" + "\n".join(problems[:50]))
    return count


def read_events(text, name):
    """Yields (place, event). One document, or one per line; a line of `decode` gives the events in it."""
    def unpack(document, place):
        if isinstance(document, dict) and "specversion" not in document and isinstance(document.get("events"), list):
            for index, event in enumerate(document["events"]):
                yield f"{place}[{index}]", event
        else:
            yield place, document

    try:
        yield from unpack(json.loads(text), name)
        return
    except json.JSONDecodeError:
        pass
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                document = json.loads(line)
            except json.JSONDecodeError as error:
                yield f"{name}:{number}", f"not JSON: {error}"
                continue
            yield from unpack(document, f"{name}:{number}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0], epilog="See the head of this file for more.")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--open", action="store_true", help="validate as a consumer would: unknown members and values are fine")
    parser.add_argument("--allow-none", action="store_true", help="no event at all is no error")
    options = parser.parse_args()
    validator = Validator(is_open=options.open)
    count = failed = 0
    sources = [(name, pathlib.Path(name).read_text(encoding="utf-8")) for name in options.files]
    for name, text in sources or [("-", sys.stdin.read())]:
        for place, event in read_events(text, name):
            count += 1
            problems = [event] if isinstance(event, str) else validator.errors(event)
            failed += bool(problems)
            for problem in problems:
                print(f"{place}: {event.get('id', '?') if isinstance(event, dict) else '?'}: {problem}")
    if count == 0 and not options.allow_none:
        print("validate.py: no events were read", file=sys.stderr)
        return 2
    print(f"validate.py: {count} events, {failed} invalid", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
