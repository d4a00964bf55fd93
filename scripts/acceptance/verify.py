#!/usr/bin/env python3
"""Shows that `gonka verify` tells a receipt from a forgery, and names what is wrong.

usage: verify.py GONKA RECEIPT

RECEIPT is a receipt.json with its opened item (the demo leaves one in the home). The node need not run. Checks: the honest
model passes; a Q4_0 and a Q4_1 copy, made by llama.cpp's own quantiser, fail by margin or fingerprint; one changed byte of
the signature fails by signature and by nothing else; one changed token fails by its digest, and every check is listed each
time.
"""
import base64
import json
import pathlib
import subprocess
import sys
import tempfile

gonka, receipt = sys.argv[1:3]
setup = pathlib.Path(__file__).resolve().parents[1] / "setup.sh"
good = True


def verify(path, *flags):
    result = subprocess.run([gonka, "verify", str(path), "--offline", "--json", *flags], capture_output=True, text=True)
    reports = json.loads(result.stdout) if result.stdout else []
    return result.returncode, {report["check"]: report["outcome"] for report in reports}


def expect(name, holds, detail):
    global good
    good &= holds
    print(f"{'ok  ' if holds else 'FAIL'} {name}: {detail}")


def failed(outcomes):
    return sorted(check for check, outcome in outcomes.items() if outcome == "failed")


status, honest = verify(receipt)
expect("the model of record passes", status == 0 and not failed(honest), f"{len(honest)} checks listed")

for kind in ("q4_0", "q4_1"):
    copy = subprocess.run([setup, "--quantized", kind], check=True, capture_output=True, text=True).stdout.split()[-1]
    status, outcomes = verify(receipt, "--any-model", "--model", copy)
    culprits = set(failed(outcomes))
    expect(f"a {kind} copy fails", status == 1 and bool(culprits & {"margin", "fingerprint"})
           and culprits <= {"margin", "fingerprint"} and outcomes.keys() == honest.keys(), ", ".join(sorted(culprits)))

with tempfile.TemporaryDirectory() as folder:
    forged = pathlib.Path(folder, "receipt.json")

    content = json.loads(pathlib.Path(receipt).read_text())
    raw = bytearray(base64.urlsafe_b64decode(content["receipt"] + "=" * (-len(content["receipt"]) % 4)))
    raw[-20] ^= 1
    content["receipt"] = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    forged.write_text(json.dumps(content, ensure_ascii=False))
    status, outcomes = verify(forged)
    expect("a changed signature fails", status == 1 and failed(outcomes) == ["signature"]
           and outcomes.keys() == honest.keys(), ", ".join(failed(outcomes)))

    content = json.loads(pathlib.Path(receipt).read_text())
    content["output_token_ids"][0] += 1
    forged.write_text(json.dumps(content, ensure_ascii=False))
    status, outcomes = verify(forged)
    expect("a changed token fails", status == 1 and {"output_digest", "margin"} <= set(failed(outcomes))
           and outcomes.keys() == honest.keys(), ", ".join(failed(outcomes)))

sys.exit(0 if good else 1)
