"""What the codec writes, read by others: JSON Schema validators, the official CloudEvents SDK."""

import copy
import json
import os
import pathlib
import subprocess

import pytest
from cloudevents.core.bindings import kafka

import validate

ROOT = pathlib.Path(__file__).resolve().parents[2]
EMITTED = pathlib.Path(os.environ.get("SWITCHBOARD_EMITTED", ROOT / "build/dev/schemas_emitted"))
GOLDEN = ROOT / "tests/schemas/golden"
EXAMPLES = ROOT / "schemas/examples"
SEQUENCE = ("sbjournal", "sbseq")


def lines(name):
    # Not splitlines(): the texts in the events hold U+2028 and the like.
    found = [json.loads(line) for line in (EMITTED / name).read_text(encoding="utf-8").split("\n") if line]
    assert found
    return found


@pytest.fixture(scope="module")
def events():
    return lines("events.jsonl")


@pytest.fixture(scope="module")
def records():
    return lines("kafka.jsonl")


@pytest.fixture(scope="module")
def validator():
    return validate.Validator()


def test_every_event_validates(events):
    assert validate.require_valid(events) > 400


def test_every_type_was_emitted(events, validator):
    assert sorted({event["type"] for event in events}) == validator.types()


def members(schemas, name, schema):
    """Every path that a schema knows, list elements without an index."""
    if "$ref" in schema:
        file, _, pointer = schema["$ref"].partition("#")
        target = file or name
        inner = schemas[target]
        for part in pointer.split("/")[1:]:
            inner = inner[part]
        yield from members(schemas, target, inner)
    for part in schema.get("allOf", []):
        yield from members(schemas, name, part)
    for member, inner in schema.get("properties", {}).items():
        yield f"/{member}"
        for path in members(schemas, name, inner):
            yield f"/{member}{path}"
    if "items" in schema:
        yield from members(schemas, name, schema["items"])


def paths(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"/{name}"
            for path in paths(inner):
                yield f"/{name}{path}"
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner)


def test_every_documented_member_is_written(events, validator):
    """The closed schemas show a member that is written but not documented; this shows the opposite."""
    schemas = validate.load_schemas()
    for kind in validator.types():
        written = {path for event in events if event["type"] == kind for path in paths(event["data"])}
        documented = set(members(schemas, f"{kind}.json", schemas[f"{kind}.json"]))
        assert len(documented) > 10
        assert documented - written == set(), kind
    envelope = {path for event in events for path in paths({name: value for name, value in event.items() if name != "data"})}
    assert set(members(schemas, "cloudevent.json", schemas["cloudevent.json"])) - envelope == {"/data"}


def test_binary_mode_says_the_same(events, records):
    assert len(events) == len(records)
    for event, record in zip(events, records):
        read = validate.event_from_kafka(record["headers"], record["key"], record["value"])
        assert ({*SEQUENCE} <= read.keys()) == (event["type"] != "switchboard.heartbeat.v1")
        if "sbseq" not in event:
            read = {name: value for name, value in read.items() if name not in SEQUENCE}
        assert read == event


def test_official_sdk_reads_binary_mode(records):
    for record in records:
        headers = {name: value.encode() for name, value in record["headers"]}
        assert len(headers) == len(record["headers"])
        event = kafka.from_binary_event(kafka.KafkaMessage(headers=headers, key=record["key"].encode(), value=record["value"].encode()))
        ours = validate.event_from_kafka(record["headers"], record["key"], record["value"])
        assert (event.get_id(), event.get_type(), event.get_source(), event.get_specversion()) == (ours["id"], ours["type"], ours["source"], "1.0")
        assert event.get_subject() == ours.get("subject")
        assert event.get_datacontenttype() == "application/json"
        assert event.get_dataschema() == ours.get("dataschema")
        assert event.get_time().isoformat(timespec="milliseconds").replace("+00:00", "Z") == ours["time"]
        assert event.get_data() == ours["data"]
        for name in ("recordedtime", "partitionkey", "tenantid", "channel", "direction", "category", "dataclassification", "datacategory",
                     "traceparent", *SEQUENCE):
            assert event.get_extension(name) == ours.get(name), name


def test_official_sdk_reads_structured_mode(events):
    for event in events:
        value = json.dumps(event, ensure_ascii=False).encode()
        headers = {"content-type": b"application/cloudevents+json"}
        read = kafka.from_structured_event(kafka.KafkaMessage(headers=headers, key=None, value=value))
        assert read.get_id() == event["id"]
        assert read.get_extension("sbseq") == event.get("sbseq")
        assert read.get_data() == event["data"]


def test_ajv_agrees(events):
    """A second validator that shares nothing with the first: ajv on Node, open and closed."""
    modules = ROOT / "build/node/node_modules"
    assert (modules / "ajv").is_dir(), "run tests/prepare first: ajv is not in build/node"
    examples = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.json"))]
    schemas = validate.load_schemas()
    bad = copy.deepcopy(examples[0])
    bad["data"]["surprise"] = 1
    for mode, transform in (("open", lambda schema: schema), ("closed", validate.closed)):
        sent = {"schemas": {name: transform(schema) for name, schema in schemas.items()}, "events": [bad, *examples, *events]}
        done = subprocess.run(["node", ROOT / "tests/schemas/ajv_check.cjs"], input=json.dumps(sent).encode(), capture_output=True,
                              env={**os.environ, "NODE_PATH": str(modules)}, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        errors = json.loads(done.stdout)
        assert len(errors) == len(sent["events"])
        assert (errors[0] == []) == (mode == "open"), errors[0]
        assert [entry for entry in errors[1:] if entry] == []


def test_examples_are_the_golden_files():
    golden = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in GOLDEN.glob("*.json")}
    if "SWITCHBOARD_UPDATE_GOLDEN" in os.environ:
        EXAMPLES.mkdir(exist_ok=True)
        for name, event in golden.items():
            (EXAMPLES / name).write_text(json.dumps(event, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    examples = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*.json")}
    assert len(golden) > 40
    assert examples == golden


def test_examples_show_every_type(validator):
    shown = [json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*.json")]
    assert sorted({event["type"] for event in shown}) == validator.types()
    assert validate.require_valid(shown) == len(shown)


# --- the validator itself: each of these is wrong in one way ---
def put(path, value):
    def change(event):
        *parents, last = path.split("/")[1:]
        for part in parents:
            event = event[int(part) if isinstance(event, list) else part]
        event[int(last) if isinstance(event, list) else last] = value
    return change


def drop(path):
    def change(event):
        *parents, last = path.split("/")[1:]
        for part in parents:
            event = event[int(part) if isinstance(event, list) else part]
        del event[last]
    return change


WRONG = {
    "unknown member": (put("/data/message/tone", "angry"), "tone"),
    "unknown member of the body": (put("/data/mood", "angry"), "mood"),
    "unknown member of event": (put("/data/event/seq", "1"), "seq"),
    "unknown attribute": (put("/sbnode", "7"), "sbnode"),
    "unknown value": (put("/data/message/kind", "poem"), "/data/message/kind"),
    "null": (put("/data/language", None), "null is never written"),
    "empty text": (put("/data/text", ""), "is never written"),
    "empty list": (put("/data/flags", []), "is never written"),
    "empty object": (put("/data/place", {}), "is never written"),
    "other id": (put("/data/event/id", "5b1f0d6c-3c55-8a41-9c0e-5f3a0a6fffff"), "attribute id"),
    "other type": (put("/data/event/type", "contact.message.sent.v1"), "/data/event/type"),
    "other recorded_at": (put("/data/event/recorded_at", "2026-11-22T09:15:04.413Z"), "attribute recordedtime"),
    "other tenant": (put("/data/event/tenant", "other"), "attribute tenantid"),
    "other channel": (put("/channel", "sms"), "attribute channel"),
    "other category": (put("/category", "praise"), "attribute category"),
    "other source": (put("/source", "/tenants/acme/sources/other"), "the body says"),
    "other subject": (put("/subject", "nfzxg5dfojuw4z3tmvzxg2lpny"), "attribute subject"),
    "four fractional digits": (put("/data/handling/due_at", "2026-11-22T10:15:04.0000Z"), "due_at"),
    "offset": (put("/data/handling/due_at", "2026-11-22T10:15:04.000+07:00"), "due_at"),
    "no such day": (put("/data/handling/due_at", "2026-02-30T10:15:04.000Z"), "no moment"),
    "verified and derived": (put("/data/actor/identities/1/verified", True), "/data/actor/identities/1"),
    "verified false": (put("/data/actor/identities/1/verified", False), "verified"),
    "no block": (drop("/data/message"), "message"),
    "block of another type": (put("/data/receipt", {"status": "sent"}), "receipt"),
    "no conversation": (drop("/data/conversation"), "conversation"),
    "sequence without journal": (drop("/sbjournal"), "sbjournal"),
    "short sequence": (put("/sbseq", "1"), "sbseq"),
    "schema of another type": (put("/dataschema", "https://schemas.acme.example/contact.receipt.v1.json"), "dataschema"),
    "unknown type": (put("/type", "contact.poem.v1"), "no schema"),
    "too long": (put("/data/text", "x" * 300_000), "longer than"),
    "ahead without flag": (put("/data/flags", ["test"]), None),
}


@pytest.mark.parametrize("name", WRONG)
def test_validator_finds(name, validator):
    event = json.loads((GOLDEN / "message-received-whatsapp.json").read_text(encoding="utf-8"))
    assert validator.errors(event) == []
    change, expected = WRONG[name]
    change(event)
    errors = validator.errors(event)
    if expected is None:
        assert errors == []
        event["time"] = event["data"]["event"]["time"] = "2026-11-22T10:15:04.000Z"
        assert validator.errors(event) == ["/time: more than five minutes after recordedtime, without the flag skewed"]
    else:
        assert any(expected in error for error in errors), errors


def test_consumers_may_meet_more():
    event = json.loads((GOLDEN / "message-received-whatsapp.json").read_text(encoding="utf-8"))
    event["data"]["message"]["kind"] = "poem"
    event["data"]["mood"] = {"name": "angry"}
    event["sbnode"] = "7"
    assert validate.Validator(is_open=True).errors(event) == []


def run_validator(text):
    return subprocess.run(["python3", ROOT / "tests/schemas/validate.py"], input=text, capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "PATH": f"{ROOT}/build/venv/bin:{os.environ['PATH']}"})


def test_command_line(validator):
    good = (GOLDEN / "reaction.json").read_text(encoding="utf-8")
    bad = good.replace('"added"', '"praised"')
    assert run_validator(good).returncode == 0
    assert run_validator("").returncode == 2
    done = run_validator(good + bad + "not json\n")
    assert done.returncode == 1
    assert "-:2: " in done.stdout and "/data/reaction/action" in done.stdout and "-:3: ?: not JSON" in done.stdout
    decoded = json.dumps({"source": "s", "outcome": "accepted", "events": [json.loads(good), json.loads(bad)]})
    done = run_validator(decoded + "\n" + decoded + "\n")
    assert done.returncode == 1 and "-:2[1]: " in done.stdout and "4 events, 2 invalid" in done.stderr
