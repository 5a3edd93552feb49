#!/usr/bin/python3
"""Judges YAML and JSON files by JSON Schemas, as check-jsonschema does: ruamel.yaml's YAML 1.2, dates left as texts, keys
made texts, and jsonschema's validator of draft 2020-12 with its formats.

schema_judge.py SCHEMA FILE...     says what is wrong; exits 1 where anything is
schema_judge.py --batch            {"schemas": {name: schema}, "files": [[name, text], ...]} on standard input; on standard
                                   output a list: for each file its mistakes, or null where it is no YAML
"""

import json
import sys
import warnings

import ruamel.yaml
from jsonschema import Draft202012Validator, FormatChecker

TEXT = "tag:yaml.org,2002:str"


class Constructor(ruamel.yaml.SafeConstructor):
    """A date is a text, as in JSON."""


Constructor.add_constructor("tag:yaml.org,2002:timestamp", Constructor.yaml_constructors[TEXT])


def read(text):
    yaml = ruamel.yaml.YAML(typ="safe", pure=True)
    yaml.Constructor = Constructor
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return plain(yaml.load(text))


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def validator(schema):
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def mistakes(judge, text):
    try:
        value = read(text)
    except (ruamel.yaml.YAMLError, ValueError, TypeError):
        return None
    return ["/".join(map(str, error.absolute_path)) + ": " + error.message for error in judge.iter_errors(value)]


def batch():
    asked = json.load(sys.stdin)
    judges = {name: validator(schema) for name, schema in asked["schemas"].items()}
    json.dump([mistakes(judges[name], text) for name, text in asked["files"]], sys.stdout)


def main(schema, *paths):
    with open(schema, encoding="utf-8") as file:
        judge = validator(json.load(file))
    is_sound = True
    for path in paths:
        with open(path, encoding="utf-8") as file:
            found = mistakes(judge, file.read())
        for mistake in ["it cannot be read"] if found is None else found:
            is_sound = False
            print(f"{path}: {mistake}", file=sys.stderr)
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(batch() if sys.argv[1:] == ["--batch"] else main(*sys.argv[1:]))
