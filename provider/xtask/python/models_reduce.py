"""Reduce botocore's service descriptions to the wire facts of the operations in use.

Usage: models_reduce.py BOTOCORE_DATA OPERATIONS_JSON OUTPUT_FOLDER

For every service of OPERATIONS_JSON ({service: [operation, ...]}) this writes `<service>.json` (operations, the
shapes they reach, pagination) and `<service>.endpoints.json` (the endpoint rule set); once, `partitions.json`; and
`index.rs`, the table that the client embeds. Documentation, examples and everything the wire doesn't need stay out.
All problems (unknown services, unknown operations, unsupported protocols) are reported at once.
"""

import gzip
import json
import re
import sys
from pathlib import Path

PROTOCOLS = ["json", "rest-json", "ec2", "query", "rest-xml"]

METADATA = ["apiVersion", "awsQueryCompatible", "endpointPrefix", "jsonVersion",
            "signingName", "targetPrefix", "xmlNamespace"]
OPERATION = ["name", "http", "input", "output", "endpoint", "authtype", "httpChecksumRequired", "httpChecksum",
             "requestcompression", "unsignedPayload", "staticContextParams", "operationContextParams", "readonly"]
SHAPE = ["type", "members", "required", "member", "key", "value", "enum", "payload", "flattened", "locationName",
         "timestampFormat", "xmlNamespace", "exception", "error", "union", "document", "sensitive", "streaming",
         "eventstream", "retryable", "sparse"]
REFERENCE = ["shape", "location", "locationName", "queryName", "flattened", "xmlNamespace", "xmlAttribute",
             "jsonvalue", "idempotencyToken", "hostLabel", "timestampFormat", "contextParam", "streaming"]
PAGINATOR = ["input_token", "output_token", "result_key", "more_results"]

# Enumerations longer than this (instance types, Regions) grow every week: a list in a binary would refuse what
# AWS already offers.
LONGEST_ENUM = 200


def load(folder, name):
    """The JSON document `name` of a service version, plain or compressed; None when there is none."""
    plain = folder / name
    if plain.exists():
        return json.loads(plain.read_text(encoding="utf-8"))
    packed = folder / (name + ".gz")
    if packed.exists():
        return json.loads(gzip.decompress(packed.read_bytes()))
    return None


def keep(source, keys):
    return {key: source[key] for key in keys if key in source and source[key] not in (False, [], None)}


def reduce_reference(reference):
    return keep(reference, REFERENCE)


def reduce_shape(shape):
    kept = keep(shape, SHAPE)
    if len(kept.get("enum", [])) > LONGEST_ENUM:
        del kept["enum"]
    if "members" in shape:
        kept["members"] = {name: reduce_reference(member) for name, member in shape["members"].items()}
    for element in ("member", "key", "value"):
        if element in kept:
            kept[element] = reduce_reference(kept[element])
    return kept


def reachable(shapes, roots):
    seen, queue = set(), list(roots)
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        shape = shapes[name]
        for reference in list(shape.get("members", {}).values()) + [shape[e] for e in ("member", "key", "value") if e in shape]:
            queue.append(reference["shape"])
    return seen


def reduce_operation(service, operation):
    kept = keep(operation, OPERATION)
    for side in ("input", "output"):
        if side in kept:
            kept[side] = keep(kept[side], ["shape", "locationName", "xmlNamespace"])
    if "errors" in operation:
        kept["errors"] = [error["shape"] for error in operation["errors"]]
    if service == "s3":
        # The endpoint rules put the bucket into the endpoint (host or path); the path must not repeat it.
        uri = kept["http"]["requestUri"]
        kept["http"] = dict(kept["http"], requestUri=re.sub(r"^/\{Bucket\}/?", "/", uri))
    return kept


def reduce_service(name, description, paginators, wanted):
    metadata = keep(description["metadata"], METADATA)
    offered = description["metadata"].get("protocols") or [description["metadata"]["protocol"]]
    protocol = next((p for p in [description["metadata"]["protocol"], *offered] if p in PROTOCOLS), None)
    if protocol is None:
        raise ValueError(f"{name}: none of its protocols {offered} is among {PROTOCOLS}")
    metadata["protocol"] = protocol
    operations, roots = {}, []
    for operation in wanted:
        reduced = reduce_operation(name, description["operations"][operation])
        if operation in paginators:
            reduced["paginator"] = keep(paginators[operation], PAGINATOR)
        operations[operation] = reduced
        roots += [reduced[side]["shape"] for side in ("input", "output") if side in reduced]
        roots += reduced.get("errors", [])
    names = reachable(description["shapes"], roots)
    shapes = {shape: reduce_shape(description["shapes"][shape]) for shape in sorted(names)}
    return {"name": name, "metadata": metadata, "operations": operations, "shapes": shapes}


def without_documentation(node):
    if isinstance(node, dict):
        return {k: without_documentation(v) for k, v in node.items() if k not in ("documentation", "deprecated")}
    if isinstance(node, list):
        return [without_documentation(item) for item in node]
    return node


def write(path, document):
    path.write_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")


def main(data, operations_file, output):
    wanted = json.loads(operations_file.read_text(encoding="utf-8"))
    problems, rows = [], []
    for service, operations in sorted(wanted.items()):
        versions = sorted(p for p in (data / service).glob("*") if p.is_dir())
        if not versions:
            problems.append(f"{service}: botocore has no such service")
            continue
        description = load(versions[-1], "service-2.json")
        unknown = [o for o in operations if o not in description["operations"]]
        if unknown:
            problems.append(f"{service}: no operation {', '.join(unknown)}")
            continue
        paginators = (load(versions[-1], "paginators-1.json") or {}).get("pagination", {})
        try:
            write(output / f"{service}.json",
                  reduce_service(service, description, paginators, sorted(set(operations))))
        except ValueError as problem:
            problems.append(str(problem))
            continue
        write(output / f"{service}.endpoints.json",
              without_documentation(load(versions[-1], "endpoint-rule-set-1.json")))
        variable = re.sub("[ -]", "_", description["metadata"]["serviceId"]).upper()
        rows.append(f'    ("{service}", "{variable}", include_str!("{service}.json"), '
                    f'include_str!("{service}.endpoints.json")),\n')
    if problems:
        sys.exit("\n".join(problems))
    write(output / "partitions.json", json.loads((data / "partitions.json").read_text(encoding="utf-8")))
    (output / "index.rs").write_text(
        "// Written by `cargo xtask models`: name, variable suffix, operations and shapes, endpoint rules of each service.\n"
        "&[\n" + "".join(rows) + "]\n", encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
