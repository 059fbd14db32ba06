"""Writes the tables of inputs and outputs of every module into its README.

    module_tables.py MODULES_FOLDER [--check]

The tables stand between two marker lines and are derived from the module's *.tf files. With --check nothing
is written; the READMEs that are out of date are named, and the exit code is 1.
"""

import json
import pathlib
import sys

import hcl2

BEGIN, END = "<!-- BEGIN GENERATED -->", "<!-- END GENERATED -->"
PLAIN = hcl2.SerializationOptions(strip_string_quotes=True, preserve_heredocs=False, explicit_blocks=False)


def blocks(folder: pathlib.Path, kind: str) -> list[tuple[str, dict]]:
    """Name and body of every block of a kind, sorted by name."""
    found = []
    for path in sorted(folder.glob("*.tf")):
        with path.open(encoding="utf-8") as source:
            for block in hcl2.load(source, serialization_options=PLAIN).get(kind, []):
                found.extend(block.items())
    return sorted(found)


def expression(value) -> str:
    """HCL of a parsed value, on one line."""
    match value:
        case str() if value.startswith("${") and value.endswith("}"):
            return value[2:-1]
        case dict():
            return "{ " + ", ".join(f"{name} = {expression(item)}" for name, item in value.items()) + " }" if value else "{}"
        case list():
            return "[" + ", ".join(map(expression, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    return f"`{cell(text)}`"


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def tables(folder: pathlib.Path) -> str:
    inputs = [
        [
            code(name),
            cell(body.get("description", "")),
            code(body["type"].removeprefix("${").removesuffix("}") if "type" in body else "any"),
            code(expression(body["default"])) if "default" in body else "required",
        ]
        for name, body in blocks(folder, "variable")
    ]
    outputs = [[code(name), cell(body.get("description", ""))] for name, body in blocks(folder, "output")]
    lines = []
    if inputs:
        lines += ["## Inputs", "", *table(["Name", "Description", "Type", "Default"], inputs), ""]
    if outputs:
        lines += ["## Outputs", "", *table(["Name", "Description"], outputs), ""]
    return "\n".join(lines)


def main() -> int:
    problems = []
    for folder in sorted(path.parent for path in pathlib.Path(sys.argv[1]).glob("*/main.tf")):
        readme = folder / "README.md"
        text = readme.read_text(encoding="utf-8") if readme.exists() else ""
        head, begin, rest = text.partition(BEGIN)
        _, end, tail = rest.partition(END)
        if not begin or not end:
            problems.append(f"{readme}: the marker lines {BEGIN} and {END} are missing")
            continue
        wanted = f"{head}{BEGIN}\n{tables(folder)}{END}{tail}"
        if wanted == text:
            continue
        if "--check" in sys.argv[2:]:
            problems.append(f"{readme} is out of date: run `cargo xtask docs`")
        else:
            readme.write_text(wanted, encoding="utf-8")
            print(f"wrote {readme}")
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
