"""What a ledger must say after a network was hurt, to a client that kept what it was promised."""
import base64
import hashlib
import subprocess
import time

from load import COINS
from network import get
from statements import proves

SETTLE_SECONDS_MAX = 600


def claims(network):
    """Every claim of every round: (round, host) -> claim."""
    newest = network.node.query("status")["newest_round"]
    return {(claim["round"], claim["host"]): claim
            for number in range(1, newest + 1) for claim in network.node.query("claims", str(number))}


def intervals(found):
    """(session, host) -> the (first number, count, fee, state) of its claims, in their order."""
    parts = {}
    for (_, host), claim in sorted(found.items()):
        for entry in claim["entries"]:
            for part in entry["sessions"]:
                parts.setdefault((part["session"], host), []).append(
                    (part["first_number"], part["items"], int(part["fee_ngonka"]), claim["state"]))
    return parts


def wait_until_opened(load):
    """Until every receipt's item is opened, however long the hosts take to claim it: some rounds."""
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while time.monotonic() < deadline and not all(held.opened for held in load.held):
        load.open_items()
        time.sleep(1)


def wait_until_settled(network):
    """Until no claim waits for its round to settle."""
    deadline = time.monotonic() + SETTLE_SECONDS_MAX
    while time.monotonic() < deadline and any(claim["state"] == "committed" for claim in claims(network).values()):
        time.sleep(2)


def check_transfers(check, network, load):
    """Each acknowledged one is in its block, and in no other."""
    blocks = {}
    for height in range(1, network.node.query("status")["height"] + 1):
        for transaction in get(f"{network.node.url}/block?height={height}")["result"]["block"]["data"]["txs"]:
            name = hashlib.sha256(base64.b64decode(transaction)).hexdigest().upper()
            blocks.setdefault(name, []).append(height)
    lost = [name for name, height in load.transfers if blocks.get(name) != [height]]
    check("every acknowledged transfer is in its block", load.transfers and not lost,
          f"{len(load.transfers)} acknowledged, {len(lost)} missing, {load.unknown} unanswered")
    account = network.node.query("account", load.target)
    received = int(account["balance_ngonka"]) if account else 0
    check("and has moved its coins once", COINS * len(load.transfers) <= received
          <= COINS * (len(load.transfers) + load.unknown), f"{received} ngonka received")


def is_paid(held, found):
    """Whether a settled claim holds the very item that the receipt is for."""
    claim = held.opened and found.get((held.opened["round"], held.host))
    if not claim or claim["state"] != "settled":
        return False
    roots = [entry["root"] for entry in claim["entries"] if entry["model"] == held.opened["model"]]
    return roots == [held.opened["root"]] and proves(held.receipt, held.opened)


def check_receipts(check, network, load):
    """Each receipt's item is a leaf of one settled claim, and claims pay for nothing twice."""
    found = claims(network)
    places = [held.place for held in load.held]
    check("no place has two receipts", len(set(places)) == len(places), f"{len(places)} receipts")
    unpaid = [held.place for held in load.held if not is_paid(held, found)]
    check("every receipt is proven to lie in a settled claim", load.held and not unpaid, unpaid or len(places))
    for (session, host), parts in sorted(intervals(found).items()):
        following, once = 1, True
        for first, count, _, _ in parts:
            once &= first == following
            following = first + count
        check(f"session {session} {host}: claims count every item once", once,
              f"{following - 1} items in {len(parts)} claims")
        own = [held.receipt.fee for held in load.held if held.place[:2] == (session, host)]
        settled = sum(fee for _, _, fee, state in parts if state == "settled")
        earned = network.node.query("session", str(session))["earned"][host]
        check(f"session {session} {host}: fees of settled claims = fees settled",
              settled == int(earned["settled_fees_ngonka"]), f"{settled} ngonka")
        total = sum(fee for _, _, fee, _ in parts)
        whole = len(own) == following - 1
        check(f"session {session} {host}: receipts {'=' if whole else '<='} claims",
              sum(own) == total if whole else sum(own) <= total,
              f"{sum(own)} ngonka by {len(own)} receipts, {total} by {following - 1} items")


def check_replay(check, network):
    status = network.node.query("status")
    network.end()
    replay = subprocess.run([network.gonka, "replay", str(network.block_file)], capture_output=True, text=True)
    hashes = dict(line.split() for line in replay.stdout.splitlines())
    check("the app hash is that of a replay from genesis in another process", replay.returncode == 0
          and hashes.get(str(status["height"])) == status["app_hash"],
          f"height {status['height']}, {status['app_hash']}, {len(hashes)} blocks replayed")
