"""The AsyncAPI and OpenAPI documents: valid by the specifications' own schemas, and in agreement with the tables of the codec."""

import json
import os
import pathlib
import re

import jsonschema
import openapi_spec_validator
import pytest
import yaml

import validate

ROOT = pathlib.Path(__file__).resolve().parents[2]
EMITTED = pathlib.Path(os.environ.get("SWITCHBOARD_EMITTED", ROOT / "build/dev/schemas_emitted"))
ASYNCAPI_SCHEMA = ROOT / "build/node/node_modules/@asyncapi/specs/schemas/3.0.0.json"
# On the other topic too: voicemail and what belongs to it, partial input, attachments of what the company sent.
ON_BOTH = {"contact.call.input.v1", "contact.call.recorded.v1", "contact.call.transcribed.v1", "contact.attachment.updated.v1"}
RECORDS = {"quarantine": "switchboard.quarantine.v1", "raw": "switchboard.raw.v1", "control": "switchboard.heartbeat.v1", "dead_letter": "dead letter"}


def load(name):
    return yaml.safe_load((ROOT / "schemas" / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def asyncapi():
    return load("asyncapi.yaml")


@pytest.fixture(scope="module")
def openapi():
    return load("openapi.yaml")


@pytest.fixture(scope="module")
def tables():
    return json.loads((EMITTED / "types.json").read_text(encoding="utf-8"))


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def follow(document, reference):
    assert reference.startswith("#/"), reference
    for part in reference[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


@pytest.mark.parametrize("name", ["asyncapi.yaml", "openapi.yaml"])
def test_references_lead_somewhere(name):
    document = load(name)
    found = set(references(document))
    assert found
    for reference in found:
        if reference.startswith("#"):
            follow(document, reference)
        else:
            assert (ROOT / "schemas" / reference).is_file(), reference


def test_asyncapi_is_valid(asyncapi):
    assert ASYNCAPI_SCHEMA.is_file(), "run tests/prepare first: @asyncapi/specs is not in build/node"
    schema = json.loads(ASYNCAPI_SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(asyncapi)] == []
    broken = {**asyncapi, "channels": {"inbound": {"address": 7}}}
    assert list(validator.iter_errors(broken))


def test_asyncapi_has_every_topic(asyncapi, tables):
    assert {name: channel["address"] for name, channel in asyncapi["channels"].items()} == tables["topics"]
    sent = {operation["channel"]["$ref"].rsplit("/", 1)[1] for operation in asyncapi["operations"].values()}
    assert sent == set(tables["topics"])


def test_asyncapi_has_every_type_on_its_topics(asyncapi, tables):
    expected = {topic: set() for topic in tables["topics"]}
    for entry in tables["types"]:
        expected[entry["topic"]].add(entry["name"])
        if entry["name"] in ON_BOTH:
            expected[{"inbound": "activity", "activity": "inbound"}[entry["topic"]]].add(entry["name"])
    for topic, name in RECORDS.items():
        expected[topic].add(name)
    documented = {topic: {follow(asyncapi, message["$ref"])["name"] for message in channel["messages"].values()}
                  for topic, channel in asyncapi["channels"].items()}
    assert documented == expected


def test_asyncapi_messages_have_the_schema_of_their_type(asyncapi):
    for message in asyncapi["components"]["messages"].values():
        if message["name"] != RECORDS["dead_letter"]:
            assert message["payload"]["schema"]["$ref"] == f"json/{message['name']}.json"


def test_asyncapi_documents_every_header(asyncapi):
    """The headers that are really written are documented, those called required are always there, and the other way round."""
    records = [json.loads(line) for line in (EMITTED / "kafka.jsonl").read_text(encoding="utf-8").split("\n") if line]
    schemas = asyncapi["components"]["schemas"]
    for name, is_contact in (("contact_headers", True), ("record_headers", False)):
        written = [dict(record["headers"]) for record in records if dict(record["headers"])["ce_type"].startswith("contact.") == is_contact]
        assert len(written) > 10
        always = set.intersection(*(set(headers) for headers in written))
        assert set(schemas[name]["required"]) == always
        documented = schemas[name]["properties"]
        # traceparent goes onto the record a second time, as a plain header, when it is handed over.
        assert set.union(*(set(headers) for headers in written)) <= set(documented) - {"traceparent"}
        for headers in written:
            jsonschema.validate(headers, schemas[name], cls=jsonschema.Draft202012Validator)
    ever = {header for record in records for header, _ in record["headers"]}
    assert set(schemas["contact_headers"]["properties"]) - {"traceparent"} == ever


def test_openapi_is_valid(openapi):
    openapi_spec_validator.validate(openapi)
    broken = json.loads(json.dumps(openapi))
    broken["paths"]["/healthz"]["get"]["responses"] = 7
    with pytest.raises(Exception):
        openapi_spec_validator.validate(broken)


def test_openapi_has_the_paths_of_both_listeners(openapi):
    assert set(openapi["paths"]) == {"/in/{source}", "/healthz", "/readyz", "/metrics", "/status", "/schemas/{name}", "/blobs/{tenant}/{day}/{sha256}"}
    assert openapi["paths"]["/blobs/{tenant}/{day}/{sha256}"]["get"]["security"] == [{"tenant_token": []}]


def test_openapi_errors_have_one_body(openapi):
    for name, response in openapi["components"]["responses"].items():
        if name != "verdict":
            assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/error"}, name
    error = jsonschema.Draft202012Validator(openapi["components"]["schemas"]["error"])
    assert error.is_valid({"error": {"code": "body_too_large", "message": "The body is larger than is accepted here."}})
    assert not error.is_valid({"error": "body_too_large"})
    assert not error.is_valid({"error": {"code": "Body too large", "message": "x"}})


def test_openapi_schema_names_are_those_served(openapi):
    pattern = openapi["paths"]["/schemas/{name}"]["parameters"][0]["schema"]["pattern"]
    for name in validate.load_schemas():
        assert re.search(pattern, name), name
