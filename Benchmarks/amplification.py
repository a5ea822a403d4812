#!/usr/bin/env python3
"""amplification.py [SERVER…]: the largest UDP reply for each octet of a query, from minidns and the peers that are installed.

Asks each server, over loopback, for all names of the sample zones, a small zone and two signed ones, with all types that they have,
one that they have not, ANY, and names that are not there; without EDNS and with, in sizes of 1,232 and 4,096 octets, with
DO and without. Prints a table of the worst: reply / query in octets of DNS, and what was asked.

The build of minidns is that of `make build`, or MINIDNS.
"""
import os, socket, struct, sys
import dns.rdatatype, dns.zone
import peers, zones

ROOT = os.path.dirname(os.path.abspath(__file__))
WAYS = {"no EDNS": None, "1232": (1232, 0), "1232, DO": (1232, 0x8000), "4096, DO": (4096, 0x8000)}
ANY, TXT, HINFO = 255, 16, 13

def wire(name): return b"".join(bytes([len(label)]) + label for label in name)

def query(name, number, way):
    extension = b"\0" + struct.pack(">HHBBHH", 41, way[0], 0, 0, way[1], 0) if way else b""
    return struct.pack(">6H", 1, 0, 1, 0, 0, bool(way)) + wire(name) + struct.pack(">HH", number, 1) + extension

def questions(files):
    """Names and types, of each zone that is in a file of the same name."""
    for origin, file in files:
        zone = dns.zone.from_file(file, "." if origin == "root" else origin, relativize=False, check_origin=False)
        names = {}
        for name, number in ((name, rdataset.rdtype) for name, rdataset in zone.iterate_rdatasets()):
            names.setdefault(name.labels, set()).add(int(number))
        for labels, numbers in names.items():
            for number in sorted(numbers | {ANY, HINFO, TXT}): yield labels, number
            if len(wire(labels)) < 250: yield (b"0",) + labels, 1

def ask(port, packet):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.settimeout(0.5)
        channel.connect(("127.0.0.1", port))
        channel.send(packet)
        try: return channel.recv(65535)
        except OSError: return b""

def worst(port, all):
    """For each way: ratio, octets of query and reply, question."""
    result = {}
    for way in WAYS:
        for name, number in all:
            packet = query(name, number, WAYS[way])
            reply = ask(port, packet)
            row = len(reply) / len(packet), len(packet), len(reply), name, number
            result[way] = max(result.get(way, row), row)
    return result

def serve(server, directory):
    """A running server, None where it does not serve these zones."""
    running = peers.Server(server, directory).start()
    packet = query(tuple(running.zones[0][0].encode().split(b".")) + (b"",), 6, None)
    while running.process.poll() is None and peers.time.monotonic() - running.started < 10:
        reply = ask(running.port, packet)
        if reply and reply[3] & 15 == 0: return running
        peers.time.sleep(0.05)
    print(f"{server} does not serve {directory}: {running.tail()}", file=sys.stderr)
    running.stop()

def main():
    servers = sys.argv[1:] or [name for name in peers.installed() if name not in ("limit", "pdns")]
    work = os.path.join(ROOT, ".build/amplification")
    for name in "small", "signed-nsec", "signed-nsec3": zones.make(work, name, 60)
    samples = os.path.join(work, "sample")
    os.makedirs(samples, exist_ok=True)
    # Not the root zone: no peer could load it beside the others with the configuration that is used here.
    for file in os.listdir(ROOT + "/../zones"):
        link = f"{samples}/{file}"
        if file != "root.zone" and not os.path.exists(link): os.symlink(f"{ROOT}/../zones/{file}", link)
    kinds = {"sample": samples, "small": work + "/small/zones", "signed, NSEC": work + "/signed-nsec/zones",
             "signed, NSEC3": work + "/signed-nsec3/zones"}
    print("| zones | server | " + " | ".join(WAYS) + " |\n|---|---|" + "--:|" * len(WAYS))
    for kind, directory in kinds.items():
        for server in servers:
            running = serve(server, directory)
            if not running: continue
            try: rows = worst(running.port, list(questions(running.zones)))
            finally: running.stop()
            cells = (f"{ratio:.1f} ({sent} → {got})" for ratio, sent, got, *_ in rows.values())
            print(f"| {kind} | {server} | " + " | ".join(cells) + " |", flush=True)
            for way, (*_, name, number) in rows.items():
                print(f"{server}, {way}: {b'.'.join(name).decode()} {dns.rdatatype.to_text(number)}", file=sys.stderr)

main()
