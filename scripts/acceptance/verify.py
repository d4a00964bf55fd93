#!/usr/bin/env python3
"""Shows that `gonka verify` tells a receipt from a forgery, and names what is wrong.

usage: scripts/acceptance/python scripts/acceptance/verify.py GONKA HOME

HOME is where `gonka devnet --demo --once` ran: it holds the answer with its opened item, the blocks, and the operators'
keys that a forger signs with. The answer passes every check. A Q4_0 and a Q4_1 copy of the model, made by llama.cpp's
own quantiser, fail by margin or fingerprint; a changed byte of the signature fails by signature alone; a changed token
fails by its digest; and an answer with one word changed that its host signed, digested and claimed like any other fails
by the model's own checks alone. Every check is listed each time, and has the outcome that it must have.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import coincurve
import gguf

from network import Checks, Node, free_ports
from statements import Receipt, base64url, changed, claim_root, sha256, to_base64url, token_digest

MODEL_CHECKS = {"margin", "fingerprint"}
LEDGER_CHECKS = {"chain", "operator_key", "unproven", "fee", "model_file", "claim"}
WORDS = [" London", " Rome", " Berlin"]

gonka, home = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
setup = pathlib.Path(__file__).resolve().parents[1] / "setup.sh"
check = Checks()
scratch = tempfile.TemporaryDirectory()
node = Node(gonka, home, free_ports(1), pathlib.Path(scratch.name, "node.log"))


def verify(content, *flags):
    """The exit status and every check's outcome for the content of a receipt file."""
    path = pathlib.Path(scratch.name, "receipt.json")
    path.write_text(json.dumps(content, ensure_ascii=False))
    result = subprocess.run([gonka, "verify", str(path), "--json", *(flags or ("--node", node.url))],
                            capture_output=True, text=True)
    if not result.stdout:
        sys.exit(f"FAIL gonka verify said nothing: {result.stderr.strip()}")
    reports = json.loads(result.stdout)
    for report in reports:
        if report["outcome"] == "failed":
            print(f"     {report['check']}: {report['detail']}")
    return result.returncode, {report["check"]: report["outcome"] for report in reports}


def failed(result):
    return {one for one, outcome in result[1].items() if outcome == "failed"}


def expect(name, result, outcomes, failing, possibly=frozenset()):
    """`failing` fail, perhaps with some of `possibly`; every other check has the outcome that it has in `outcomes`."""
    status, found = result
    culprits = failed(result)
    others = {one: outcome for one, outcome in found.items() if one not in culprits}
    kept = {one: outcome for one, outcome in outcomes.items() if one not in culprits}
    check(name, status == (1 if culprits else 0) and failing <= culprits <= failing | possibly and others == kept
          and found.keys() == outcomes.keys(),
          f"failed: {', '.join(sorted(culprits)) or 'none'}; {list(found.values()).count('passed')} passed, "
          f"{list(found.values()).count('skipped')} skipped")


def model_path():
    """The model that verify loads, as it names it itself."""
    result = subprocess.run([gonka, "verify", str(home / "receipt.json"), "--offline"], capture_output=True, text=True)
    return result.stderr.split("loading ")[1].split(" …")[0]


def vocabulary():
    """Token id -> its bytes; the file spells each byte as a printable character, as GPT-2 did."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    shifted = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(256 + index): byte for index, byte in enumerate(shifted)}
    field = gguf.GGUFReader(model_path()).fields["tokenizer.ggml.tokens"]
    words = (bytes(field.parts[index]).decode() for index in field.data)
    return [bytes(byte_of.get(character, 63) for character in word) for word in words]


def operator_key(receipt):
    for file in sorted((home / "keys").glob("operator-*.json")):
        key = json.loads(file.read_text())
        if key["publicKey"] == receipt.operator_key.hex():
            return coincurve.PrivateKey(bytes.fromhex(key["privateKey"]))
    sys.exit("FAIL none of the operators signed this receipt")


def with_another_word(content):
    """Token ids and text of the same answer with one word in its middle replaced by another."""
    spelling, tokens = vocabulary(), list(content["output_token_ids"])
    visible = len(tokens)
    while b"".join(spelling[token] for token in tokens[:visible]) != content["answer"].encode():
        visible -= 1
        if visible == 0:
            sys.exit("FAIL the tokens do not spell the answer")
    words = [spelling.index(word.encode()) for word in WORDS]
    place = next((index for index in range(visible) if spelling[tokens[index]] == b" Paris"), visible // 2)
    tokens[place] = next(word for word in words if word != tokens[place])
    return tokens, b"".join(spelling[token] for token in tokens[:visible]).decode()


def forged(content):
    """The receipt that a host signs for an answer with another word in it, and a claim that this item alone makes."""
    receipt = Receipt(content["receipt"])
    key = operator_key(receipt)
    tokens, answer = with_another_word(content)
    item = changed(receipt.item, {6: token_digest(tokens)})
    text = receipt.with_body({5: item, 6: sha256(answer.encode())},
                             lambda digest: key.sign_recoverable(digest, hasher=None)[:64])
    print(f"     {content['answer']!r} -> {answer!r}")
    root = claim_root(sha256(b"\0", item), 1, receipt.fee, receipt.output_tokens)
    opened = {**content["item"], "count": 1, "fee": receipt.fee, "tokens": receipt.output_tokens, "root": root.hex(),
              "proof": ""}
    return {**content, "receipt": text, "output_token_ids": tokens, "answer": answer, "item": opened}


def without_item(content):
    return {name: value for name, value in content.items() if name not in ("item", "items_url")}


def main():
    content = json.loads((home / "receipt.json").read_text())
    status, full = verify(content)
    check("the answer passes every check", status == 0 and set(full.values()) == {"passed"}, f"{len(full)} checks")
    status, offline = verify(content, "--offline")
    skipped = {one for one, outcome in offline.items() if outcome == "skipped"}
    check("without a node the ledger's checks are skipped", status == 0 and "failed" not in offline.values()
          and skipped == LEDGER_CHECKS, ", ".join(sorted(skipped)))

    for kind in ("q4_0", "q4_1"):
        copy = subprocess.run([setup, "--quantized", kind], check=True, capture_output=True, text=True)
        result = verify(content, "--node", node.url, "--any-model", "--model", copy.stdout.split()[-1])
        culprits = failed(result) & MODEL_CHECKS
        expect(f"a {kind} copy fails by margin or fingerprint", result, {**full, "model_file": "skipped"},
               culprits or MODEL_CHECKS)

    for name, place in (("r", 5), ("s", 50)):
        raw = bytearray(base64url(content["receipt"]))
        raw[len(raw) - 64 + place] ^= 1
        expect(f"a changed byte of the signature's {name} fails by signature",
               verify({**content, "receipt": to_base64url(bytes(raw))}), full, {"signature"})

    tokens = list(content["output_token_ids"])
    tokens[0] += 1
    expect("a changed token fails by its digest", verify({**content, "output_token_ids": tokens}), full,
           {"output_digest", "answer", "margin"}, {"fingerprint"})

    forgery = forged(content)
    unopened = {**full, "fingerprint": "skipped", "claim": "skipped"}
    expect("the same answer before its item is opened", verify(without_item(content)), unopened, set())
    expect("a re-signed answer with another word fails by margin", verify(without_item(forgery)), unopened, {"margin"})
    expect("claimed and opened, it fails by the model's checks", verify(forgery, "--offline"), offline, {"margin"},
           {"fingerprint"})
    expect("the ledger's claim does not hold it", verify(forgery), full, {"margin", "claim"}, {"fingerprint"})


try:
    node.start()
    node.wait()
    main()
finally:
    node.end()
check.exit()
