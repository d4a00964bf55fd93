#!/usr/bin/env python3
"""Adds up what a devnet paid, with nothing but `gonka query --json`.

usage: payments.py GONKA HOME [--port PORT]

HOME is where `gonka devnet --demo` ran. PORT is that of its node where the devnet runs; else a node is started to ask.
Checks, to the last ngonka, over all sessions of the developer: each session paid what its members received and the pool
took; deposit = paid + refunded once it is closed; members received what the settled claims say, fees less the serving
tax rounded down, and what the demo says in its receipt; balances are proven against the app hash; the coins held
anywhere are those of genesis less those burned.
"""
import argparse
import json
import pathlib
import tempfile

from network import Checks, Node, free_ports
from statements import Receipt

MILLION = 1_000_000


def payments(node):
    """(session, host) -> every (fee, received, tax) of a settled claim."""
    paid = {}
    for number in range(1, node.query("status")["newest_round"] + 1):
        for claim in node.query("claims", str(number)):
            for payment in claim["payments"]:
                figures = (int(payment[name]) for name in ("fee_ngonka", "received_ngonka", "tax_ngonka"))
                paid.setdefault((payment["session"], claim["host"]), []).append(tuple(figures))
    return paid


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka")
    parser.add_argument("home", type=pathlib.Path)
    parser.add_argument("--port", type=int)
    options = parser.parse_args()
    check = Checks()
    with tempfile.TemporaryDirectory() as folder:
        node = Node(options.gonka, options.home, options.port or free_ports(1), pathlib.Path(folder, "node.log"))
        try:
            if not options.port:
                node.start()
                node.wait()
            add_up(check, node, options.home)
        finally:
            node.end()
    check.exit()


def add_up(check, node, home):
    def equal(name, left, right):
        check(name, left == right, f"{left} = {right}")

    address = json.loads((home / "keys" / "developer.json").read_text())["address"]
    paid = payments(node)
    sessions = node.query("sessions", address)
    check("there is a session that paid", any(fee > 0 for parts in paid.values() for fee, _, _ in parts),
          f"sessions {sessions}")
    for number in sessions:
        session = node.query("session", str(number))
        rate = session["serving_tax_parts_per_million"]
        received = sum(int(member["received_ngonka"]) for member in session["earned"].values())
        taxes = sum(tax for (owner, _), parts in paid.items() if owner == number for _, _, tax in parts)
        equal(f"session {number}: received + tax = paid", received + taxes, int(session["paid_ngonka"]))
        if session["state"] == "closed":
            spent = int(session["paid_ngonka"]) + int(session["refunded_ngonka"])
            equal(f"session {number}: paid + refunded = deposit", spent, int(session["deposit_ngonka"]))
        for host, member in session["earned"].items():
            parts = paid.get((number, host), [])
            for fee, got, tax in parts:
                equal(f"  {host}: fee x {rate} / {MILLION}, rounded down = tax", fee * rate // MILLION, tax)
                equal(f"  {host}: fee - tax = received", fee - tax, got)
            equal(f"  {host}: fees of claims = fees settled", sum(fee for fee, _, _ in parts),
                  int(member["settled_fees_ngonka"]))
            equal(f"  {host}: claims = received", sum(got for _, got, _ in parts), int(member["received_ngonka"]))
    receipt = Receipt(json.loads((home / "receipt.json").read_text())["receipt"])
    host = next(host["address"] for host in node.query("hosts") if host["operator_key"] == receipt.operator_key.hex())
    if node.query("session", str(receipt.session))["earned"][host]["last_number"] == 1:
        settled = sum(fee for fee, _, _ in paid.get((receipt.session, host), []))
        equal(f"{host} answered once: fee of the receipt = fees settled", receipt.fee, settled)
    for account in [address, *(host["address"] for host in node.query("hosts"))]:
        plain, proven = node.query("account", account), node.query("account", account, "--verify")
        equal(f"{account}: balance = proven balance", plain["balance_ngonka"], proven["balance_ngonka"])
    supply = {name: int(value) for name, value in node.query("supply").items()}
    held = sum(supply[f"{purse}_ngonka"] for purse in ("balances", "bonds", "deposits", "pool", "collateral", "vesting"))
    created = supply["genesis_ngonka"] + supply["minted_ngonka"] - supply["burned_ngonka"]
    equal("supply: held = genesis + minted - burned", held, created)


main()
