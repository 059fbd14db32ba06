"""Reduce AWS's CloudFormation resource schemas to the names that the tests of the kinds compare.

Usage: reduce.py FOLDER TYPE...

Writes a file for each type, `AWS.EC2.Subnet.json`. The schemas come with the package cfn-lint. Properties come with the names one level inside them. Nested read-only properties
count as their first segment, nested create-only ones keep their path: `DnsOptions.PrivateDnsPreference`. Unknown types
are reported together.
"""

import json
import pathlib
import sys

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"


def path(pointer):
    return ".".join(step for step in pointer.split("/") if step not in ("", "properties", "*"))


def top(pointer):
    return path(pointer).split(".")[0]


def members(schema, node):
    """Names inside a property that is an object or a list of objects; none where the schema leaves them open."""
    while "$ref" in node or "items" in node:
        node = schema["definitions"][node["$ref"].rsplit("/", 1)[1]] if "$ref" in node else node["items"]
    return sorted(node.get("properties", {}))


def reduce(schema):
    # A property that may only be set at birth depending on others is create-only for us.
    create_only = schema.get("createOnlyProperties", []) + schema.get("conditionalCreateOnlyProperties", [])
    return {
        "properties": {name: members(schema, node) for name, node in sorted(schema["properties"].items())},
        "createOnly": sorted({path(pointer) for pointer in create_only}),
        "readOnly": sorted({top(pointer) for pointer in schema.get("readOnlyProperties", [])}),
        "required": sorted(schema.get("required", [])),
    }


def main(folder, types):
    unknown = []
    for name in types:
        try:
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, name).schema
        except Exception as problem:  # cfn-lint's own exception type moved between releases
            unknown.append(f"{name}: {problem!r}")
            continue
        file = pathlib.Path(folder) / f"{name.replace('::', '.')}.json"
        file.write_text(json.dumps(reduce(schema), indent=1, sort_keys=True) + "\n")
    if unknown:
        sys.exit("\n".join(unknown))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
