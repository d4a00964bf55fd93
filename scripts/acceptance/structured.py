#!/usr/bin/env python3
"""Answers in a form that was asked for: random JSON schemas and forced calls of functions, on the real model, each audited.

usage: scripts/acceptance/structured.py GONKA [--schemas 1000] [--seed 1]

Starts a devnet of its own and asks its gateway once for each schema: as `response_format`, or, every fifth, as the parameters of
a function that must be called. Each answer must parse and be valid by `jsonschema`, a validator that is not ours; a forced call must
be a call of that function. Then `gonka verify` computes every answer again on the model, as an auditor does, held to the form that
its request asked for: no check may fail. Exits 1 where something did not hold.
"""
import argparse
import base64
import collections
import concurrent.futures
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from environments import clean_environment, environment
from network import MODEL, NODE_PORT_OFFSET, devnet, machine

PACKAGES = ["jsonschema==4.26.0"]
AT_ONCE = 8
TOKENS_MAX = 400
ANSWER_SECONDS_MAX = 300
CALLS_EVERY = 5
FILES_AT_ONCE = 100
WORDS = ["red", "blue", "Oslo", "né", "a b", "\"", "日本", "x/y"]
NAMES = ["name", "age", "tags", "kind", "at", "ok", "größe", "a-b"]


def schema(chance, depth):
    """A random schema whose answers are short."""
    kinds = ["string", "integer", "number", "boolean", "null", "enum", "const", "pattern", "union"]
    kind = chance.choice(kinds + ["object", "array"] * 5 if depth > 0 else kinds)
    if kind == "object":
        names = chance.sample(NAMES, chance.randint(0, 3))
        required = names if chance.random() < 0.6 else chance.sample(names, chance.randint(0, len(names)))
        return {"type": "object", "properties": {name: schema(chance, depth - 1) for name in names},
                "required": required, "additionalProperties": False}
    if kind == "array":
        least = chance.randint(0, 2)
        return {"type": "array", "items": schema(chance, depth - 1), "minItems": least,
                "maxItems": least + chance.randint(0, 2)}
    if kind == "string":
        least = chance.randint(0, 4)
        return {"type": "string", "minLength": least, "maxLength": least + chance.randint(0, 12)}
    if kind in ("integer", "number"):
        least = chance.randint(-1000, 1000)
        bounds = {"minimum": least, "maximum": least + chance.randint(0, 2000)}
        return {"type": kind, **(bounds if kind == "integer" or chance.random() < 0.3 else {})}
    if kind == "enum":
        return {"enum": chance.sample(WORDS + [1, -2.5, None, True], chance.randint(1, 4))}
    if kind == "const":
        return {"const": chance.choice(WORDS + [7, False])}
    if kind == "pattern":
        return {"type": "string", "pattern": chance.choice(["^[a-f0-9]{4}$", "^(yes|no)$", "^[A-Z]{2}-[0-9]{1,3}$"])}
    if kind == "union":
        return {"anyOf": [schema(chance, depth - 1) for _ in range(2)]} if depth > 0 else {"type": ["string", "null"], "maxLength": 9}
    return {"type": kind}


def request(number, chance):
    """The schema, the function's name or none, and the body that asks for both."""
    wanted = schema(chance, 2)
    body = {"model": MODEL, "messages": [{"role": "user", "content": f"Answer {number} as you like."}],
            "max_tokens": TOKENS_MAX, "temperature": chance.choice([0, 0.7, 1.2]), "seed": number}
    if number % CALLS_EVERY:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": wanted}}
        return wanted, None, body
    wanted = {"type": "object", "properties": {"value": wanted}, "required": ["value"], "additionalProperties": False}
    name = chance.choice(["report", "set_value"])
    body["tools"] = [{"type": "function", "function": {"name": name, "parameters": wanted}}]
    body["tool_choice"] = "required" if chance.random() < 0.5 else {"type": "function", "function": {"name": name}}
    body["parallel_tool_calls"] = False
    return wanted, name, body


class Run:
    """Asks, judges and keeps what an auditor needs."""

    def __init__(self, told):
        self.url, self.key, self.folder = told["base_url"] + "/chat/completions", told["key"], pathlib.Path(told["folder"])
        self.seen, self.faults = collections.Counter(), []

    def ask(self, number, wanted, name, body):
        text = json.dumps(body).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url, text, headers), timeout=ANSWER_SECONDS_MAX) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            return number, wanted, f"status {error.code}: {error.read().decode()[:300]}", None
        except OSError as error:
            return number, wanted, f"no answer: {error}", None
        fault, answer = self.judge(said["choices"][0], wanted, name)
        if not fault:
            content = {**said["gonka"], "request": base64.b64encode(text).decode(), "answer": answer}
            (self.folder / f"{number}.json").write_text(json.dumps(content))
        return number, wanted, fault, said

    def judge(self, choice, wanted, name):
        """What is wrong with an answer, and the text that its receipt stands for."""
        import jsonschema

        message = choice["message"]
        if name is None:
            text = kept = message["content"]
        else:
            calls = message.get("tool_calls") or []
            if [call["function"]["name"] for call in calls] != [name] or choice["finish_reason"] != "tool_calls":
                return f"no call of {name}", None
            text = calls[0]["function"]["arguments"]
            kept = f'<tool_call>\n{{"name": {json.dumps(name)}, "arguments": {text}}}\n</tool_call>'
        if choice["finish_reason"] == "length":
            return f"not at its end after {TOKENS_MAX} tokens", None
        try:
            jsonschema.validate(json.loads(text), wanted)
        except (ValueError, jsonschema.ValidationError) as error:
            return f"{text[:200]} is not what was asked for: {str(error)[:200]}", None
        return None, kept


def inside(told):
    """Asks for everything, in the environment that has the validator."""
    run, chance = Run(told), random.Random(told["seed"])
    asked = [(number, *request(number, chance)) for number in range(1, told["schemas"] + 1)]
    faults, tokens = [], 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for done, (number, wanted, fault, said) in enumerate(pool.map(lambda one: run.ask(*one), asked), 1):
            tokens += said["usage"]["completion_tokens"] if said else 0
            if fault:
                faults.append(number)
                print(f"     {number}, {json.dumps(wanted)[:300]}: {fault}", flush=True)
            if done % 100 == 0:
                print(f"  {done} of {len(asked)} answered", flush=True)
    calls = sum(name is not None for _, _, name, _ in asked)
    print(f"{'FAIL' if faults else 'ok  '} {len(asked) - calls} answers by a schema parse and are valid, {calls} forced calls are "
          f"calls with valid arguments: {len(faults)} are not; {tokens:,} tokens", flush=True)
    sys.exit(1 if faults else 0)


def audit(gonka, node, folder):
    """Has every kept answer computed again; whether none failed a check."""
    files = sorted(folder.glob("*.json"), key=lambda path: int(path.stem))
    outcomes, failures, margins = collections.Counter(), [], 0
    for first in range(0, len(files), FILES_AT_ONCE):
        some = files[first:first + FILES_AT_ONCE]
        # The second file keeps the form of several where only one is left.
        result = subprocess.run([gonka, "verify", *map(str, some + some[:1]), "--node", node, "--json"],
                                capture_output=True, text=True)
        reports = [json.loads(line) for line in result.stdout.splitlines()]
        if len(reports) != len(some) + 1:
            print(f"FAIL gonka verify: {result.stderr.strip()}")
            return False
        for report in reports[:len(some)]:
            for check in report["checks"]:
                outcomes[check["check"], check["outcome"]] += 1
                if check["outcome"] == "failed":
                    failures.append(f"{report['file']}: {check['check']}: {check['detail']}")
        print(f"  {first + len(some)} of {len(files)} audited", flush=True)
    held = all(outcomes[check, "passed"] == len(files) for check in ("margin", "answer", "ending", "prompt", "output_digest"))
    for failure in failures[:10]:
        print("    ", failure)
    passed = ", ".join(f"{check} {count}" for (check, outcome), count in outcomes.items() if outcome == "passed")
    print(f"{'ok  ' if held and not failures else 'FAIL'} {len(files)} answers audited on the model, {len(failures)} checks failed; "
          f"passed: {passed}")
    return held and not failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka", nargs="?")
    parser.add_argument("--schemas", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inside", action="store_true", help="used by this program itself")
    options = parser.parse_args()
    if options.inside:
        inside(json.load(sys.stdin))
    python = environment("structured", PACKAGES)
    gonka = str(pathlib.Path(options.gonka).resolve())
    print(f"{machine()}, {options.schemas} schemas, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        network = devnet(gonka, folder)
        answers = pathlib.Path(folder, "answers")
        answers.mkdir()
        try:
            key = (pathlib.Path(folder) / "gateway" / "devnet-api-key").read_text().strip()
            told = {"base_url": network.url + "/v1", "key": key, "schemas": options.schemas, "seed": options.seed,
                    "folder": str(answers)}
            result = subprocess.run([str(python), "-B", __file__, "--inside"], input=json.dumps(told), text=True,
                                    env=clean_environment())
            held = audit(gonka, f"http://127.0.0.1:{network.port + NODE_PORT_OFFSET}", answers)
        finally:
            network.end()
    sys.exit(0 if held and result.returncode == 0 else 1)


main()
