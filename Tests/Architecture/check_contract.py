"""What the interface has promised it keeps: the documents of today against those of the last release.

Within a version things are added. A client of the last release must not meet less than it was promised, nor be asked
for more: what is removed or narrowed is a fault.
"""

import json
from pathlib import Path

FOLDER = Path("docs/contract")


def faults(tree):
    for name, compare in (("openapi.json", openapi_faults), ("asyncapi.json", asyncapi_faults)):
        now, released = tree.text(FOLDER / name), tree.text(FOLDER / "released" / name)
        if now is None or released is None:
            yield f"{FOLDER / name}: it, or that of the last release, is missing: run bin/contract"
            continue
        for fault in compare(json.loads(released), json.loads(now)):
            yield f"{FOLDER / name}: {fault}"


def openapi_faults(old, new):
    for path, operations in old["paths"].items():
        for method, operation in operations.items():
            place = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{place} was removed"
            else:
                yield from _operation_faults(place, Side(old, new), operation, now)


def _operation_faults(place, side, old, new):
    if new["operationId"] != old["operationId"]:
        yield f"{place}: operationId was {old['operationId']}"
    if old["security"] == [] and new["security"] != []:
        yield f"{place}: it was for anyone"
    parameters = {(each["in"], each["name"]): each for each in new.get("parameters", [])}
    for each in old.get("parameters", []):
        now = parameters.pop((each["in"], each["name"]), None)
        if now is None:
            yield f"{place}: the parameter {each['name']} was removed"
        else:
            yield from side.asked(f"{place} parameter {each['name']}", each["schema"], now["schema"])
            if now.get("required") and not each.get("required"):
                yield f"{place}: the parameter {each['name']} need not have been there"
    for each in parameters.values():
        if each.get("required"):
            yield f"{place}: the new parameter {each['name']} must be there"
    yield from _body_faults(place, side, old.get("requestBody"), new.get("requestBody"))
    for status, response in old["responses"].items():
        now = new["responses"].get(status)
        # Which refusals there are may change: whoever does not know a code goes by its status.
        if int(status) >= 400:
            continue
        if now is None:
            yield f"{place}: {status} was removed"
            continue
        for header in set(response["headers"]) - set(now["headers"]):
            yield f"{place} {status}: the header {header} was removed"
        for kind, content in response.get("content", {}).items():
            if kind not in now.get("content", {}):
                yield f"{place} {status}: {kind} was removed"
            else:
                yield from side.told(f"{place} {status}", content["schema"], now["content"][kind]["schema"])


def _body_faults(place, side, old, new):
    if old is None:
        if new is not None and new.get("required"):
            yield f"{place}: a body was not asked for"
        return
    if new is None:
        yield f"{place}: the body was removed"
        return
    if new["required"] and not old["required"]:
        yield f"{place}: the body could be left out"
    for kind, content in old["content"].items():
        yield from side.asked(f"{place} body", content["schema"], new["content"][kind]["schema"])


def asyncapi_faults(old, new):
    side = Side(old, new)
    for name, message in old["components"]["messages"].items():
        now = new["components"]["messages"].get(name)
        if now is None:
            yield f"the message {name} was removed"
        elif "-on-" in name or name.endswith("Answer"):
            yield from side.told(name, message["payload"], now["payload"])
        else:
            yield from side.asked(name, message["payload"], now["payload"])


class Side:
    """Compares schemas of two documents, each with components of its own."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def told(self, place, old, new, seen=()):
        """Of what clients get: nothing that they rely on may be missing."""
        old, new, seen, is_known = self._resolved(old, new, seen)
        if is_known:
            return
        for kind in _kinds(new) - _kinds(old):
            yield f"{place}: it may be {kind} now"
        for name, schema in old.get("properties", {}).items():
            now = new.get("properties", {}).get(name)
            if now is None:
                yield f"{place}: {name} was removed"
                continue
            if name in old.get("required", []) and name not in new.get("required", []):
                yield f"{place}: {name} may be left out now"
            yield from self.told(f"{place}.{name}", schema, now, seen)
        yield from self._parts(self.told, place, old, new, seen)

    def asked(self, place, old, new, seen=()):
        """Of what clients send: whatever was right must be right still."""
        old, new, seen, is_known = self._resolved(old, new, seen)
        if is_known:
            return
        for kind in _kinds(old) - _kinds(new):
            yield f"{place}: it may not be {kind} any more"
        for word in set(old.get("enum", [])) - set(new.get("enum", old.get("enum", []))):
            yield f"{place}: {word} is refused now"
        for low, high in (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")):
            if new.get(low, float("-inf")) > old.get(low, float("-inf")) and new.get(low, 0) != 0:
                yield f"{place}: {low} was {old.get(low)} and is {new[low]}"
            if new.get(high, float("inf")) < old.get(high, float("inf")):
                yield f"{place}: {high} was {old.get(high)} and is {new[high]}"
        for name, schema in old.get("properties", {}).items():
            now = new.get("properties", {}).get(name)
            if now is None:
                yield f"{place}: {name} was removed"
            else:
                yield from self.asked(f"{place}.{name}", schema, now, seen)
        for name in set(new.get("required", [])) - set(old.get("required", [])):
            yield f"{place}: {name} must be there now"
        yield from self._parts(self.asked, place, old, new, seen)

    def _parts(self, compare, place, old, new, seen):
        if "items" in old and "items" in new:
            yield from compare(f"{place}[]", old["items"], new["items"], seen)
        for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
            for index, (one, other) in enumerate(zip(old.get(key, []), new.get(key, []), strict=False)):
                yield from compare(f"{place}.{key}.{index}", one, other, seen)

    def _resolved(self, old, new, seen):
        names = (old.get("$ref"), new.get("$ref"))
        is_known = names[0] is not None and names in seen
        seen = (*seen, names) if names[0] else seen
        return resolved(self.old, old), resolved(self.new, new), seen, is_known


def resolved(document, schema):
    """The schema itself, where it stands elsewhere."""
    while "$ref" in schema:
        target = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _kinds(schema):
    """The types that a value may have; empty when nothing is said of it."""
    kinds = schema.get("type", [])
    found = {kinds} if isinstance(kinds, str) else set(kinds)
    for part in (*schema.get("anyOf", []), *schema.get("oneOf", [])):
        if part.get("type") == "null":
            found.add("null")
    return found
