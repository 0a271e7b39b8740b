"""The documents of the interface: right by their own specifications, whole, and no less than was promised."""

import copy
import json

import jsonschema_rs
import pytest
from asyncapi3.models import AsyncAPI3
from openapi_spec_validator import OpenAPIV31SpecValidator

from check_contract import asyncapi_faults, faults, openapi_faults, resolved
from Harness import contract
from Harness.settings import ROOT
from tree import Tree


@pytest.fixture
def openapi():
    return contract.load("openapi.json")


@pytest.fixture
def asyncapi():
    return contract.load("asyncapi.json")


def walk(value, path=()):
    """Every object of a document, with its place."""
    if isinstance(value, dict):
        yield path, value
        for key, each in value.items():
            yield from walk(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from walk(each, (*path, index))


def test_openapi_is_right_by_its_specification(openapi):
    OpenAPIV31SpecValidator(openapi).validate()


def test_asyncapi_is_right_by_its_specification(asyncapi):
    AsyncAPI3.model_validate(asyncapi)


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_every_reference_leads_somewhere(name):
    document = contract.load(name)
    references = [each for _, each in walk(document) if "$ref" in each]
    assert len(references) > 50
    for each in references:
        assert resolved(document, each)


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_every_example_is_valid(name):
    document = contract.load(name)
    components, tried = contract.closed(document["components"]), 0
    for path, schema in walk(document):
        if "examples" not in schema or "type" not in schema:
            continue
        whole = {**contract.closed(schema), "components": components}
        for example in schema["examples"]:
            found = [
                error.message
                for error in jsonschema_rs.Draft202012Validator(whole, validate_formats=True).iter_errors(example)
            ]
            assert not found, f"{path}: {found}"
            tried += 1
    assert tried > 15


def test_everything_says_what_it_is(openapi, asyncapi):
    for document in (openapi, asyncapi):
        for path, each in walk(document["components"]["schemas"]):
            for name, schema in each.get("properties", {}).items():
                if isinstance(schema, dict) and isinstance(each.get("properties"), dict) and "type" in each:
                    assert schema.get("description"), f"{path}: {name} has no description"
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            for key in ("operationId", "summary", "description", "tags", "responses"):
                assert operation.get(key), f"{method} {path} has no {key}"
            assert operation["security"] is not None
    names = [o["operationId"] for operations in openapi["paths"].values() for o in operations.values()]
    assert len(names) == len(set(names))


def test_what_was_promised_is_kept():
    assert list(faults(Tree(ROOT))) == []


# Each does something to the documents that a client of before would notice.
BREAKING = {
    "an operation is removed": lambda d: d["paths"].pop("/api/v1/orders/stats"),
    "a field of an answer is removed": lambda d: d["components"]["schemas"]["Order"]["properties"].pop("version"),
    "a field of an answer may be left out": lambda d: d["components"]["schemas"]["Order"]["required"].remove("owner"),
    "a field of an answer may be null": lambda d: d["components"]["schemas"]["Order"]["properties"]["number"].update(
        type=["integer", "null"]
    ),
    "a field of an answer is of another type": lambda d: d["components"]["schemas"]["Order"]["properties"][
        "number"
    ].update(type="string"),
    "a field of an answer within it is removed": lambda d: d["components"]["schemas"]["Person"]["properties"].pop(
        "name"
    ),
    "a header is removed": lambda d: d["paths"]["/api/v1/orders"]["post"]["responses"]["201"]["headers"].pop("ETag"),
    "a status is removed": lambda d: d["paths"]["/api/v1/orders/{orderId}"]["get"]["responses"].pop("304"),
    "a parameter is removed": lambda d: d["paths"]["/api/v1/orders"]["get"]["parameters"].pop(0),
    "a parameter must be there": lambda d: d["paths"]["/api/v1/orders"]["get"]["parameters"][0].update(required=True),
    "a field must be sent": lambda d: _body(d, "/api/v1/orders")["required"].append("metadata"),
    "a field may be sent no more": lambda d: _body(d, "/api/v1/orders")["properties"].pop("metadata"),
    "a field's bound is narrowed": lambda d: _body(d, "/api/v1/orders")["properties"]["quantity"].update(maximum=10),
    "it wants a token": lambda d: d["paths"]["/api/v1/auth/login"]["post"].update(security=[{"accessToken": []}]),
    "a form is removed": lambda d: d["paths"]["/api/v1/chat/rooms/{orderId}/transcript"]["get"]["responses"]["200"][
        "content"
    ].pop("text/csv"),
}
ADDING = {
    "a field of an answer": lambda d: d["components"]["schemas"]["Order"]["properties"].update(x={"type": "string"}),
    "a field that may be sent": lambda d: _body(d, "/api/v1/orders")["properties"].update(x={"type": "string"}),
    "an operation": lambda d: d["paths"].update({"/x": d["paths"]["/api/v1/orders"]}),
    "a wider bound": lambda d: _body(d, "/api/v1/orders")["properties"]["quantity"].update(maximum=10_000_000),
}


def _body(document, path):
    return document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize("change", BREAKING)
def test_what_clients_would_notice_is_a_fault(change, openapi):
    new = copy.deepcopy(openapi)
    BREAKING[change](new)
    assert list(openapi_faults(openapi, new)), change


@pytest.mark.parametrize("change", ADDING)
def test_what_is_added_is_none(change, openapi):
    new = copy.deepcopy(openapi)
    ADDING[change](new)
    assert new != openapi
    assert list(openapi_faults(openapi, new)) == []


def test_what_sockets_would_notice_is_a_fault(asyncapi):
    def changed(change):
        new = json.loads(json.dumps(asyncapi))
        change(new["components"])
        return list(asyncapi_faults(asyncapi, new))

    assert changed(lambda c: None) == []
    assert changed(lambda c: c["messages"].pop("webSocket-on-newMessage"))
    assert changed(lambda c: c["schemas"]["Message"]["properties"].pop("seq"))
    assert changed(lambda c: c["schemas"]["sendMessageData"]["properties"]["content"].update(maxLength=10))
    assert changed(lambda c: c["schemas"]["joinRoomData"]["required"].append("after"))
