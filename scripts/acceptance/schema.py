#!/usr/bin/env python3
"""OpenAI's published schema of the paths that a gateway serves, run through schemathesis.

usage: scripts/acceptance/schema.py GONKA [--cases 1000] [--seed 1]

Starts a devnet of its own and asks its gateway by bodies that schemathesis makes of the schema, half of them valid and half of
them not. What is refused by name is left out and the rest asked for again, so that nearly every valid body gets an answer in the
end. No answer may have a status from 500 up (but 503 with `retry-after`, which says that all hosts are busy); no body that the
schema forbids may be accepted; every answer with status 200 must be what the schema says; every error must have OpenAI's four
members and a code of docs/api.md. Prints what was asked, what came and why valid bodies were refused; exits 1 where a rule was broken.

schemathesis has an environment of its own in this user's cache, with pinned versions from PyPI.
"""
import argparse
import base64
import collections
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

from environments import clean_environment, environment
from network import MODEL, devnet, machine

PACKAGES = ["schemathesis==4.32.5", "jsonschema==4.26.0", "requests==2.34.2"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "Tests/Vectors/openai/openapi_subset.json"
LIMITS = {"/chat/completions": "max_completion_tokens", "/completions": "max_tokens", "/responses": "max_output_tokens"}
# What OpenAI's schema allows and a network of text models refuses by name.
REFUSALS = {"unsupported_parameter", "unsupported_value", "unsupported_schema", "unknown_parameter"}
PATHS = ["/chat/completions", "/completions", "/embeddings", "/responses"]
# What stands in for a question that is refused: the rest of the body deserves an answer.
PLAIN = {"messages": [{"role": "user", "content": "Hello"}], "prompt": "Hello", "input": "Hello"}
QUESTIONS = {"/chat/completions": "messages", "/completions": "prompt", "/embeddings": "input", "/responses": "input"}
REPAIRS_MAX = 12
REASONS_MAX = 20
TOKENS_MAX = 2


def documented_codes():
    """Every code that a table of docs/api.md gives a status."""
    page = (ROOT / "docs/api.md").read_text()
    rows = re.findall(r"^\| (`[^|]*`) \| [45]\d\d \|", page, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}


def short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else text[:300] + " …"


class Run:
    """Asks, and counts what comes."""

    def __init__(self, base_url, api_key, schema):
        import requests

        self.base_url, self.schema, self.codes = base_url, schema, documented_codes()
        self.session = requests.Session()
        self.session.headers["authorization"] = f"Bearer {api_key}"
        self.answers = collections.Counter()
        # Why bodies that the schema allows got no answer, and how many got one in the end.
        self.refusals = collections.Counter()
        self.served = collections.Counter()
        self.broken = []

    def note(self, rule, path, body, answer):
        self.broken.append((rule, path, short(body), answer.status_code, answer.text[:300]))

    def ask_until_served(self, path, body):
        """Asks, and leaves out what was refused, until the rest is answered; a refused question gives way to a plain one."""
        for _ in range(REPAIRS_MAX):
            body = confined(path, body)
            answer = self.ask(path, body, is_valid=True)
            if answer.status_code == 200:
                self.served[path] += 1
                return
            error = answer.json()["error"]
            name = re.split(r"[.\[]", error.get("param") or "")[0]
            self.refusals[path, error["code"], name] += 1
            if not isinstance(body, dict):
                return
            question = QUESTIONS[path]
            if name == "model":
                body = {**body, "model": MODEL}
            elif name in body and name != question:
                body = {key: value for key, value in body.items() if key != name}
            elif body.get(question) != PLAIN[question]:
                body = {**body, question: PLAIN[question]}
            else:
                return

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
            elif error["code"] not in self.codes:
                self.note("an error whose code docs/api.md does not know", path, body, answer)
        elif not is_valid:
            self.note("a body that the schema forbids was accepted", path, body, answer)
        elif answer.headers["content-type"].startswith("application/json"):
            self.check(path, body, answer)
        return answer

    def check(self, path, body, answer):
        import jsonschema

        said = answer.json()
        # The schema knows vectors as numbers only; asked for base64, OpenAI answers little-endian 32-bit floats in a string.
        if path == "/embeddings" and body.get("encoding_format") == "base64":
            for entry in said["data"]:
                packed = base64.b64decode(entry["embedding"], validate=True)
                entry["embedding"] = [value for value, in struct.iter_unpack("<f", packed)]
        try:
            jsonschema.validate(said, self.schema[path])
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


def confined(path, body):
    """The same body, asking for a model that is there and for little of it: the machine is small."""
    if not isinstance(body, dict):
        return body
    body = dict(body)
    if isinstance(body.get("model"), str):
        body["model"] = MODEL
    limit = LIMITS.get(path)
    if limit:
        asked = body.get(limit, body.get("max_tokens"))
        if asked is None or isinstance(asked, int) and asked > TOKENS_MAX:
            body[limit] = TOKENS_MAX
            if limit != "max_tokens":
                body.pop("max_tokens", None)
    if isinstance(body.get("input"), list):
        body["input"] = body["input"][:4]
    return body


def exercise(run, document, path, cases, seed_value):
    """Asks for one path, by as many bodies that are valid as that are not."""
    import schemathesis
    import schemathesis.core.errors
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from schemathesis import GenerationMode

    operation = schemathesis.openapi.from_dict(document)[path]["POST"]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        is_valid = mode == GenerationMode.POSITIVE

        @seed(seed_value)
        @settings(max_examples=cases, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case):
            if isinstance(case.body, (dict, list, str, int, float, bool, type(None))):
                if is_valid:
                    run.ask_until_served(path, case.body)
                else:
                    run.ask(path, case.body, is_valid)

        try:
            one()
        except schemathesis.core.errors.UnsupportedSchema as error:
            # The generator's own limit, met now and then; what it made before counts.
            print(f"  {path}: no more bodies: {str(error).splitlines()[0]}", file=sys.stderr, flush=True)
        print(f"  {path}: {cases} {'valid' if is_valid else 'invalid'} bodies", file=sys.stderr, flush=True)


def inside(told):
    """Asks for one path and judges, in the environment that has the packages; writes down what came."""
    document, path = json.loads(SCHEMA.read_text()), told["path"]
    run = Run(told["base_url"], told["key"], answer_schemas(document))
    exercise(run, document, path, told["cases"], told["seed"])
    json.dump({"answers": [[kind, status, count] for (_, kind, status), count in sorted(run.answers.items())],
               "served": run.served[path], "broken": run.broken,
               "refusals": [[code, name, count] for (_, code, name), count in run.refusals.most_common()]}, sys.stdout)


def report(results):
    """Prints what came of all paths; returns how many rules were broken."""
    for path, result in results.items():
        for kind, status, count in result["answers"]:
            print(f"  {count:6} {path} {kind}: {status}")
    for path, result in results.items():
        reasons = ", ".join(f"{code} {name} {count}" for code, name, count in result["refusals"][:REASONS_MAX])
        print(f"  {path}: {result['served']} valid bodies answered; refused before: {reasons}")
    broken = [entry for result in results.values() for entry in result["broken"]]
    for rule, count in collections.Counter(rule for rule, *_ in broken).most_common():
        print(f"FAIL {count} x {rule}")
        for entry in [entry for entry in broken if entry[0] == rule][:3]:
            print("     ", *entry[1:])
    total = sum(count for result in results.values() for _, _, count in result["answers"])
    print(f"{'ok  ' if not broken else 'FAIL'} {total} cases, {len(broken)} broke a rule")
    return len(broken)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka", nargs="?")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inside", action="store_true", help="used by this program itself")
    options = parser.parse_args()
    if options.inside:
        return inside(json.load(sys.stdin))
    python = environment("schema", PACKAGES)
    print(f"{machine()}, {PACKAGES[0]}, {options.cases} cases, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        network = devnet(str(pathlib.Path(options.gonka).resolve()), folder)
        try:
            key = (pathlib.Path(folder) / "gateway" / "devnet-api-key").read_text().strip()
            told = {"base_url": network.url + "/v1", "key": key, "seed": options.seed,
                    "cases": max(1, options.cases // (2 * len(PATHS)))}
            # A process for each path, side by side: each waits for answers most of the time.
            asking = {path: subprocess.Popen([str(python), "-B", __file__, "--inside"], text=True, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, env=clean_environment()) for path in PATHS}
            for path, process in asking.items():
                process.stdin.write(json.dumps({**told, "path": path}))
                process.stdin.close()
            texts = {path: process.stdout.read() for path, process in asking.items()}
            failed = [path for path, process in asking.items() if process.wait() != 0]
        finally:
            network.end()
    if failed:
        sys.exit(f"FAIL asking for {', '.join(failed)} ended early")
    sys.exit(1 if report({path: json.loads(text) for path, text in texts.items()}) else 0)


main()
