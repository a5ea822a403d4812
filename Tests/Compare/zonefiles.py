#!/usr/bin/env python3
"""Has minidns and the checkers of three other servers accept or refuse many zone files.

The cases are those of Tests/DNSTests/ZoneFiles and of the folder zonefiles, in the format that is described there. Where the
three agree and minidns differs, it is a failure; other differences stand in zonefiles-exceptions.txt.
"""

import argparse
import collections
import concurrent.futures
import fnmatch
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = os.path.join(HERE, "..", "..", ".build", "debug", "minidns")
PEERS = ("nsd", "knot", "bind")
# What kzonecheck complains of that does not make a zone unusable.
KNOT_WARNINGS = ("missing glue record", "missing DNSKEY", "expired", "invalid bitmap", "unsupported")


@dataclass
class Case:
    name: str
    is_accepted: bool
    # Whether that is the judgement of the whole check, not of the parser alone.
    is_final: bool
    # Whether nothing is to be added.
    is_whole: bool
    origin: str = "example."
    text: bytes = b""
    files: dict = field(default_factory=dict)


def read_cases(path, is_final):
    """The cases of a file."""
    cases, section, end, options = [], None, b"\n", set()
    group = os.path.basename(path)[: -len(".cases")]
    is_whole = group.startswith("whole-")

    def finish():
        if not cases:
            return
        case = cases[-1]
        if "unended" in options:
            case.text = case.text.removesuffix(b"\n").removesuffix(b"\r")
        if "percent" in options:
            case.text = re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), case.text)

    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    for line in lines:
        if line.startswith(b"--- "):
            word, _, rest = line[4:].decode().partition(" ")
            if word in ("accept", "reject"):
                finish()
                cases.append(Case(group + ": " + rest, word == "accept", is_final, is_whole))
                section, end, options = "text", b"\n", set()
            elif word == "text":
                options |= set(rest.split())
                end = b"\r\n" if "crlf" in options else b"\n"
                if "mark" in options:
                    cases[-1].text += b"\xef\xbb\xbf"
            elif word == "origin":
                cases[-1].origin = rest
            elif word == "file":
                section = rest
                cases[-1].files[rest] = b""
            else:
                section = None
        elif not cases or section is None:
            continue
        elif section == "text":
            cases[-1].text += line + end
        else:
            cases[-1].files[section] += line + end
    finish()
    return cases


def all_cases():
    cases = []
    for path in sorted(glob.glob(os.path.join(HERE, "..", "DNSTests", "ZoneFiles", "*.cases"))):
        cases += read_cases(path, False)
    for path in sorted(glob.glob(os.path.join(HERE, "zonefiles", "*.cases"))):
        cases += read_cases(path, True)
    return cases


def write(case, folder):
    """The case becomes a zone: included by a file that adds the SOA and NS records that it lacks."""
    os.makedirs(folder, exist_ok=True)
    for name, text in list(case.files.items()) + [("case", case.text)]:
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text)
    if case.is_whole:
        return os.path.join(folder, "case")
    main = os.path.join(folder, "main")
    has_soa = re.search(rb"(?i)\b(SOA|TYPE6)\b", case.text + b"".join(case.files.values()))
    with open(main, "w") as file:
        file.write("$INCLUDE case\n")
        if not has_soa:
            file.write("%s 300 IN SOA ns.elsewhere.test. host.elsewhere.test. 1 7200 3600 604800 300\n" % case.origin)
        file.write("%s 300 IN NS ns.elsewhere.test.\n" % case.origin)
    return main


def run(arguments, folder):
    try:
        return subprocess.run(arguments, cwd=folder, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(arguments, 99, b"", b"does not end")


def accepts(server, command, case, folder, main):
    origin = case.origin
    if server == "bind":
        ignore = [option for letter in "kmMSrWn" for option in ("-" + letter, "ignore")]
        return run(["named-checkzone", "-i", "none", *ignore, origin, main], folder).returncode == 0
    if server == "nsd":
        return run(["nsd-checkzone", origin, main], folder).returncode == 0
    if server == "knot":
        result = run(["kzonecheck", "-o", origin, main], folder)
        text = (result.stdout + result.stderr).decode("utf-8", "replace")
        if result.returncode == 0:
            return True
        problems = re.findall(r"^\s+\d+\t(.*)$", text, re.M)
        return bool(problems) and all(any(soft in problem for soft in KNOT_WARNINGS) for problem in problems)
    result = run([command, "check", "--quiet", origin + "=" + main], folder)
    if result.returncode not in (0, 1, 2, 3, 65):
        raise RuntimeError("%s: minidns ended with %d" % (case.name, result.returncode))
    return result.returncode == 0


def verdicts(server, command, cases, folder):
    def verdict(numbered):
        number, case = numbered
        place = os.path.join(folder, str(number))
        return accepts(server, command, case, place, os.path.join(place, "case" if case.is_whole else "main"))

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(verdict, enumerate(cases)))


@dataclass(frozen=True)
class Rule:
    number: int
    line: str
    peers: frozenset
    pattern: str


def read_rules(path):
    rules = []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            fields, _, why = line.partition("|")
            peers, _, pattern = fields.strip().partition(" ")
            if not why.strip():
                raise ValueError("%s:%d: without a reason" % (path, number))
            names = PEERS if peers == "all" else peers.split(",")
            rules.append(Rule(number, line.strip(), frozenset(names), pattern.strip()))
    return rules


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default=COMMAND, help="the minidns to test")
    parser.add_argument("--keep", help="a folder to keep the peers' verdicts in")
    parser.add_argument("--replay", help="such a folder: ask minidns only")
    return parser.parse_args()


def main():
    options = arguments()
    cases = all_cases()
    folder = tempfile.mkdtemp(prefix="minidns-zonefiles-")
    try:
        for number, case in enumerate(cases):
            write(case, os.path.join(folder, str(number)))
        if options.replay:
            with open(os.path.join(options.replay, "verdicts.json")) as file:
                theirs = json.load(file)
        else:
            theirs = {peer: verdicts(peer, None, cases, folder) for peer in PEERS}
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
            with open(os.path.join(options.keep, "verdicts.json"), "w") as file:
                json.dump(theirs, file)
        ours = verdicts("minidns", os.path.abspath(options.server), cases, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(report(cases, ours, theirs, bool(options.replay)))


def report(cases, ours, theirs, is_replay):
    rules = read_rules(os.path.join(HERE, "zonefiles-exceptions.txt"))
    counts = collections.Counter()
    alike = failures = unreviewed = 0
    for number, case in enumerate(cases):
        says = "accepts" if ours[number] else "refuses"
        if case.is_final and ours[number] != case.is_accepted:
            failures += 1
            print("FAIL  minidns %s what must be otherwise: %s" % (says, case.name))
            continue
        others = frozenset(peer for peer in PEERS if theirs[peer][number] != ours[number])
        if not others:
            alike += 1
            continue
        rule = next((r for r in rules if others == r.peers and fnmatch.fnmatchcase(case.name, r.pattern)), None)
        if rule:
            counts[rule] += 1
        elif len(others) == 3:
            failures += 1
            print("FAIL  minidns alone %s: %s" % (says, case.name))
        else:
            unreviewed += 1
            print("not reviewed: minidns %s, not %s: %s" % (says, ",".join(sorted(others)), case.name))
    print("\n== reviewed differences")
    for rule in rules:
        if counts[rule]:
            print("%4d  %s" % (counts[rule], rule.line))
    unused = [rule for rule in rules if not counts[rule] and not is_replay]
    for rule in unused:
        print("matches nothing: zonefiles-exceptions.txt:%d: %s" % (rule.number, rule.line))
    print("%d zone files: %d judged alike by all four, %d reviewed differences, %d failures, %d differences not reviewed"
          % (len(cases), alike, sum(counts.values()), failures, unreviewed))
    return 1 if failures or unreviewed or unused else 0


if __name__ == "__main__":
    main()
