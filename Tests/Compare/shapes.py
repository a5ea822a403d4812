"""Zones with the shapes of real ones, made from the seed: a root, reverse zones, a registry, many aliases."""

import signing
import zones


def digest(random):
    return "%d 13 2 %064X" % (random.randrange(65536), random.getrandbits(256))


def root(random, count=1500):
    """Top levels with servers of their own, or shared ones whose glue is in another top level, and DS for most."""
    zone = zones.Zone(".", kind="nsec", signer=signing.SIGNERS["nsec"])
    zone.add(".", "SOA", "a.root-servers.net. nstld.example. 1 1800 900 604800 86400", 86400)
    for letter in "abcdefghijklm":
        zone.add(".", "NS", letter + ".root-servers.net.", 518400)
        zone.add(letter + ".root-servers.net.", "A", "192.0.2.%d" % ord(letter))
        zone.add(letter + ".root-servers.net.", "AAAA", "2001:db8::%x" % ord(letter))
    zone.lines("arpa. NS a.root-servers.net.\nnet. NS a.gtld-servers.net.\ntest. NS ns1.test.\nns1.test. A 192.0.2.1")
    zone.add("arpa.", "DS", digest(random))
    shared = ["%s.%s." % (host, name) for name in ("gtld-servers.net", "nic.tld7", "dns.tld8") for host in "abcd"]
    for number, host in enumerate(shared):
        zone.add(host, "A", "192.0.2.%d" % number, 172800)
        zone.add(host, "AAAA", "2001:db8:1::%x" % number, 172800)
    for number in range(count):
        top = ("tld%d." if number % 10 else "xn--%dx.") % number
        servers = ["%s.nic.%s" % (host, top) for host in "abcdef"[: random.choice([2, 4, 6])]]
        kind = random.randrange(4)
        others = random.sample(shared, 3) if kind < 3 else ["ns.elsewhere.example."]
        for server in (servers, servers[:1] + others, others, servers[:1] + others)[kind]:
            zone.add(top, "NS", server, 172800)
        for index, server in enumerate(servers if kind != 2 else []):
            zone.add(server, "A", "198.51.100.%d" % index, 172800)
            if random.random() < 0.8:
                zone.add(server, "AAAA", "2001:db8:2::%x" % index, 172800)
        for _ in range(random.choice([0, 1, 1, 1, 2])):
            zone.add(top, "DS", digest(random), 86400)
    return zone


def reverse(random):
    """arpa, in-addr.arpa, and a provider's network: $GENERATE, and ranges that are delegated as RFC 2317 has it."""
    top = zones.start("arpa.", "nsec")
    top.signer = signing.SIGNERS["nsec"]
    top.lines("in-addr NS a.root-servers.net.\nip6 NS ns.elsewhere.example.\nhome NS ns.elsewhere.example.")
    top.add("in-addr", "DS", digest(random))
    addresses = zones.start("in-addr.arpa.", "nsec")
    addresses.signer = signing.SIGNERS["nsec-single"]
    for number in range(256):
        addresses.add("%d" % number, "NS", random.choice(["r", "u", "x", "y"]) + ".elsewhere.example.", 86400)
        if random.random() < 0.7:
            addresses.add("%d" % number, "DS", digest(random), 86400)
    return [top, addresses, network()]


def network():
    zone = zones.start("2.0.192.in-addr.arpa.").lines("""
0/26 NS ns.elsewhere.example.
0/26 NS ns.0/26.@
ns.0/26 A 192.0.2.1
64-127 NS ns1.64-127.@
ns1.64-127 A 192.0.2.65
128-135 DNAME customer.aliases.test.
""")
    zone.raw = zone.text() + "$ORIGIN %s\n$TTL 300\n" % zone.origin
    zone.readers = (None, "bind")
    for numbers, type, data in [
        ("1-62", "CNAME", "$.0/26.@"), ("65-126", "CNAME", "$.64-127.@"), ("128-135", "CNAME", "$.128-135.@"),
        ("136-254/2", "PTR", "host-$.aliases.test."), ("137-254/2", "PTR", "${-137,3,d}.wild3.aliases.test."),
    ]:
        zone.raw += "$GENERATE %s $ %s %s\n" % (numbers, type, data.replace("@", zone.origin))
        first, last, step = (int(word) for word in (numbers.replace("/", "-") + "-1").split("-")[:3])
        for number in range(first, last + 1, step):
            expanded = data.replace("${-137,3,d}", "%03d" % (number - 137)).replace("$", "%d" % number)
            zone.add("%d" % number, type, expanded)
    return zone


def aliases(origin, kind="plain", count=300):
    """Aliases that lead to wildcards, to more of them, out of the zone, and into nothing."""
    zone = zones.start(origin, kind)
    for number in range(count):
        zone.add("c%d" % number, "CNAME", "host%d.wild%d.@" % (number, number % 8))
    zone.lines("""
*.wild0 A 192.0.2.1
*.wild0 AAAA 2001:db8::1
*.wild1 CNAME c0.@
*.wild2 CNAME x.wild1.@
*.wild3 TXT "no address"
*.wild4 CNAME www.elsewhere.example.
*.wild5 CNAME host.child1.registry.test.
x.wild6 A 192.0.2.6
*.customer PTR c0.@
""".replace("*.wild5 MX 10 c0.@\n", ""))
    return zone


def services(origin, kind="plain"):
    """Hosts many labels down, and their services: more empty non-terminals than names with data."""
    zone = zones.start(origin, kind)
    for number in range(40):
        host = "host%d.rack%d.row%d.room%d.site%d" % (number, number % 20, number % 8, number % 4, number % 2)
        zone.add(host, "A", "192.0.2.%d" % number)
        zone.add("_443._tcp." + host, "TLSA", "3 1 1 " + "%064X" % number)
        zone.add("_sip._udp.x.y.z." + host, "SRV", "0 0 5060 %s.@" % host)
    return zone.lines("*.row1.room1.site1 TXT \"beside racks\"\n*.room0.site0 A 192.0.2.99")


def siblings():
    """Servers of one child below another, in circles too."""
    return zones.start("siblings.test.").lines("""
a NS ns.b.@
ns.a A 192.0.2.1
b NS ns.a.@
ns.b A 192.0.2.2
ns.b AAAA 2001:db8::2
c NS ns.d.@
c NS ns.c.@
ns.c A 192.0.2.3
d NS ns.deep.b.@
d NS ns1.@
ns.d A 192.0.2.4
ns.deep.b A 192.0.2.5
e NS b.@
b A 192.0.2.6
f NS ns.x.d.@
x.d A 192.0.2.7
""")


def redirected(origin, target, kind="plain"):
    """All below the apex is elsewhere (RFC 6672 §2.3); nothing may stand there, name servers are out of it."""
    zone = zones.Zone(origin, kind=kind)
    zone.add("@", "SOA", "ns.elsewhere.example. hostmaster.elsewhere.example. 1 7200 3600 604800 60", 3600)
    zone.add("@", "DNAME", target)
    return zone.lines("@ NS ns.elsewhere.example.\n@ A 192.0.2.1\n@ MX 10 mail.elsewhere.example.\n@ TXT apex")


def registry(random):
    """Delegations, most of them unsigned and left out of the chain, some below empty non-terminals; two children."""
    signed = redirected("child1.registry.test.", "services.test.", "nsec3")
    signed.signer = signing.SIGNERS["nsec3"]
    plain = zones.start("child2.co.registry.test.").lines("www A 192.0.2.1\nup CNAME child1.registry.test.")
    zone = zones.start("registry.test.", "optout")
    for number in range(300):
        name = "child%d%s" % (number, random.choice(["", "", ".co", ".gov.state%d" % (number % 5)]))
        name = {1: "child1", 2: "child2.co"}.get(number, name)
        sibling = "ns1.child%d.@" % random.randrange(300)
        zone.add(name, "NS", random.choice(["ns.elsewhere.example.", "ns1.%s.@" % name, sibling]))
        if number % 3 == 0:
            zone.add(name, "NS", "ns2.%s.@" % name)
            zone.add("ns2." + name, "A", "192.0.2.1")
        if number % 10 == 0:
            zone.add(name, "DS", digest(random))
    zone.signer = signing.parent_of(signed, signing.SIGNERS["optout"])
    return [signed, plain, zone]


def world(random):
    parent = zones.start("test.", "nsec")
    parent.signer = signing.SIGNERS["nsec"]
    found = [*registry(random), siblings(), aliases("aliases.test."), services("services.test.")]
    for kind in ("nsec", "nsec3-salt"):
        denial = kind.split("-")[0]
        found += [
            aliases(kind + "-aliases.test.", denial), services(kind + "-services.test.", denial),
            redirected(kind + "-redirected.test.", "aliases.test.", denial),
        ]
        for zone in found[-3:]:
            zone.signer = signing.SIGNERS[kind]
    for zone in found:
        if "redirected" in zone.origin:
            # NSD takes an address in the parent's zone for data below the DNAME record.
            parent.add(zone.origin, "NS", "ns.elsewhere.example.")
        elif zone.origin.count(".") == 2:
            parent.add(zone.origin, "NS", "ns1." + zone.origin)
            parent.add("ns1." + zone.origin, "A", "192.0.2.1")
    return zones.World("shapes", found + [root(random), parent, *reverse(random)])
