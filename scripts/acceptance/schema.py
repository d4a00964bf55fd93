#!/usr/bin/env python3
"""OpenAI's published schema of the paths that a gateway serves, run through schemathesis.

usage: scripts/acceptance/schema GONKA [--cases 1000] [--seed 1] [--schema FILE]

Starts a network of its own and asks its gateway by bodies that schemathesis makes of the schema, half of them valid and half of
them not. No answer may have a status from 500 up (but 503 with `retry-after`, which says that all hosts are busy); no body that
the schema forbids may be accepted; every answer with status 200 must be what the schema says; every error must have OpenAI's four
members and a code of docs/api.md. Prints what was asked and what came, exits 1 where a rule was broken.

The schema is that of OpenAI's own clients (openai/openai-openapi, MIT); where it lies beside the project it is read from there.
"""
import argparse
import collections
import json
import pathlib
import re
import sys
import tempfile

import jsonschema
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from network import MODEL, Network, machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT.parent / "shared/vectors/openai_openapi_subset.json"
PATHS = ["/chat/completions", "/completions", "/embeddings", "/responses"]
# What the schema leaves open and a network without images, sounds and web searches has to refuse by name.
REFUSALS = {"unsupported_parameter", "unsupported_value", "unsupported_schema", "unknown_parameter", "model_not_found"}


def documented_codes():
    page = (ROOT / "docs/api.md").read_text()
    return {code for row in re.findall(r"^\| (`[^|]*`) \| 4|5", page, re.M) for code in re.findall(r"`([a-z_]+)`", row)}


def short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else text[:300] + " …"


class Run:
    """Asks, and counts what comes."""

    def __init__(self, base_url, api_key, schema):
        self.base_url, self.schema = base_url, schema
        self.session = requests.Session()
        self.session.headers["authorization"] = f"Bearer {api_key}"
        self.answers = collections.Counter()
        self.broken = []

    def note(self, rule, path, body, answer):
        self.broken.append((rule, path, short(body), answer.status_code, answer.text[:300]))

    def ask(self, path, body, is_valid):
        text = json.dumps(body).encode()
        answer = self.session.post(
            self.base_url + path, data=text, headers={"content-type": "application/json"}, timeout=120)
        busy = answer.status_code in (429, 503) and "retry-after" in answer.headers
        self.answers[(path, "valid" if is_valid else "invalid", answer.status_code)] += 1
        if answer.status_code >= 500 and not busy:
            self.note("a server's error", path, body, answer)
        if answer.status_code >= 400:
            error = answer.json().get("error", {})
            if set(error) != {"message", "type", "param", "code"}:
                self.note("an error without its four members", path, body, answer)
        elif not is_valid:
            self.note("a body that the schema forbids was accepted", path, body, answer)
        elif answer.headers["content-type"].startswith("application/json"):
            self.check(path, body, answer)

    def check(self, path, body, answer):
        try:
            jsonschema.validate(answer.json(), self.schema[path])
        except jsonschema.ValidationError as error:
            self.note(f"the answer breaks the schema at {list(error.absolute_path)}: {error.message[:120]}",
                      path, body, answer)


def answer_schemas(document):
    """By path, the schema of a plain answer, with all that it refers to."""
    components = {"components": document["components"]}
    schemas = {}
    for path in PATHS:
        content = document["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]
        schemas[path] = {**content["schema"], **components}
    return schemas


def confined(body):
    """The same body, asking for a model that is there and for little of it: the machine is small."""
    if not isinstance(body, dict):
        return body
    body = dict(body)
    if isinstance(body.get("model"), str):
        body["model"] = MODEL
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        if isinstance(body.get(name), int) and not isinstance(body[name], bool) and body[name] > 4:
            body[name] = 4
    return body


def exercise(run, document, cases, seed_value):
    schema = schemathesis.openapi.from_dict(document)
    each = max(1, cases // (2 * len(PATHS)))
    for path in PATHS:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            operation = schema[path]["POST"]
            is_valid = mode == GenerationMode.POSITIVE

            @seed(seed_value)
            @settings(max_examples=each, deadline=None, database=None, phases=[Phase.generate],
                      suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def one(case):
                if isinstance(case.body, (dict, list, str, int, float, bool, type(None))):
                    run.ask(path, confined(case.body) if is_valid else case.body, is_valid)

            one()
            print(f"  {path}: {each} {'valid' if is_valid else 'invalid'} bodies", flush=True)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("gonka")
    options.add_argument("--cases", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--schema", type=pathlib.Path, default=SCHEMA)
    options = options.parse_args()
    if not options.schema.exists():
        sys.exit(f"FAIL there is no {options.schema}; name OpenAI's published schema with --schema")
    document = json.loads(options.schema.read_text())
    print(f"{machine()}, schemathesis {schemathesis.__version__}, {options.cases} cases, seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        with Network(options.gonka, folder) as network:
            run = Run(network.base_url, network.api_key(), answer_schemas(document))
            exercise(run, document, options.cases, options.seed)
    for (path, kind, status), count in sorted(run.answers.items()):
        print(f"  {count:6} {path} {kind}: {status}")
    seen = collections.Counter(rule for rule, *_ in run.broken)
    for rule, count in seen.most_common():
        print(f"FAIL {count} x {rule}")
        for broken in [entry for entry in run.broken if entry[0] == rule][:3]:
            print("     ", *broken[1:])
    total = sum(run.answers.values())
    print(f"{'ok  ' if not run.broken else 'FAIL'} {total} cases, {len(run.broken)} broke a rule")
    sys.exit(1 if run.broken else 0)


if __name__ == "__main__":
    main()
