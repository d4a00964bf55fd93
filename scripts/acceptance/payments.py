#!/usr/bin/env python3
"""Adds up what a network paid, with nothing but `gonka query --json`.

usage: payments.py GONKA SESSION [SESSION ...]

GONKA is the command that runs gonka. Checks, to the last ngonka: each session paid what its members received and the pool
took; deposit = paid + refunded once it is closed; members received what the settled claims say; the coins held anywhere are
those of genesis less those burned.
"""
import json
import shlex
import subprocess
import sys


def query(gonka, *words):
    return json.loads(subprocess.run([*gonka, "query", *words, "--json"], check=True, capture_output=True).stdout)


def check(name, left, right):
    print(f"{'ok  ' if left == right else 'FAIL'} {name}: {left} = {right}")
    return left == right


def claims_by_member(gonka, sessions):
    """(session, host) -> [fee, received, tax] over every settled claim of every round."""
    sums = {}
    for number in range(1, query(gonka, "status")["newest_round"] + 1):
        for claim in query(gonka, "claims", str(number)):
            for payment in claim["payments"]:
                if payment["session"] in sessions:
                    entry = sums.setdefault((payment["session"], claim["host"]), [0, 0, 0])
                    for index, name in enumerate(("fee_ngonka", "received_ngonka", "tax_ngonka")):
                        entry[index] += int(payment[name])
    return sums


def main():
    gonka = shlex.split(sys.argv[1])
    ids = [int(word) for word in sys.argv[2:]]
    good = True
    claims = claims_by_member(gonka, ids)
    for number in ids:
        session = query(gonka, "session", str(number))
        tax_rate = session["serving_tax_parts_per_million"]
        received = sum(int(member["received_ngonka"]) for member in session["earned"].values())
        taxes = sum(entry[2] for (owner, _), entry in claims.items() if owner == number)
        good &= check(f"session {number}: received + tax = paid", received + taxes, int(session["paid_ngonka"]))
        if session["state"] == "closed":
            spent = int(session["paid_ngonka"]) + int(session["refunded_ngonka"])
            good &= check(f"session {number}: paid + refunded = deposit", spent, int(session["deposit_ngonka"]))
        for host, member in session["earned"].items():
            fee, got, tax = claims.get((number, host), [0, 0, 0])
            good &= check(f"  {host}: claims = received", got, int(member["received_ngonka"]))
            good &= check(f"  {host}: fees - tax = received", fee - tax, got)
            if tax_rate == 0:
                good &= check(f"  {host}: no tax", tax, 0)
    supply = {name: int(value) for name, value in query(gonka, "supply").items()}
    held = sum(supply[f"{purse}_ngonka"] for purse in ("balances", "bonds", "deposits", "pool"))
    created = supply["genesis_ngonka"] + supply["minted_ngonka"] - supply["burned_ngonka"]
    good &= check("supply: held = genesis + minted - burned", held, created)
    sys.exit(0 if good else 1)


main()
