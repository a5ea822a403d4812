#!/usr/bin/env python3
"""Plants each fault of faults.txt in a copy of the source, one at a time, and demands that a comparison notices it.

The peers are asked once, before the first fault; then minidns alone is asked again for each.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
BUILD = ["swift", "build", "--product", "minidns"]


@dataclass
class Fault:
    name: str
    file: str = ""
    old: list = field(default_factory=list)
    new: list = field(default_factory=list)

    def find(self, root):
        """The text of its file, which has the text that is to be replaced."""
        with open(os.path.join(root, self.file)) as file:
            text = file.read()
        old = "\n".join(self.old)
        if not old or old not in text:
            raise SystemExit("faults.txt: %s: %s does not have the text:\n%s" % (self.name, self.file, old))
        return text

    def plant(self, root):
        """Returns the text as it was."""
        text = self.find(root)
        with open(os.path.join(root, self.file), "w") as file:
            file.write(text.replace("\n".join(self.old), "\n".join(self.new), 1))
        return text

    def mend(self, root, text):
        with open(os.path.join(root, self.file), "w") as file:
            file.write(text)


def read_faults():
    faults = []
    with open(os.path.join(HERE, "faults.txt")) as file:
        for line in file.read().split("\n"):
            if line.startswith("--- "):
                faults.append(Fault(line[4:]))
            elif line.startswith("file "):
                faults[-1].file = line[5:]
            elif line.startswith("-"):
                faults[-1].old.append(line[1:])
            elif line.startswith("+"):
                faults[-1].new.append(line[1:])
    return faults


def run(arguments, folder):
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True)


def build(root):
    result = run(BUILD, root)
    return None if result.returncode == 0 else "\n".join(re.findall(r".*error.*", result.stdout + result.stderr)[:3])


def judge(command, peers):
    """What the first comparison that finds something says; nothing where both find nothing."""
    for script in ("compare.py", "zonefiles.py"):
        try:
            result = subprocess.run(
                [sys.executable, os.path.join(HERE, script), "--server", command, "--replay", peers],
                capture_output=True, text=True, timeout=600)
        except subprocess.TimeoutExpired:
            return script + ": does not end"
        if result.returncode:
            numbers = re.findall(r"(\d+) failures, (\d+) differences not reviewed", result.stdout)
            stopped = "stopped: " + (result.stderr.strip().splitlines() or [""])[-1][:120]
            return "%s: %s" % (script[:-3], "%s failures, %s other differences" % numbers[0] if numbers else stopped)
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="a folder that compare.py and zonefiles.py kept, in place of asking again")
    parser.add_argument("--only", action="append", help="only faults with this text in their name")
    parser.add_argument("--part", default="1/1", help="N/M: every Mth fault, from the Nth on")
    parser.add_argument("--fits", action="store_true", help="see only whether the text of each fault is in the source")
    options = parser.parse_args()
    if options.fits:
        for fault in read_faults():
            fault.find(ROOT)
        return
    folder = tempfile.mkdtemp(prefix="minidns-selftest-")
    try:
        sys.exit(test(options, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test(options, folder):
    root = os.path.join(folder, "copy")
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".build", ".git", "__pycache__"), symlinks=True)
    command = os.path.join(root, ".build", "debug", "minidns")
    problem = build(root)
    if problem:
        print("the copy does not build: " + problem)
        return 1
    peers = options.peers or os.path.join(folder, "peers")
    if not options.peers:
        for script in ("compare.py", "zonefiles.py"):
            run([sys.executable, os.path.join(HERE, script), "--server", command, "--keep", peers], HERE)
    noise = judge(command, peers)
    if noise:
        print("without a fault there are differences already: " + noise)
        return 1
    missed = 0
    faults = [fault for fault in read_faults() if not options.only or any(text in fault.name for text in options.only)]
    first, step = map(int, options.part.split("/"))
    faults = faults[first - 1 :: step]
    for fault in faults:
        begin = time.monotonic()
        text = fault.plant(root)
        problem = build(root)
        verdict = "does not build: " + problem if problem else judge(command, peers)
        fault.mend(root, text)
        is_caught = bool(verdict) and not problem
        missed += not is_caught
        print("%-7s %-50s %s (%.0f s)" % ("caught" if is_caught else "MISSED", fault.name, verdict, time.monotonic() - begin), flush=True)
    print("%d faults, %d caught" % (len(faults), len(faults) - missed))
    return 1 if missed else 0


if __name__ == "__main__":
    main()
