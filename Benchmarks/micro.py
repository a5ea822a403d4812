#!/usr/bin/env python3
"""micro.py gate|table PROGRAM ZONES: what a query costs inside the process, for every kind of question.

gate   counts allocations, retains and locks a query with callgrind; one is a failure. Then plants some, and finds them.
table  also prints instructions, nanoseconds and octets; a kind of question that costs too much is a failure.
"""
import os, re, statistics, subprocess, sys, tempfile
import zones
from zones import A, MX, NS, TXT, ANY, deep

PATHS = ["alone", "passes", "stream"]
WIDTHS = [7, 7, 7, 6, 6, 6, 6, 13]
# What a whole server does around answering is counted with the first kind only.
SERVER = "server"
# What must not be called for a query, on any path, whoever calls it.
FORBIDDEN = re.compile(r"""^_*(
    malloc|calloc|realloc|reallocarray|posix_memalign|aligned_alloc|memalign|valloc|mmap|Znwm|Znam|
    swift_(alloc|slowAlloc|makeBoxUnique|retain|release|bridgeObjectRe|unknownObjectRe|nonatomic|unowned|weak)|
    pthread_(mutex|rwlock|cond)_)""", re.VERBOSE)
# A question may cost so many times what the ordinary question in the middle does, and one instruction for each octet
# of its response, which must be copied.
BOUND = 10
# Kinds that only the owner of a zone can make so costly, and the bound of each: its reason, and how many times.
LARGER = {
    "16 aliases of 240 octets": ("17 long names", 24),
    "16 aliases by DNAME": ("16 names made", 15),
    "16 aliases by wildcard": ("17 long names", 85),
    "2,800 exchanges": ("2,800 names", 80),
    "any of 255 types": ("255 sets", 38),
    "NSEC: wildcard of 127 labels": ("long proofs", 14),
    "NSEC: 16 aliases by wildcard": ("17 long names", 27),
}
SIZES = {"small": 100, "leaf": 100_000, "tld": 20_000, "signed-nsec": 5_000, "signed-nsec3": 5_000, "costly": None}

def kinds(root):
    """name, zone questions are asked of, questions (name, type), outcome over UDP, and marks:
    `o` counts among the ordinary ones, `d` with DO, `c` must do cryptography and has no bound."""
    def some(workload, kind, only=None):
        with open(f"{root}/{workload}/{kind}") as file:
            all = [line.split() for line in file]
        return [(name, int(number)) for name, number in all if only is None or name in only][:256]
    def one(name, number=A): return [(name, number)]
    with open(f"{root}/tld/zones/tld.zone") as file:
        glued = {line[4:].split(".tld")[0].split()[0] + ".tld" for line in file if line.startswith("ns1.")}
    rows = [
        ("address, sample zone", one("www.example.test"), "answer", "o"),
        ("address, 100 records", [(f"host{i}.small.test", A) for i in range(64)], "answer", "o"),
        ("address, 100,000 names", some("leaf", "exist"), "answer", "o"),
        ("mail exchange", one("small.test", MX), "answer", "o"),
        ("alias", one("web.small.test"), "answer", "o"),
        ("wildcard", one("any.wild.small.test"), "answer", "o"),
        ("no data", one("www.small.test", TXT), "no data", "o"),
        ("no such name, 100 records", some("small", "nx"), "NXDOMAIN", "o"),
        ("no such name, 100,000 names", some("leaf", "nx"), "NXDOMAIN", "o"),
        ("referral", some("tld", "exist"), "referral", "o"),
        ("referral with glue", some("tld", "exist", glued)[:32], "referral", "o"),
        ("no zone of ours", one("www.elsewhere.example"), "REFUSED", "o"),
        ("three aliases, sample zone", one("shop.example.test"), "answer", ""),
        ("any, sample zone", one("example.test", ANY), "answer", ""),
        ("reverse, sample zone", one("80.2.0.192.in-addr.arpa", 12), "answer", ""),
        ("127 labels, all there", one(deep("a", 126) + ".z"), "answer", ""),
        ("127 labels, half there", one(f"{deep('q', 63)}.{deep('a', 63)}.z"), "NXDOMAIN", ""),
        ("127 labels, none there", one(deep("q", 126) + ".z"), "NXDOMAIN", ""),
        ("wildcard of 127 labels", one(f"q.{deep('c', 125)}.z"), "answer", ""),
        ("127 labels, wildcard of 65", one(f"{deep('q', 63)}.{deep('b', 63)}.z"), "answer", ""),
        ("16 aliases", one("link0.z"), "answer", ""),
        ("16 aliases of 240 octets", one(f"0.{deep('l' * 57, 4)}.z"), "answer", ""),
        ("16 aliases by DNAME", one("x.d0.z"), "answer", ""),
        ("16 aliases by wildcard", one("q.w0.z"), "truncated", ""),
        ("13 servers with glue", one("a.cut.z"), "referral", ""),
        ("4,000 addresses", one("addresses.z"), "truncated", ""),
        ("2,800 exchanges", one("exchanges.z", MX), "truncated", ""),
        ("61,440 octets of text", one("texts.z", TXT), "truncated", ""),
        ("any of 255 types", one("mixed.z", ANY), "truncated", ""),
    ]
    for proof, origin, mark in ("nsec", "y", ""), ("nsec3", "x", "c"):
        word, zone = proof.upper(), proof + ".test"
        rows += [
            (f"{word}: address", some("signed-" + proof, "exist"), "answer", "d"),
            (f"{word}: no data", one("probe." + zone, TXT), "no data", "d"),
            (f"{word}: no such name", some("signed-" + proof, "nx"), "NXDOMAIN", "d" + mark),
            (f"{word}: referral", some("signed-" + proof, "referral"), "referral", "d" + mark),
            (f"{word}: 127 labels, none there", one(f"{deep('q', 126)}.{origin}"), "NXDOMAIN", "d" + mark),
            (f"{word}: 127 labels, half there", one(f"{deep('q', 63)}.{deep('a', 63)}.{origin}"), "NXDOMAIN",
             "d" + mark),
            (f"{word}: wildcard of 127 labels", one(f"q.{deep('b', 125)}.{origin}"), "answer", "d" + mark),
            (f"{word}: 16 aliases", one(f"link0.{origin}"), "truncated", "d"),
            (f"{word}: 16 aliases by wildcard", one(f"q.w0.{origin}"), "truncated", "d" + mark),
        ]
    return rows + [("NSEC3: no such name, 150 iterations", one(f"{deep('q', 126)}.v"), "NXDOMAIN", "dc")]

def asked(rows):
    return "".join(f"{kind}\t{name}\t{number}\t{'do' if 'd' in marks else '-'}\n"
                   for kind, questions, _, marks in rows for name, number in questions)

def callgrind(program, mode, paths, questions=""):
    """What the program prints, and its reports: {name: (instructions, {function: calls})}."""
    with tempfile.TemporaryDirectory() as directory:
        out = directory + "/out"
        run = subprocess.run(
            ["valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", "--combine-dumps=yes", "--compress-strings=no",
             "--compress-pos=no", "--demangle=no", "--callgrind-out-file=" + out, program, mode, *paths],
            input=questions, stdout=subprocess.PIPE, text=True)
        if run.returncode: sys.exit(f"{program} {mode}: ended with {run.returncode}")
        reports, calls, called = {}, {}, None
        with open(out, errors="replace") as file:
            for line in file:
                # Behind an apostrophe stands how deep a recursion is.
                if line.startswith("cfn="): called = line[4:].strip().split("'")[0]
                elif line.startswith("calls="): calls[called] = calls.get(called, 0) + int(line[6:].split()[0])
                elif line.startswith("desc: Trigger: "): name, calls = line.split(": ")[-1].strip(), {}
                elif line.startswith("totals:"): reports[name] = int(line.split()[1]), calls
    return run.stdout.splitlines(), reports

def measure(program, mode, paths, rows):
    """For each kind and path: instructions a query, forbidden calls a query, octets, outcome."""
    lines, reports = callgrind(program, mode, paths, asked(rows))
    results = {}
    for line in lines:
        kind, path, times, octets, outcome = line.split("\t")
        number = [row[0] for row in rows].index(kind), [*PATHS, SERVER].index(path) * 2
        (less, calls), (more, again) = reports["%d %d" % number], reports["%d %d" % (number[0], number[1] + 1)]
        grown = {function: again[function] - calls.get(function, 0) for function in again if FORBIDDEN.match(function)}
        found = {function: count / int(times) for function, count in grown.items() if count}
        results[kind, path] = (more - less) / int(times), found, int(octets), outcome
    return results

def faults(rows, results):
    """Calls that must not be, and kinds that are not what they are called."""
    for kind, _, outcome, _ in rows:
        for path in [path for path in [*PATHS, SERVER] if (kind, path) in results]:
            _, found, _, was = results[kind, path]
            for function, count in found.items(): yield f"{kind}, {path}: {count:g} calls of {function} a query"
            if was != outcome and not (outcome == "truncated" and path == "stream" and was == "answer"):
                yield f"{kind}, {path}: the response is '{was}' and should be '{outcome}'"

def self_test(program, root):
    rows = [("planted", [("www.small.test", A)], "answer", "")]
    for mode, name in ("retain", "swift_retain"), ("allocation", "swift_allocObject"):
        found = list(faults(rows, measure(program, mode, [root + "/small/zones"], rows)))
        if not any(line.startswith(f"planted, alone: 1 calls of {name} a query") for line in found):
            sys.exit(f"a planted {mode} is not found: {found}")
        if any("alone" not in line for line in found): sys.exit(f"more is found than was planted: {found}")

def table(program, paths, rows, results):
    out = subprocess.run([program, "time", *paths], input=asked(rows), stdout=subprocess.PIPE, text=True, check=True)
    times = dict(line.split("\t") for line in out.stdout.splitlines())
    middle = {path: statistics.median(results[row[0], path][0] for row in rows if "o" in row[3]) for path in PATHS}
    def line(kind, *cells):
        print(f"| {kind:35} |" + "".join(f" {cell:>{width}} |" for cell, width in zip(cells, WIDTHS)))
    line("instructions a query", *PATHS, "ratio", "ns", "UDP", "TCP", "")
    print("|---" + "|--:" * (len(WIDTHS) - 1) + "|---|")
    for kind, _, _, marks in rows:
        cost, octets = ([results[kind, path][i] for path in PATHS] for i in (0, 2))
        worst = max(PATHS, key=lambda path: results[kind, path][0] / middle[path])
        ratio, allowed = results[kind, worst][0] / middle[worst], BOUND + results[kind, worst][2] / middle[worst]
        reason, allowed = LARGER.get(kind, ("", allowed))
        remark = "cryptography" if "c" in marks else "too much" if ratio > allowed else reason
        line(kind, *map(round, cost), f"{ratio:.1f}", round(float(times[kind])), octets[0], octets[2], remark)
        if remark == "too much":
            yield f"{kind}, {worst}: {ratio:.1f} times the ordinary question, and {allowed:.1f} are allowed"

def loading(program, root):
    lines, reports = callgrind(program, "load", [root + "/leaf/zones/leaf.test.zone"])
    count, (parse, whole) = int(lines[0]), [reports[f"0 {part}"][0] for part in range(2)]
    print(f"\nInstructions a record, {count:,} records: parse {parse / count:.0f}, index, check "
          f"and compile {(whole - parse) / count:.0f}; in all {whole / count:.0f}")

def main(mode, program, root):
    for name, size in SIZES.items(): zones.make(root, name, size)
    here = os.path.abspath(__file__ + "/../..")
    paths = [f"{root}/{name}/zones" for name in SIZES]
    paths += [f"{here}/zones/{name}.zone" for name in ("example.test", "news.example.test", "2.0.192.in-addr.arpa")]
    rows = kinds(root)
    results = measure(program, "count", paths, rows)
    broken = list(faults(rows, results))
    self_test(program, root)
    if mode == "table":
        broken += table(program, paths, rows, results)
        loading(program, root)
    if broken: sys.exit("\n".join(broken))
    print(f"\n{len(rows)} kinds of questions on {len(PATHS)} paths, and a whole server: no allocation, reference count "
          "or lock in a query; planted ones are found")

if __name__ == "__main__": main(*sys.argv[1:])
