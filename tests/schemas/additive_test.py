"""Within .v1 the schemas only grow: what the last release promised, this one promises too.

schemas/released/ is a copy of schemas/json/ as it was released last (schemas/released/README.md says when to renew it). Allowed: new files,
definitions, members that need not be there, known values of open enumerations, other descriptions. Everything else breaks a consumer, or
makes what already lies in the topics invalid.
"""

import copy
import pathlib

import pytest

import validate

RELEASED = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "released"
ANNOTATIONS = {"title", "description", "examples", "$comment", "default", "deprecated"}


def breaks(old, new, path=""):
    """Yields what a reader of the old schema would stumble over."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            yield f"{path}: {old!r} became {new!r}"
        return
    for key in sorted((old.keys() | new.keys()) - ANNOTATIONS):
        at = f"{path}/{key}"
        if key in ("properties", "$defs"):
            for name, schema in old.get(key, {}).items():
                if name not in new.get(key, {}):
                    yield f"{at}/{name}: is gone"
                else:
                    yield from breaks(schema, new[key][name], f"{at}/{name}")
        elif key not in new:
            yield f"{at}: is gone"
        elif key not in old:
            yield f"{at}: is new, and demands more"
        elif key == "required":
            for name in sorted(set(old[key]) ^ set(new[key])):
                yield f"{at}: {name} is {'no longer' if name in old[key] else 'now'} required"
        elif key == "anyOf" and validate.open_enum(old) is not None and validate.open_enum(new) is not None:
            for value in sorted(set(validate.open_enum(old)) - set(validate.open_enum(new))):
                yield f"{at}: the value {value} is gone"
            if old[key][1] != new[key][1]:
                yield f"{at}: other names are allowed now"
        elif key in validate.ONE:
            yield from breaks(old[key], new[key], at)
        elif key in validate.MANY and len(old[key]) == len(new[key]):
            for index, (one, other) in enumerate(zip(old[key], new[key])):
                yield from breaks(one, other, f"{at}/{index}")
        elif old[key] != new[key]:
            yield f"{at}: {old[key]!r} became {new[key]!r}"


def breaks_of_all(old, new):
    for name, schema in old.items():
        if name not in new:
            yield f"{name}: is gone"
        else:
            yield from breaks(schema, new[name], name)


def test_nothing_released_has_changed():
    assert list(breaks_of_all(validate.load_schemas(RELEASED), validate.load_schemas())) == []


def edit(file, pointer, change):
    def apply(schemas):
        at = schemas[file]
        for part in pointer.split("/")[1:]:
            at = at[int(part) if isinstance(at, list) else part]
        change(at)
    return apply


BREAKING = {
    "member removed": edit("body.json", "/properties", lambda at: at.pop("text")),
    "member removed deep inside": edit("blocks.json", "/$defs/message/properties/order/properties/items/items/properties", lambda at: at.pop("sku")),
    "definition removed": edit("common.json", "/$defs", lambda at: at.pop("party")),
    "file removed": lambda schemas: schemas.pop("contact.reaction.v1.json"),
    "member now required": edit("body.json", "/required", lambda at: at.append("text")),
    "member no longer required": edit("body.json", "/required", lambda at: at.remove("channel")),
    "type changed": edit("common.json", "/$defs/count", lambda at: at.update(type="string")),
    "pattern tightened": edit("common.json", "/$defs/text", lambda at: at.update(pattern="^[a-z]+$")),
    "pattern changed": edit("common.json", "/$defs/uuid", lambda at: at.update(pattern="^[0-9A-F-]+$")),
    "limit added": edit("body.json", "/properties/attachments", lambda at: at.update(maxItems=10)),
    "value removed": edit("enums.json", "/$defs/channel/anyOf/0/enum", lambda at: at.remove("fax")),
    "enumeration closed": edit("enums.json", "/$defs/channel", lambda at: at.pop("anyOf")),
    "type name changed": edit("contact.receipt.v1.json", "/properties/event/properties/type", lambda at: at.update(const="contact.receipts.v1")),
    "other definition": edit("body.json", "/properties/text", lambda at: at.update({"$ref": "common.json#/$defs/uri"})),
    "consumers closed out": edit("body.json", "", lambda at: at.update(additionalProperties=False)),
    "dependency added": edit("blocks.json", "/$defs/visit", lambda at: at.update(dependentRequired={"ticket": ["purpose"]})),
}
ADDING = {
    "member": edit("body.json", "/properties", lambda at: at.update(mood={"$ref": "common.json#/$defs/text"})),
    "member of a block": edit("blocks.json", "/$defs/visit/properties", lambda at: at.update(floor={"type": "integer"})),
    "value": edit("enums.json", "/$defs/channel/anyOf/0/enum", lambda at: at.append("carrier_pigeon")),
    "definition": edit("blocks.json", "/$defs", lambda at: at.update(parcel={"type": "object"})),
    "file": lambda schemas: schemas.update({"contact.parcel.v1.json": {"type": "object"}}),
    "description": edit("body.json", "/properties/text", lambda at: at.update(description="Other words.")),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_break_is_found(name):
    old = validate.load_schemas()
    new = copy.deepcopy(old)
    BREAKING[name](new)
    assert len(list(breaks_of_all(old, new))) == 1


@pytest.mark.parametrize("name", ADDING)
def test_an_addition_is_fine(name):
    old = validate.load_schemas()
    new = copy.deepcopy(old)
    ADDING[name](new)
    assert new != old
    assert list(breaks_of_all(old, new)) == []
