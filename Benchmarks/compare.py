#!/usr/bin/env python3
"""compare.py DIRECTORY [--quick] [--charts DIRECTORY] [--servers A,B]: minidns beside the servers that are installed.

Prints tables, and writes results.json and charts into the directory.
"""
import argparse, json, os, platform, shutil, signal, statistics, subprocess, sys, tempfile, time
import charts, peers, zones

# Workload, its questions (with DO where the zone is signed), size, size where it must be quick.
WORK = [("small", ["mix"], 100, 100), ("leaf", ["mix"], 1_000_000, 100_000), ("tld", ["mix", "nx"], 1_000_000, 50_000),
        ("hosting", ["mix"], 10_000, 1_000), ("signed-nsec", ["exist", "referral", "nx"], 100_000, 10_000),
        ("signed-nsec3", ["nx"], 100_000, 10_000)]
RELOADED, RELOAD_RATE, RELOAD_LIMIT = "leaf", 20_000, 20
MINUTES, QUICK_MINUTES = 9.5, 1.9

# Processors that other processes may take while something is measured; then it is measured again.
OTHERS = 0.5
PROCESSORS = sorted(os.sched_getaffinity(0))
# The generator has all processors but the server's; with one processor they share it.
SERVER, GENERATOR = PROCESSORS[:1], PROCESSORS[1:] or PROCESSORS

class Session:
    def __init__(self, arguments):
        self.root, self.quick, self.begun = os.path.abspath(arguments.directory), arguments.quick, time.monotonic()
        self.names = arguments.servers.split(",") if arguments.servers else peers.installed()
        self.limit, self.seconds, self.rounds = (12, 0.4, 3) if self.quick else (45, 0.8, 7)
        self.end = self.begun + 60 * (QUICK_MINUTES if self.quick else MINUTES)
        self.results = dict(date=time.strftime("%Y-%m-%d"), machine=machine(), quick=self.quick, servers=self.names,
                            load={}, memory={}, speed={}, reload={}, records={}, failed={})

    def say(self, text): print(f"{time.monotonic() - self.begun:5.0f} s  {text}", flush=True)

    def generate(self, server, questions, seconds, processors=GENERATOR, rate=None):
        command = [peers.BUILT + "/load", str(server.port), questions, "-l", str(seconds),
                   "-c", ",".join(map(str, processors)), *(["-d"] if "signed" in questions else []),
                   *(["-r", str(rate)] if rate else [])]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def stretch(self, server, questions, seconds, until=0):
        """One measurement; if others kept the machine busy, the quietest of three, as far as there is time."""
        done = []
        while not done or done[-1]["others"] > OTHERS and len(done) < 3 and time.monotonic() < until:
            busy, own, before = busy_seconds(), sum(os.times()[:4]), server.processor_seconds()
            measured = json.loads(self.generate(server, questions, seconds).communicate()[0])
            after, own, busy = server.processor_seconds(), sum(os.times()[:4]) - own, busy_seconds() - busy
            measured["others"] = (busy - own - sum(after) + sum(before)) / seconds
            for key, old, new in zip(("user_us", "system_us"), before, after):
                measured[key] = (new - old) * 1e6 / max(1, measured["answered"])
            done.append(measured)
        return min(done, key=lambda measured: measured["others"])

    def workload(self, name, sets, size, until):
        about = zones.make(self.root, name, size)
        path, probe, running = f"{self.root}/{name}", "probe." + about["origin"], []
        load, memory = self.results["load"].setdefault(name, {}), self.results["memory"].setdefault(name, {})
        self.results["records"][name] = about["records"]
        # Whoever comes first would wait for the disk.
        for file in os.scandir(path + "/zones"):
            with open(file, "rb") as zone: zone.read()
        try:
            for server in self.names:
                if server == "limit": continue
                running.append(peers.Server(server, path + "/zones").start())
                load[server] = running[-1].wait(probe, zones.PROBE, self.limit)
                if load[server] is None:
                    self.results["failed"][f"{name}, {server}"] = running[-1].tail()
                    ended = running[-1].process.poll() is not None
                    self.say(f"{name}: {server} {'ended' if ended else f'does not answer within {self.limit} s'}")
                    running.pop().stop()
                    continue
                memory[server] = running[-1].memory()
                running[-1].pin(SERVER)
                self.say(f"{name}: {server} answers after {load[server]:.3f} s")
            if not running: return
            for number, kind in enumerate(sets):
                share = (until - time.monotonic()) / (len(sets) - number)
                self.questions(name, kind, running, time.monotonic() + share)
        finally:
            for server in running: server.stop()

    def questions(self, name, kind, running, until):
        path = f"{self.root}/{name}/{kind}"
        warm = {server.name: self.stretch(server, path, 0.3) for server in running}
        rounds = {server: [] for server in warm}
        all = list(running)
        if "limit" in self.names:
            octets = (warm.get("minidns") or next(iter(warm.values())))["octets"]
            all.insert(0, peers.Server("limit", f"{self.root}/{name}/zones", round(octets)).start())
            rounds["limit"] = []
        try:
            time.sleep(0.1)
            all[0].pin(SERVER)
            for number in range(self.rounds):
                if number and time.monotonic() + len(all) * (self.seconds + 0.5) > until: break
                # Each round begins with another server.
                for server in all[number % len(all):] + all[:number % len(all)]:
                    rounds[server.name].append(self.stretch(server, path, self.seconds, until))
        finally:
            if all[0].name == "limit": all[0].stop()
        self.summarize(f"{name}/{kind}", rounds)

    def summarize(self, kind, rounds):
        def is_quiet(*measured): return max(m["others"] for m in measured) <= OTHERS
        def median(measured): return {key: statistics.median(m[key] for m in measured) for key in measured[0]}
        middles = {server: median(list(filter(is_quiet, measured)) or measured) for server, measured in rounds.items()}
        self.results["speed"][kind] = middles
        like = middles.get("minidns") or next(iter(middles.values()))
        for server, measured in rounds.items():
            middle = middles[server]
            if "limit" in rounds:
                # Of the same round, where there is one that disturbed neither.
                pairs = [pair for pair in zip(measured, rounds["limit"]) if is_quiet(*pair)]
                pairs = pairs or [(middle, middles["limit"])]
                middle["ratio"] = statistics.median(m["per_second"] / max(1, l["per_second"]) for m, l in pairs)
            # Who answers otherwise than minidns does other work.
            middle["differs"] = server != "limit" and abs(middle["noerror"] - like["noerror"]) > 0.02
            middle["rounds"] = len(measured)
            self.say(f"{kind}: {server:8} {middle['per_second']:8.0f}/s, {middle.get('ratio', 0):.2f} of limit, "
                     f"{middle['user_us']:.2f} + {middle['system_us']:.2f} us, p99 {middle['p99_us']:.0f} us, "
                     f"lost {middle['lost']:.0f}, others {middle['others']:.2f}")

    def reload(self, name, size):
        """One record is edited; how soon it is answered, and what clients see meanwhile."""
        origin = zones.make(self.root, name, size)["origin"]
        probe = "probe." + origin
        for peer in self.names:
            if not peers.ALL[peer].reload or time.monotonic() > self.end - 5: continue
            with tempfile.TemporaryDirectory(prefix="bench-zones") as directory:
                os.chmod(directory, 0o755)
                file = shutil.copy(f"{self.root}/{name}/zones/{origin}.zone", directory)
                server = peers.Server(peer, directory).start()
                try:
                    if server.wait(probe, zones.PROBE, self.limit) is None: continue
                    self.results["reload"][peer] = self.edit(server, file, probe, f"{self.root}/{name}/mix")
                    self.say(f"reload of {name}: {peer} {self.results['reload'][peer]}")
                finally: server.stop()

    def edit(self, server, file, probe, questions):
        server.pin(PROCESSORS[:max(1, len(PROCESSORS) - 1)])
        steady = peak = server.memory()
        with open(file) as zone: text = zone.read()
        text = text.replace(zones.PROBE, zones.EDITED, 1).replace(zones.SERIAL, str(int(zones.SERIAL) + 1), 1)
        zones.write(file + ".new", text)
        # Some servers compare times in seconds.
        os.utime(file + ".new", (time.time() + 2,) * 2)
        os.replace(file + ".new", file)
        generator = self.generate(server, questions, 4 if self.quick else 10, GENERATOR[-1:], RELOAD_RATE)
        try:
            time.sleep(0.7)
            asked, visible, sampled = time.monotonic(), None, 0
            server.reload()
            while visible is None and time.monotonic() - asked < RELOAD_LIMIT:
                if server.probe(probe, 1) == zones.EDITED: visible = time.monotonic() - asked
                if time.monotonic() - sampled > 0.05: peak, sampled = max(peak, server.memory()), time.monotonic()
                time.sleep(0.005)
            measured = json.loads(generator.communicate()[0])
        finally: generator.kill()
        return dict(visible=visible, lost=measured["lost"], late=measured["late"], steady=steady,
                    gap_ms=measured["longest_gap_us"] / 1000, peak=max(peak, server.memory()))

    def run(self):
        reloading = 25 if self.quick else 100
        for number, (name, sets, size, small) in enumerate(WORK):
            left = (self.end - reloading - time.monotonic()) / (len(WORK) - number)
            self.workload(name, sets, small if self.quick else size, time.monotonic() + left)
        self.reload(RELOADED, next(work[3 if self.quick else 2] for work in WORK if work[0] == RELOADED))

def busy_seconds():
    """What our processors did so far: user, nice, system, interrupts."""
    own = {f"cpu{number}" for number in PROCESSORS}
    with open("/proc/stat") as file: lines = [fields for fields in map(str.split, file) if fields[0] in own]
    return sum(int(fields[i]) for fields in lines for i in (1, 2, 3, 6, 7)) / peers.TICK

def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    return f"{len(PROCESSORS)} processors ({model}), Linux {platform.release()}"

def tables(results):
    """The results as Markdown."""
    names = [name for name in results["servers"] if name != "limit"]
    def row(first, cells): return f"| {first} | " + " | ".join(cells) + " |"
    def table(title, head, rows): return [row(title, head), "|---" * (len(head) + 1) + "|", *rows, ""]
    def cell(value, form): return "" if value is None else form(value)
    def absolute(m): return f"{m['per_second']:,.0f}/s"
    def speed(m): return f"{m.get('ratio', 0):.2f}, {m['user_us']:.2f}" + ("*" if m["differs"] else "")
    out = [results["machine"] + ", " + results["date"] + (", quick" if results["quick"] else ""), ""]
    busy = [kind for kind, by in results["speed"].items() if max(m["others"] for m in by.values()) > OTHERS]
    if busy: out += ["Other processes were busy meanwhile: do not trust " + ", ".join(busy) + ".", ""]
    out += table("answers a second of limit's, user time an answer in µs", ["limit", *names], [
        row(kind, [cell(by.get("limit"), absolute), *(cell(by.get(n), speed) for n in names)])
        for kind, by in results["speed"].items()])
    if any(m["differs"] for by in results["speed"].values() for m in by.values()):
        out += ["\\* other answers than minidns gives", ""]
    out += table("start to the first right answer", names, [
        row(kind, [cell(by.get(name), lambda s: f"{s:.3f} s") for name in names])
        for kind, by in results["load"].items()])
    out += table("octets of memory a record", names, [
        row(kind, [cell(by.get(name), lambda octets: f"{octets / results['records'][kind]:,.0f}") for name in names])
        for kind, by in results["memory"].items() if results["records"][kind] > 1000])
    forms = [("visible after", lambda r: "not" if r["visible"] is None else f"{r['visible']:.2f} s"),
             ("queries lost", lambda r: f"{r['lost'] + r['late']:,}"),
             ("longest gap", lambda r: f"{r['gap_ms']:.0f} ms"),
             ("memory at its peak, of before", lambda r: f"{r['peak'] / r['steady']:.2f}")]
    out += table("reload of one zone at 20,000 queries/s", names, [
        row(title, [cell(results["reload"].get(name), form) for name in names]) for title, form in forms])
    return "\n".join(out)

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--charts")
    parser.add_argument("--servers")
    arguments = parser.parse_args()
    # Whatever ends this program lets `finally` stop the servers.
    ends = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
    def end(*_):
        for number in ends: signal.signal(number, signal.SIG_IGN)
        sys.exit("interrupted")
    for number in ends: signal.signal(number, end)
    os.makedirs(arguments.directory, exist_ok=True)
    session = Session(arguments)
    # What was measured until something ends it is not lost.
    try: session.run()
    finally:
        zones.write(arguments.directory + "/results.json", json.dumps(session.results, indent=1))
        charts.draw(session.results, arguments.charts or arguments.directory)
        print("\n" + tables(session.results))

if __name__ == "__main__": main()
