"""A small world of DNS for judges: a root, a top level, its reverse zone and the judged zones, served on port 53 of
addresses in 127.53.0.0/16 by the same server three times over; minidns, NSD and Knot take turns."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = {
    "nsd": "nsd", "knotd": "knot", "dnssec-signzone": "bind9-utils", "dig": "bind9-dnsutils",
    "zonemaster-cli": "zonemaster-cli", "dnsviz": "dnsviz",
}
SERVERS = ["minidns", "NSD", "Knot"]

# Each judged zone, with the arguments for dnssec-signzone; None: unsigned; absent: delegated to servers without it.
JUDGED = {
    "unsigned.test": None,
    "nsec.test": [],
    "nsec3.test": ["-3", "-", "-H", "0"],
    "optout.test": ["-3", "-", "-H", "0", "-A"],
    "salted.test": ["-3", "aabbccdd", "-H", "5"],
    "expired.test": ["-s", "20200101000000", "-e", "20200201000000"],
    "lame.test": "absent",
}


def install(*commands):
    """Installs what is missing, on Debian and as root; elsewhere says what is needed."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if os.geteuid() != 0:
        sys.exit("The judges ask on port 53: run this as root, in a container for example.")
    missing = sorted({PACKAGES[command] for command in commands if not shutil.which(command)})
    if not missing:
        return
    if not shutil.which("apt-get"):
        sys.exit(f"Missing (names of Debian): {' '.join(missing)}")
    print("installing", *missing, flush=True)
    # Packages that start a service must not do it here.
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1")
    subprocess.run(["apt-get", "update", "-q"], check=True, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def addresses(zone):
    network = 3 + list(JUDGED).index(zone)
    return [f"127.53.{network}.1", f"127.53.{network}.2"]


class Stage:
    """Builds the zones once; `playing` starts and stops the servers."""

    def __init__(self, minidns):
        self.minidns = minidns
        self.directory = Path(tempfile.mkdtemp(prefix="judges."))
        self.zones = {}  # origin: file
        self.judged = list(JUDGED)
        top = (HERE / "zones/test.zone").read_text()
        reverse = (HERE / "zones/reverse.zone").read_text()
        for zone, signing in JUDGED.items():
            text = (HERE / "zones/judged.zone").read_text()
            label = zone.split(".")[0]
            for number, address in enumerate(addresses(zone), 1):
                text += f"ns{number} A {address}\n"
                top += f"{label} NS ns{number}.{label}\nns{number}.{label} A {address}\n"
                reverse += f"{'.'.join(reversed(address.split('.')[1:]))} PTR ns{number}.{zone}.\n"
            if signing != "absent":
                top += self.add(zone, text, signing)
        self.add("127.in-addr.arpa", reverse, None)
        root = (HERE / "zones/root.zone").read_text() + self.add("test", top, [])
        self.add(".", root, [])
        self.hints = self.directory / "hints"
        self.hints.write_text(
            ". 3600000 NS a.root.\n. 3600000 NS b.root.\na.root. 3600000 A 127.53.1.1\nb.root. 3600000 A 127.53.1.2\n"
        )

    def add(self, origin, text, signing):
        """Writes a zone, signed if it is to be, and returns its DS records."""
        name = "root" if origin == "." else origin
        file = self.directory / f"{name}.zone"
        file.write_text(text)
        self.zones[origin] = file
        if signing is None:
            return ""
        run = lambda *command: subprocess.run(command, check=True, cwd=self.directory, capture_output=True)
        key = ["dnssec-keygen", "-q", "-a", "ECDSAP256SHA256"]
        run(*key, origin)
        run(*key, "-f", "KSK", "-P", "sync", "now", origin)
        times = [] if "-e" in signing else ["-e", "now+1209600"]
        # Without verification (-P): it refuses what is expired.
        command = ["dnssec-signzone", "-q", "-P", "-S", "-o", origin, *times, *signing, "-f", f"{name}.signed", file.name]
        run(*command)
        self.zones[origin] = self.directory / f"{name}.signed"
        return (self.directory / f"dsset-{origin.rstrip('.')}.").read_text()

    def parts(self):
        """Three processes, so that each delegation is one: what listens where, and serves what."""
        yield "root", ["127.53.1.1", "127.53.1.2"], ["."]
        yield "top", ["127.53.2.1", "127.53.2.2"], ["test", "127.in-addr.arpa"]
        judged = [zone for zone in JUDGED if zone in self.zones]
        yield "judged", [address for zone in JUDGED for address in addresses(zone)], judged

    def command(self, server, part, listen, origins):
        files = [(origin, self.zones[origin]) for origin in origins]
        if server == "minidns":
            command = [self.minidns, "serve", "--quiet", "--workers", "1"]
            command += [word for address in listen for word in ("--listen", f"{address}:53")]
            return command + [f"{origin}={file}" for origin, file in files]
        configuration = self.directory / f"{server}-{part}.conf"
        directory = self.directory / f"{server}-{part}"
        directory.mkdir(exist_ok=True)
        # Transfers to this machine are allowed, as minidns does without being told.
        if server == "NSD":
            lines = ["server:", *[f"  ip-address: {address}@53" for address in listen]]
            lines += ["  server-count: 1", '  username: ""', '  chroot: ""', f'  zonesdir: "{self.directory}"']
            lines += ['  pidfile: ""', '  database: ""', f'  xfrdfile: "{directory}/xfrd.state"']
            lines += [f'  xfrdir: "{directory}"', f'  zonelistfile: "{directory}/zone.list"', "  minimal-responses: yes"]
            lines += ["  hide-version: yes", "  hide-identity: yes", "  round-robin: no", "  ip-transparent: no"]
            lines += ["remote-control:", "  control-enable: no"]
            for origin, file in files:
                lines += ["zone:", f'  name: "{origin}"', f'  zonefile: "{file}"', "  provide-xfr: 127.0.0.0/8 NOKEY"]
            configuration.write_text("\n".join(lines) + "\n")
            return ["nsd", "-d", "-c", str(configuration)]
        listening = ", ".join(f"{address}@53" for address in listen)
        lines = ["server:", f"  rundir: {directory}", f"  listen: [{listening}]", "  udp-workers: 1"]
        lines += ["  tcp-workers: 1", "  background-workers: 1", "log:", "  - target: stderr", "    any: warning"]
        lines += ["database:", f"  storage: {directory}"]
        lines += ["acl:", "  - id: here", "    address: 127.0.0.0/8", "    action: transfer"]
        lines += ["template:", "  - id: default", f"    storage: {directory}", "    acl: here"]
        lines += ["    zonefile-sync: -1", "    journal-content: none", "zone:"]
        for origin, file in files:
            lines += [f'  - domain: "{origin}"', f'    file: "{file}"']
        configuration.write_text("\n".join(lines) + "\n")
        return ["knotd", "-c", str(configuration)]

    def play(self, server, judge, faulty=False):
        """What `judge` returns while `server` serves. With a fault, it serves a signed zone without its signatures."""
        signed = self.zones["nsec.test"]
        if faulty:
            self.zones["nsec.test"] = self.directory / "nsec.test.zone"
        running = []
        try:
            for part, listen, origins in self.parts():
                log = open(self.directory / f"{server}-{part}.log", "w")
                command = self.command(server, part, listen, origins)
                running.append(subprocess.Popen(command, stdout=log, stderr=log))
                self.wait(running[-1], listen, origins, log.name)
            return judge()
        finally:
            self.zones["nsec.test"] = signed
            for process in running:
                process.terminate()
            for process in running:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()

    def wait(self, process, listen, origins, log):
        for attempt in range(50):
            if all(self.answers(address, origin) for address in listen[-1:] for origin in origins):
                return
            if process.poll() is not None:
                break
            time.sleep(0.2)
        sys.exit(f"{process.args[0]} does not serve:\n{Path(log).read_text()}")

    def answers(self, address, origin):
        command = ["dig", f"@{address}", "+short", "+tries=1", "+time=1", "+norecurse", origin, "SOA"]
        return " 14400 " in subprocess.run(command, capture_output=True, text=True).stdout

    def remove(self):
        shutil.rmtree(self.directory)


def main(name, commands, judge, serious, least):
    """Lets `judge` see the world three times. It returns, for each judged zone, findings of the form (zone, severity,
    code, details); fewer than `least` for a zone that works mean that the judge gave up."""
    install("nsd", "knotd", "dnssec-signzone", "dig", *commands)
    world = Stage(sys.argv[1])
    faulty = "--self-test" in sys.argv
    found = {}
    try:
        for server in SERVERS:
            results = world.play(server, lambda: judge(world), faulty=faulty and server == "minidns")
            for zone, result in zip(world.judged, results):
                if zone != "lame.test" and len(result) < least:
                    sys.exit(f"{server}, {zone}: no more than {len(result)} findings: {sorted(result)}")
            found[server] = set().union(*results)
            counts = [f"{level} {sum(finding[1] == level for finding in found[server])}" for level in serious]
            print(f"{server}: {len(found[server])} findings:", ", ".join(counts), flush=True)
    finally:
        world.remove()
    compare(found, serious, faulty, name)


def output(command, input=None):
    result = subprocess.run(command, input=input, capture_output=True, text=True, timeout=300)
    if result.returncode != 0 or not result.stdout:
        raise SystemExit(f"{' '.join(command)} ended with {result.returncode}:\n{result.stderr}")
    return result.stdout


def show(found, shared, serious):
    print("\nErrors and warnings that others get too (the zones that are wrong are wrong for all):")
    counts = Counter(finding[:3] for finding in shared if finding[1] in serious and finding[1] != "STATUS")
    for finding, count in sorted(counts.items()):
        print(f"  {count} ×", *finding)
    print("\nNot the same for all:")
    for finding in sorted(set().union(*found.values())):
        servers = [server for server in SERVERS if finding in found[server]]
        if len(servers) < len(SERVERS):
            print(f"  {', '.join(servers)}:", *finding)


def compare(found, serious, faulty, name):
    """Prints who gets what, and ends with 1 if minidns alone gets something serious."""
    ours, others = found["minidns"], found["NSD"] | found["Knot"]
    alone = {finding for finding in ours - others if finding[1] in serious}
    if not faulty:
        show(found, ours & others, serious)
    print(f"\n{name}: {len(alone)} findings that only minidns gets")
    if faulty:
        print("self-test: the planted fault was", "found" if alone else "NOT found")
    sys.exit(bool(alone) != faulty)
