#!/usr/bin/env python3
"""Deletes single checks one at a time, in a copy of the repository, and runs the tests that are to hold them.

usage: deletions.py [--count N] [--seed S] [--all] [--only ID [ID ...]] [--folder FOLDER]
       deletions.py --list | --check

What is a check, and which tests hold it, stands in deletions.toml; docs/security.md has the same as a table, which --list
prints. Draws N of them (10), deletes each alone, builds and runs its tests; prints what was deleted and which tests failed.
Exits 1 where no test failed, where a deletion did not build, and where the tests fail without any deletion.

The copy is in a temporary folder that is removed in the end: its first build is one from nothing. --folder keeps the copy, and
the next run begins with its build. In the copy warnings are no errors, since a deletion leaves names behind that nobody uses.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree

from network import machine

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).with_suffix(".toml")
TABLE = ROOT / "docs" / "security.md"
WARNINGS_ARE_ERRORS = "    .treatAllWarnings(as: .error),\n"
# What builds without network, disk and engine, in minutes less.
CORE = {"LedgerTests", "ProtocolTests"}
BUILD_SECONDS_MAX = 1_800
TEST_SECONDS_MAX = 600


class Check:
    """One entry of the list."""

    def __init__(self, values):
        unknown = values.keys() - {"id", "file", "check", "text", "without", "tests"}
        if unknown or not values.get("tests"):
            sys.exit(f"FAIL {LIST.name}: {values.get('id', values)}: a key is unknown, or there are no tests")
        self.id, self.file, self.check = values["id"], values["file"], values["check"]
        self.text, self.without, self.tests = values["text"], values.get("without", ""), values["tests"]

    def fits(self, source):
        """Whether the check is where the list says."""
        return source.count(self.text) == 1 and self.text != self.without

    def delete(self, source):
        """The source without the check."""
        return source.replace(self.text, self.without)

    @property
    def row(self):
        tests = ", ".join(f"`{test}`" for test in self.tests)
        file = self.file.removeprefix("Sources/").removesuffix(".swift")
        return f"| `{self.id}` | `{file}` | {self.check} | {tests} |"

    @property
    def filter(self):
        return "|".join(pattern(test) for test in self.tests)

    @property
    def deleted(self):
        """The deleted text in one line."""
        line = " ".join(self.text.split())
        return line if len(line) <= 90 else line[:89] + "…"


def pattern(test):
    """What `swift test --filter` calls the tests of a suite, or one function."""
    suite, _, function = test.partition(".")
    return rf"\.{suite}/{function}\(" if function else rf"\.{suite}/"


def targets(found):
    """The test targets that have these checks' tests: the folders in which their suites are declared. Of two suites with one name
    the ledger's is meant."""
    suites = {test.partition(".")[0] for check in found for test in check.tests}
    places = {}
    for file in sorted((ROOT / "Tests").glob("*/**/*.swift")):
        for suite in re.findall(r"^(?:@Suite[^\n]* )?(?:final )?(?:struct|class) (\w+)", file.read_text(), re.MULTILINE):
            places.setdefault(suite, set()).add(file.relative_to(ROOT / "Tests").parts[0])
    for suite in suites:
        declared = places.get(suite, set())
        places[suite] = declared & CORE or declared
        if len(places[suite]) != 1:
            sys.exit(f"FAIL {LIST.name} names {suite}, and {len(declared)} test targets have it")
    return {place for suite in suites for place in places[suite]}


def checks():
    """All of the list, each with its text where it should be and in the table of docs/security.md."""
    found = [Check(values) for values in tomllib.loads(LIST.read_text())["checks"]]
    ids = [check.id for check in found]
    for name in set(ids):
        if ids.count(name) > 1:
            sys.exit(f"FAIL {LIST.name}: {name} is there twice")
    stale = [check.id for check in found if not check.fits((ROOT / check.file).read_text())]
    if stale:
        sys.exit(f"FAIL {LIST.name}: the text of these is not once in their files any more: {', '.join(stale)}")
    return found


def table(found):
    return "\n".join(["| id | file in `Sources` | check | tests |", "| --- | --- | --- | --- |"]
                     + [check.row for check in found]) + "\n"


class Copy:
    """The work tree's files in another folder, where they can be changed and built."""

    def __init__(self, folder, targets):
        self.folder = folder
        self.environment = {"GONKA_ONLY": ",".join(sorted(targets))} | ({"GONKA_CORE_ONLY": "1"} if targets <= CORE else {})

    def take(self):
        """Copies what differs, so that a kept copy builds anew only that."""
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                                check=True, capture_output=True, text=True).stdout.split("\0")
        for name in filter(None, listed):
            source, target = ROOT / name, self.folder / name
            if not source.is_file():
                continue
            content = source.read_bytes()
            if name == "Package.swift":
                content = content.decode().replace(WARNINGS_ARE_ERRORS, "").encode()
            if not target.is_file() or target.read_bytes() != content:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                shutil.copystat(source, target)
        # What was fetched need not be fetched again; what was built is of no use, as it names its folder.
        for name in [".build-core/checkouts", ".build-core/repositories", ".build-core/workspace-state.json",
                     "Package.resolved"]:
            source, target = ROOT / name, self.folder / name
            if source.is_dir() and not target.exists():
                shutil.copytree(source, target, symlinks=True)
            elif source.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)

    def swift(self, seconds_max, *arguments):
        """Runs swift in the copy: its output and exit status; None for one that did not end in time."""
        process = subprocess.Popen(
            ["swift", arguments[0], "--scratch-path", ".build-core", *arguments[1:]], cwd=self.folder,
            env={**os.environ, **self.environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", start_new_session=True)
        try:
            output, _ = process.communicate(timeout=seconds_max)
            return output, process.returncode
        except subprocess.TimeoutExpired:
            return "", None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def build(self):
        """Nothing where it builds, else why not."""
        output, status = self.swift(BUILD_SECONDS_MAX, "build", "--build-tests")
        if status == 0:
            return None
        errors = [line for line in output.splitlines() if "error:" in line]
        return errors[0] if errors else f"exit status {status}: {output[-300:]}"

    def test(self, filter):
        """The tests that passed and those that failed, by suite and function."""
        report = self.folder / "tests.xml"
        written = report.with_name("tests-swift-testing.xml")
        for file in [report, written]:
            file.unlink(missing_ok=True)
        output, status = self.swift(TEST_SECONDS_MAX, "test", "--skip-build", "--filter", filter,
                                    "--disable-xctest", "--xunit-output", report)
        if status is None:
            return set(), {f"(a test did not end in {TEST_SECONDS_MAX} s)"}
        file = written if written.exists() else report
        if not file.exists():
            # A check that is gone may also lead into a trap: then there is no report.
            if re.search("unexpected signal|Fatal error", output):
                return set(), {"(the tests' process died)"}
            sys.exit(f"FAIL the tests could not be run: {output[-500:]}")
        passed, failed = set(), set()
        for case in xml.etree.ElementTree.parse(file).iter("testcase"):
            name = f"{case.get('classname').rpartition('.')[2]}.{re.split('[(]', case.get('name'))[0]}"
            (failed if case.find("failure") is not None else passed).add(name)
        if status != 0 and not failed:
            sys.exit(f"FAIL the tests ended with status {status}: {output[-500:]}")
        return passed - failed, failed


def run(drawn, copy):
    """Whether every deletion makes a test fail."""
    began = time.monotonic()
    copy.take()
    print("building the tests of a copy", flush=True)
    wrong = copy.build()
    if wrong:
        sys.exit(f"FAIL the tests do not build without any deletion: {wrong}")
    print(f"built in {time.monotonic() - began:.0f} s", flush=True)
    began = time.monotonic()
    passed, failed = copy.test("|".join(sorted({pattern(test) for check in drawn for test in check.tests})))
    for check in drawn:
        for test in check.tests:
            if not any(name == test or name.startswith(test + ".") for name in passed | failed):
                sys.exit(f"FAIL {LIST.name}: {check.id} names {test}, and there is no such test")
    if failed:
        sys.exit(f"FAIL without any deletion: {', '.join(sorted(failed))}")
    print(f"without a deletion {len(passed)} tests pass in {time.monotonic() - began:.0f} s", flush=True)
    unheld = []
    for number, check in enumerate(drawn, 1):
        began = time.monotonic()
        file = copy.folder / check.file
        source = file.read_text()
        file.write_text(check.delete(source))
        try:
            wrong = copy.build()
            failed = set() if wrong else copy.test(check.filter)[1]
        finally:
            file.write_text(source)
        if wrong or not failed:
            unheld.append(check.id)
        print(f"{number}/{len(drawn)} {check.id}: {check.check}\n"
              f"    without  {check.deleted}\n"
              f"    {'DOES NOT BUILD ' + wrong if wrong else 'failed   ' + ', '.join(sorted(failed)) if failed else 'NO TEST FAILED'}"
              f"  ({time.monotonic() - began:.0f} s)", flush=True)
    return unheld


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--all", action="store_true", help="every check, in the order of the list")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="these checks")
    parser.add_argument("--list", action="store_true", help="print the table of docs/security.md")
    parser.add_argument("--check", action="store_true", help="whether list, sources and docs/security.md agree; deletes nothing")
    parser.add_argument("--folder", type=pathlib.Path, help="an own folder for the copy, which is kept")
    options = parser.parse_args()
    found = checks()
    if options.list:
        return print(table(found), end="")
    if table(found) not in TABLE.read_text():
        sys.exit(f"FAIL {TABLE.name} has another table of checks than {LIST.name}: put there what --list prints")
    if options.check:
        targets(found)
        return print(f"ok   {len(found)} checks are where {LIST.name} says, and in {TABLE.name}")
    missing = set(options.only) - {check.id for check in found}
    if missing or not 1 <= options.count <= len(found):
        parser.error(f"there are {len(found)} checks, and none called {', '.join(sorted(missing)) or 'so'}")
    if options.only:
        drawn, how = [check for check in found if check.id in options.only], "by name"
    elif options.all:
        drawn, how = found, "all"
    else:
        drawn, how = random.Random(options.seed).sample(found, options.count), f"seed {options.seed}"
    print(f"{machine()}, {len(drawn)} of {len(found)} checks, {how}", flush=True)
    began = time.monotonic()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        unheld = run(drawn, Copy(options.folder.resolve(), targets(drawn)))
    else:
        with tempfile.TemporaryDirectory(prefix="gonka-deletions-") as folder:
            unheld = run(drawn, Copy(pathlib.Path(folder), targets(drawn)))
    minutes = (time.monotonic() - began) / 60
    if unheld:
        sys.exit(f"FAIL {len(unheld)} of {len(drawn)} deletions without a failing test ({how}): {', '.join(unheld)}")
    print(f"ok   {len(drawn)} checks deleted one at a time ({how}), and each time a test failed; {minutes:.0f} min")


main()
