#!/usr/bin/env python3
"""Has delv validate what minidns answers from signed zones, with the zones' keys as trust anchors; referrals, of which delv
says nothing, are checked signature by signature and proof by proof (RFC 4035 §3.1.4, RFC 5155 §7.2.7).
"""

import argparse
import base64
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rdatatype
import dns.zone

import compare
import servers
import zones

SECURE, DENIED, INSECURE = "fully validated", "negative response, fully validated", "unsigned answer"
# An alias that is validated, and behind it a denial.
ALIAS_DENIED = "fully validated, then denied"
ALIAS_INSECURE = "fully validated, then unsigned"
# What is asked of each zone that is made like zones.RICH: kind, name, type, and what delv must say.
QUESTIONS = [
    ("positive", "www", "A", SECURE), ("positive", "@", "DNSKEY", SECURE), ("positive", "@", "SOA", SECURE),
    ("positive", "mail", "MX", SECURE), ("positive", "*.w", "TXT", SECURE),
    ("wildcard", "x.w", "TXT", SECURE), ("wildcard", "x.y.w", "MX", SECURE), ("wildcard", "x.b.c.w", "TXT", SECURE),
    ("wildcard NODATA", "x.w", "A", DENIED), ("wildcard NODATA", "x.starent", "A", DENIED),
    ("NODATA", "www", "MX", DENIED), ("NODATA", "@", "AAAA", DENIED), ("NODATA", "d", "A", DENIED),
    ("NXDOMAIN", "missing", "A", DENIED), ("NXDOMAIN", "x.y.z", "A", DENIED), ("NXDOMAIN", "x.host.w", "TXT", DENIED),
    ("NXDOMAIN", "x.sub.*.w", "TXT", DENIED), ("NXDOMAIN", "0", "A", DENIED), ("NXDOMAIN", "zzz", "A", DENIED),
    ("empty non-terminal", "e3", "A", DENIED), ("empty non-terminal", "e2.e3", "A", DENIED),
    ("empty non-terminal", "b.c.w", "A", DENIED), ("empty non-terminal", "*.starent", "TXT", DENIED),
    ("DS", "secure", "DS", SECURE), ("DS NODATA", "sib", "DS", DENIED), ("DS NODATA", "out", "DS", DENIED),
    ("CNAME", "c3", "A", SECURE), ("CNAME chain", "c1", "A", SECURE), ("CNAME chain", "cwild", "TXT", SECURE),
    ("CNAME to NODATA", "c1", "MX", ALIAS_DENIED), ("CNAME to NXDOMAIN", "cmiss", "A", ALIAS_DENIED),
    ("CNAME to an empty non-terminal", "cent", "A", ALIAS_DENIED),
    ("wildcard CNAME", "x.wc", "A", SECURE), ("wildcard CNAME", "x.y.wc", "AAAA", SECURE),
    ("wildcard CNAME to NXDOMAIN", "x.wcmiss", "A", ALIAS_DENIED),
    ("DNAME", "d", "DNAME", SECURE), ("DNAME chain", "x.d", "A", SECURE), ("DNAME chain", "y.d", "A", SECURE),
    ("DNAME chain", "zz.d", "TXT", SECURE), ("DNAME chain", "x.dd", "A", SECURE), ("DNAME chain", "cdname", "A", SECURE),
    ("DNAME to NODATA", "zz.d", "A", ALIAS_DENIED),
]
REFERRALS = [
    ("insecure referral", "www.sib"), ("insecure referral", "x.y.cut"), ("insecure referral", "inzone"),
    ("insecure referral", "a.deep.cut2"), ("insecure referral", "lame"), ("insecure referral", "x.nested.cut"),
    ("secure referral", "secure"), ("secure referral", "x.y.secure"),
]
# Of a chain of trust, whose anchor is the key of trust.test.
TRUST = [
    ("child by its DS", "www.child.trust.test.", "A", SECURE), ("child by its DS", "x.w.child.trust.test.", "TXT", SECURE),
    ("child by its DS", "missing.child.trust.test.", "A", DENIED), ("CNAME into the child", "tochild.trust.test.", "A", SECURE),
    ("wildcard CNAME into the child", "x.w.trust.test.", "A", SECURE), ("unsigned child", "www.plain.trust.test.", "A", INSECURE),
    ("CNAME into the unsigned child", "toplain.trust.test.", "A", ALIAS_INSECURE), ("DS NODATA", "plain.trust.test.", "DS", DENIED),
]


class Failure(Exception):
    pass


def anchors(zone, folder):
    """A file with the zone's entry keys for delv."""
    keys = []
    for path in glob.glob(os.path.join(folder, "keys", zone.origin, "K*.key")):
        with open(path) as file:
            found = re.search(r"DNSKEY\s+257\s+3\s+(\d+)\s+([^;]+)", file.read())
        if found:
            keys.append('"%s" static-key 257 3 %s "%s";' % (zone.origin, found[1], "".join(found[2].split())))
    path = os.path.join(folder, zone.origin + "anchors")
    with open(path, "w") as file:
        file.write("trust-anchors { %s };\n" % "\n".join(keys))
    return path


def delv(port, anchor, root, name, type):
    """What delv says of each part of the answer, in its own words, and whether it ends in a denial."""
    result = subprocess.run(
        ["delv", "@" + servers.HOST, "-p", str(port), "-a", anchor, "+root=" + root, name, type],
        capture_output=True, text=True, timeout=30)
    said = [line.lstrip("; ") for line in (result.stdout + result.stderr).splitlines() if re.match(r";+ [a-z]", line)]
    is_denial = any("ncache" in line for line in said)
    return [line for line in said if re.search("validated|unsigned|failed", line) and "ncache" not in line], is_denial


def check(port, anchor, root, name, type, wanted, has_optout=False):
    """Where an opt-out covers a name, delv may call unsigned what depends on that (RFC 5155 §6)."""
    said, is_denial = delv(port, anchor, root, name, type)
    verdicts = {verdict.replace("unsigned answer", SECURE) if has_optout else verdict for verdict in said}
    allowed = {
        SECURE: ({SECURE}, False), DENIED: ({DENIED}, True), INSECURE: ({INSECURE}, False),
        ALIAS_DENIED: ({SECURE, DENIED}, True), ALIAS_INSECURE: ({SECURE, INSECURE}, False),
    }[wanted]
    if not verdicts or not verdicts <= allowed[0] or is_denial != allowed[1]:
        raise Failure("delv says %s, must say %s" % (said or "nothing", wanted))


# MARK: Referrals

def referral(port, zone, keys, name):
    question = dns.message.make_query(name, "A", want_dnssec=True)
    question.flags &= ~dns.flags.RD
    reply = dns.query.tcp(question, servers.HOST, port=port, timeout=5)
    if reply.answer or reply.rcode() or reply.flags & dns.flags.AA:
        raise Failure("no referral")
    signatures = {(s.name, s.covers): s for s in reply.authority if s.rdtype == dns.rdatatype.RRSIG}
    sets = {(s.name, s.rdtype): s for s in reply.authority if s.rdtype != dns.rdatatype.RRSIG}
    for (owner, type), found in sets.items():
        if type != dns.rdatatype.NS:
            dns.dnssec.validate(found, signatures[owner, type], {zone: keys})
    cut = next((owner for owner, type in sets if type == dns.rdatatype.NS), None)
    if cut is None or not name.is_subdomain(cut):
        raise Failure("no NS records of a cut above the name")
    if (cut, dns.rdatatype.DS) in sets:
        return "secure referral"
    nsec = sets.get((cut, dns.rdatatype.NSEC))
    if nsec:
        check_types(nsec[0])
    else:
        check_hashes(zone, cut, {owner: found[0] for (owner, type), found in sets.items() if type == dns.rdatatype.NSEC3})
    return "insecure referral"


def check_types(record):
    """NS and neither DS nor SOA (RFC 4035 §5.2, RFC 6840 §4.4)."""
    types = {window * 256 + octet * 8 + bit for window, bitmap in record.windows
             for octet, value in enumerate(bitmap) for bit in range(8) if value & 0x80 >> bit}
    if dns.rdatatype.NS not in types or types & {dns.rdatatype.DS, dns.rdatatype.SOA}:
        raise Failure("the bitmap is not that of an unsigned delegation")


def check_hashes(zone, cut, records):
    """An NSEC3 of the cut itself, or the closest provable encloser and an opt-out over the name one label longer."""
    if not records:
        raise Failure("neither DS nor a proof that there is none")
    any_record = next(iter(records.values()))

    def hashed(name):
        return dns.dnssec.nsec3_hash(name, any_record.salt, any_record.iterations, any_record.algorithm).lower()

    by_hash = {owner.labels[0].decode().lower(): record for owner, record in records.items()}
    if hashed(cut) in by_hash:
        return check_types(by_hash[hashed(cut)])
    longer = cut
    while longer != zone:
        encloser = longer.parent()
        if hashed(encloser) in by_hash:
            break
        longer = encloser
    else:
        raise Failure("no closest encloser")
    wanted = hashed(longer)
    for start, record in by_hash.items():
        end = base64.b32encode(record.next).decode().translate(
            str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghijklmnopqrstuv"))
        covers = start < wanted < end if start < end else wanted > start or wanted < end
        if covers and record.flags & 1:
            return None
    raise Failure("no opt-out covers the name")


# MARK: All

def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default=compare.COMMAND, help="the minidns to test")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    world = next(world for world in zones.worlds(options.seed) if world.name == "signed")
    world.zones = [zone for zone in world.zones if "chance" not in zone.origin]
    folder = tempfile.mkdtemp(prefix="minidns-validate-")
    try:
        world.write(folder)
        server = servers.start_minidns(options.server, folder)
        try:
            server.wait(world.zones)
            sys.exit(validate(world, folder, server.port))
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def validate(world, folder, port):
    count = failures = 0
    kinds = set()

    def run(zone, kind, name, type, body):
        nonlocal count, failures
        count += 1
        kinds.add(kind)
        try:
            body()
        except (Failure, dns.dnssec.ValidationFailure, KeyError) as failure:
            failures += 1
            print("FAIL  %s: %s %s %s: %s" % (zone, kind, name, type, repr(failure)))

    signed = [zone for zone in world.zones if zone.signer]
    for zone in signed:
        anchor = anchors(zone, folder)
        if zone.origin == "trust.test.":
            for kind, name, type, wanted in TRUST:
                run(zone.origin, kind, name, type, lambda: check(port, anchor, zone.origin, name, type, wanted))
            continue
        origin = dns.name.from_text(zone.origin)
        parsed = dns.zone.from_file(os.path.join(folder, "minidns", zone.file), origin=origin, relativize=False, check_origin=False)
        keys = parsed.find_rdataset(origin, "DNSKEY")
        for kind, name, type, wanted in QUESTIONS:
            full = zone.absolute(name)
            run(zone.origin, kind, full, type, lambda: check(
                port, anchor, zone.origin, full, type, wanted, zone.kind == "optout"))
        for kind, name in REFERRALS:
            full = dns.name.from_text(zone.absolute(name))

            def refer():
                found = referral(port, origin, keys, full)
                if found != kind:
                    raise Failure("is an " + found)

            run(zone.origin, kind, full, "A", refer)
    print("%d answers of %d kinds from %d zones validated, %d failures" % (count, len(kinds), len(signed), failures))
    return 1 if failures else 0


if __name__ == "__main__":
    main()
