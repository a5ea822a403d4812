"""Zones that show every behaviour: some made by hand, the others by chance from a seed. A world is zones that are served together."""

import os
import random
from dataclasses import dataclass, field

import dns.name

import rrtypes
import shapes
import signing


@dataclass
class Record:
    owner: str
    type: str
    data: str
    ttl: int = 300


@dataclass
class Zone:
    """`kind` is plain, or how the zone is signed."""

    origin: str
    records: list = field(default_factory=list)
    kind: str = "plain"
    signer: object = None
    # Where the text itself is what is tested; the records then only tell which names there are.
    raw: str = ""
    # Who gets it, where it has what not all can read; None is minidns.
    readers: tuple = (None, "nsd", "knot", "bind")

    def add(self, owner, type, data, ttl=300):
        """Relative owners are below the origin; data is absolute, but for @, which stands for the origin."""
        self.records.append(Record(self.absolute(owner), type, data.replace("@", self.origin), ttl))

    def absolute(self, owner):
        if owner == "@":
            return self.origin
        return owner if owner.endswith(".") and not owner.endswith("\\.") else owner + "." + self.origin.lstrip(".")

    def lines(self, text):
        """Records as `OWNER TYPE DATA` lines, relative owners."""
        for line in text.strip().splitlines():
            owner, type, data = line.split(None, 2)
            self.add(owner, type, data.strip())
        return self

    def text(self, peer=None):
        if self.raw and peer in self.readers:
            return self.raw
        return "".join("%s %d IN %s\n" % (r.owner, r.ttl, rrtypes.line(peer, r.type, r.data)) for r in self.records)

    @property
    def file(self):
        return (self.origin.rstrip(".") or "root") + ".zone"


@dataclass
class World:
    name: str
    zones: list

    def write(self, folder):
        """Writes each zone once for minidns and once for each peer; signed zones are the same for all."""
        for peer in (None, "nsd", "knot", "bind"):
            os.makedirs(os.path.join(folder, peer or "minidns"), exist_ok=True)
        for zone in self.zones:
            signed = zone.signer(zone, folder) if zone.signer else None
            for peer in (None, "nsd", "knot", "bind"):
                with open(os.path.join(folder, peer or "minidns", zone.file), "w") as file:
                    file.write(signed or zone.text(peer))


def start(origin, kind="plain", serial=1, minimum=60):
    zone = Zone(origin, kind=kind)
    zone.add("@", "SOA", "ns1.@ hostmaster.@ %d 7200 3600 604800 %d" % (serial, minimum), 3600)
    zone.add("@", "NS", "ns1.@", 3600)
    zone.add("@", "NS", "ns.elsewhere.example.", 3600)
    zone.add("ns1", "A", "192.0.2.53")
    return zone


RICH = """
@ A 192.0.2.1
@ MX 10 mail.@
@ TXT "apex"
www A 192.0.2.80
www AAAA 2001:db8::80
mail MX 10 mail.@
mail A 192.0.2.25
*.w TXT "w"
*.w MX 10 mail.@
sub.*.w TXT "below a wildcard"
host.w A 192.0.2.2
a.b.c.w A 192.0.2.3
*.b.c.w TXT "deeper"
*.only.w A 192.0.2.4
e1.e2.e3 A 192.0.2.5
*.star.ent.wild A 192.0.2.6
x.*.starent TXT "the wildcard is an empty non-terminal"
*.span TXT "above what an opt-out leaves without an NSEC3"
cut.ent.span NS ns.elsewhere.example.
*.wc CNAME www.@
*.wcmiss CNAME nowhere.@
*.wcout CNAME www.elsewhere.example.
*.wccut CNAME host.cut.@
*.wcself CNAME a.wcself.@
c1 CNAME c2.@
c2 CNAME c3.@
c3 CNAME www.@
cmiss CNAME missing.@
cent CNAME e2.e3.@
cout CNAME www.elsewhere.example.
cwild CNAME synth.w.@
ccut CNAME host.cut.@
catcut CNAME cut.@
cdname CNAME x.d.@
cloop1 CNAME cloop2.@
cloop2 CNAME cloop1.@
cself CNAME cself.@
cother CNAME www.other.test.
d DNAME target.@
d TXT "beside DNAME"
target A 192.0.2.7
x.target A 192.0.2.8
y.target CNAME www.@
*.target TXT "wildcard below a DNAME's target"
dout DNAME elsewhere.example.
dother DNAME other.test.
dcut DNAME cut.@
dd DNAME d.@
dself DNAME x.dself.@
cut NS ns1.cut.@
cut NS ns2.cut.@
cut NS ns1.sib.@
cut NS ns.elsewhere.example.
ns1.cut A 192.0.2.9
ns1.cut AAAA 2001:db8::9
ns2.cut A 192.0.2.10
nested.cut NS ns.nested.cut.@
ns.nested.cut A 192.0.2.11
occ.cut TXT "occluded"
alias.cut CNAME www.@
*.cut A 192.0.2.12
sib NS ns1.sib.@
ns1.sib A 192.0.2.13
secure NS ns1.secure.@
secure DS 60485 13 2 B7C22E09EEB5A5D1A7D5F0A3DFB0A1A53DCD7B2D2C9F8C84D3A5A0C5C9F7E001
ns1.secure A 192.0.2.14
out NS ns.elsewhere.example.
inzone NS ns1.@
a.deep.cut2 NS ns1.@
lame NS ns.lame.@
under.cut3 TXT "an empty non-terminal above a name beside a cut"
c.cut3 NS ns1.out.@
srv._tcp SRV 0 5 5060 www.@
"""


def rich(origin, kind="plain"):
    return start(origin, kind).lines(RICH)


def octets(origin="octets.test."):
    zone = start(origin)
    return zone.lines(r"""
a\.b A 192.0.2.1
a.b A 192.0.2.2
sp\032ace TXT "space"
nul\000 TXT "nul"
\255\254 TXT "high"
\195\132 TXT "utf-8"
at\064 TXT "at"
par\(en\) TXT "parentheses"
semi\; TXT "semicolon"
back\\slash TXT "backslash"
quo\"te TXT "quote"
dol\$lar TXT "dollar"
ctl\001\031\127 TXT "control"
\091 TXT "bracket"
\123 TXT "brace"
UPPER A 192.0.2.3
MiXeD.Case A 192.0.2.4
mixed.case MX 10 MAIL.Octets.Test.
Mail A 192.0.2.5
\*.esc TXT "an escaped star is a star"
st*r TXT "a star inside is none"
**.dbl TXT "two stars are none"
*a.one TXT "a label that begins with a star is none"
*.WILD TXT "upper"
ALIAS CNAME MiXeD.cAsE.@
cn\.dot CNAME a\.b.@
D DNAME MiXeD.@
Cut NS NS.cut.@
ns.CUT A 192.0.2.6
_under._score TXT "_"
-dash- TXT "-"
1.2.3.4 A 192.0.2.7
""" + "l" * 63 + ' TXT "longest label"\n' + ".".join(["m" * 60] * 3 + ["n" * 40]) + ' TXT "long name"\n')


def written(origin="written.test."):
    """A zone file as people write it (RFC 1035 §5.1, 2308 §4, 3597 §5)."""
    zone = Zone(origin)
    zone.raw = """$TTL 1h30m
@ IN SOA ns1 hostmaster ( 2024010101 ; serial
      2h 1h 2w
      10m ) ; minimum
  IN NS ns1
  IN NS ns.elsewhere.example.
ns1 A 192.0.2.1 ; an address
    AAAA 2001:db8::1
    60 IN TXT "one" two "a;b" "x\"y"
www IN 120 A 192.0.2.2
WWW 120 IN MX 10 mail
$ORIGIN sub.written.test.
@ A 192.0.2.3
a.b 1d A 192.0.2.4
c TYPE65281 \\# 3 abcdef
  A \\# 4 C0000205
$TTL 5
d A ( 192.0.2.6 )
\\046dot TXT (
 "first" ; comment
 "second" )
$ORIGIN written.test.
e\\.f CNAME a.b.sub
*.w 7 IN TXT \\065\\066C
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
svc HTTPS 1 . port=53 alpn=h2
caa CAA 0 issue "ca.example"
""".replace("\\\\", "\\").replace('x\"y', 'x\\"y')
    for name in ("@", "ns1", "www", "sub", "a.b.sub", "c.sub", "d.sub", "\\046dot.sub", "*.w", "loc", "svc", "caa"):
        zone.add(name, "TXT", "")
    zone.add("c.sub", "TYPE65281", "")
    zone.add("loc", "LOC", "")
    zone.add("svc", "HTTPS", "")
    zone.add("caa", "CAA", "")
    zone.add("e\\.f", "CNAME", "a.b.sub.@")
    return zone


def types(origin="types.test."):
    zone = start(origin)
    for index, (type, data, *_) in enumerate(rrtypes.SAMPLES):
        zone.add("t%d" % index, type, data)
        if type != "DS":
            zone.add("all", type, data)
        zone.add("*.w%d" % index, type, data)
    return zone


def big(origin="big.test."):
    zone = start(origin)
    for n in range(1, 29):
        zone.add("a28", "A", "192.0.2.%d" % n)
    for n in range(1, 31):
        zone.add("a30", "A", "192.0.2.%d" % n)
    for n in range(250):
        zone.add("a250", "A", "10.0.0.%d" % n)
    for n in range(16):
        zone.add("aaaa", "AAAA", "2001:db8::%x" % n)
        zone.add("longcut", "NS", "ns%d.longcut.@" % n)
        zone.add("ns%d.longcut" % n, "A", "192.0.2.%d" % n)
        zone.add("ns%d.longcut" % n, "AAAA", "2001:db8::%x" % n)
        zone.add("sibcut", "NS", "ns%d.longsibling.@" % n)
        zone.add("ns%d.longsibling" % n, "A", "192.0.2.%d" % n)
        zone.add("ns%d.longsibling" % n, "AAAA", "2001:db8::%x" % n)
    for n in range(13):
        zone.add("thirteen", "NS", "%s.servers.@" % chr(97 + n))
        zone.add("%s.servers" % chr(97 + n), "A", "192.0.2.%d" % n)
        zone.add("mid", "MX", "%d mail%d.@" % (n, n))
        zone.add("three", "NS", "ns%d.three.@" % n) if n < 3 else None
        zone.add("ns%d.three" % n, "AAAA", "2001:db8::%x" % n) if n < 3 else None
    for n in range(200):
        zone.add("txt", "TXT", '"%s"' % ("%03d" % n * 60))
    zone.add("one", "TXT", " ".join('"%s"' % ("x" * 250) for _ in range(2)))
    zone.add("exact", "TXT", '"%s" "%s"' % ("y" * 255, "z" * 150))
    zone.add("cbig", "CNAME", "a250.@")
    zone.add("clen", "CNAME", "a28.@")
    zone.add("*.wbig", "CNAME", "txt.@")
    names = [".".join(["p" * 20] * n) for n in range(1, 10)]
    for n, name in enumerate(names[:-1]):
        zone.add("chain%d" % n + "." + name, "CNAME", "chain%d.%s.@" % (n + 1, names[n + 1]))
    zone.add("chain8." + names[8], "A", "192.0.2.1")
    zone.add("dlong", "DNAME", ".".join(["q" * 60] * 3) + ".@")
    zone.add("ttl", "A", "192.0.2.1", 0)
    zone.add("ttlmax", "A", "192.0.2.1", 2147483647)
    for n in range(1, 20):
        zone.add("h%d" % n, "CNAME", "h%d.@" % (n + 1))
    zone.add("h20", "A", "192.0.2.1")
    return zone


def low_minimum(origin, ttl, minimum):
    zone = Zone(origin)
    zone.add("@", "SOA", "ns. host. 1 2 3 4 %d" % minimum, ttl)
    zone.add("@", "NS", "ns.elsewhere.example.", 60)
    zone.add("a.b", "A", "192.0.2.1")
    return zone


def family():
    """Parent, child and grandchild in one server, and a descendant without its parent."""
    parent = start("family.test.").lines("""
child NS ns1.child.@
ns1.child A 192.0.2.1
child DS 60485 13 2 B7C22E09EEB5A5D1A7D5F0A3DFB0A1A53DCD7B2D2C9F8C84D3A5A0C5C9F7E001
nods NS ns1.nods.@
ns1.nods A 192.0.2.2
away NS ns1.away.@
ns1.away A 192.0.2.3
skip NS ns1.skip.@
ns1.skip A 192.0.2.4
www A 192.0.2.5
tochild CNAME www.child.@
togrand CNAME www.grand.child.@
dchild DNAME child.@
host.child A 192.0.2.99
*.wild CNAME www.child.@
x.ent TXT "beside a zone that is not delegated"
*.star TXT "star"
""")
    child = rich("child.family.test.").lines("grand NS ns1.grand.@\nns1.grand A 192.0.2.6\nup CNAME www.family.test.")
    grand = start("grand.child.family.test.").lines("www A 192.0.2.7\nup CNAME www.child.family.test.\nloop CNAME tofro.other.test.\n*.w A 192.0.2.8")
    nods = start("nods.family.test.").lines("www A 192.0.2.9")
    deep = start("deep.skip.family.test.").lines("www A 192.0.2.10")
    orphan = start("orphan.family.test.").lines("www A 192.0.2.11")
    orphan2 = start("z.orphan2.ent.family.test.").lines("www A 192.0.2.12")
    other = start("other.test.").lines("""
www A 192.0.2.13
x A 192.0.2.14
*.w A 192.0.2.15
back CNAME www.family.test.
tofro CNAME loop.grand.child.family.test.
cut NS ns1.cut.@
ns1.cut A 192.0.2.16
d DNAME family.test.
""")
    return [parent, child, grand, nods, deep, orphan, orphan2, other]


def root():
    zone = Zone(".")
    zone.add(".", "SOA", "a.root-servers.net. nstld.example. 1 1800 900 604800 86400", 86400)
    for letter in "abc":
        zone.add(".", "NS", letter + ".root-servers.net.", 518400)
        zone.add(letter + ".root-servers.net.", "A", "192.0.2.%d" % ord(letter))
    zone.lines("""
com. NS a.gtld-servers.net.
com. DS 60485 13 2 B7C22E09EEB5A5D1A7D5F0A3DFB0A1A53DCD7B2D2C9F8C84D3A5A0C5C9F7E001
net. NS a.gtld-servers.net.
a.gtld-servers.net. A 192.0.2.1
org. NS ns.org.
ns.org. AAAA 2001:db8::1
test. NS ns1.test.
ns1.test. A 192.0.2.2
*.wild. TXT "wild"
info. TXT "data in the root"
alias. CNAME info.
dn. DNAME wild.
tocom. CNAME www.com.
""")
    top = start("test.").lines("zone NS ns1.zone.@\nns1.zone A 192.0.2.3\nwww A 192.0.2.4\n*.w TXT w")
    return [zone, top, rich("zone.test."), start("a.b.c.far.").lines("www A 192.0.2.5")]


LABELS = ["a", "b", "c", "d", "*", "e"]


def by_chance(random, origin, kind="plain", count=24):
    """A small alphabet and few levels, so that names collide: cuts above data, wildcards beside names, aliases of all."""
    zone = start(origin, kind, minimum=random.choice([5, 60, 7200]))
    if random.random() < 0.15:
        # Nothing may stand below it (RFC 6672 §2.4).
        zone.records = [record for record in zone.records if "ns1." not in record.owner + record.data or record.type == "SOA"]
        zone.add("@", "DNAME", random.choice(["elsewhere.example.", "other.test."]))
        return zone
    owners = {}

    def name():
        return ".".join(random.choice(LABELS) for _ in range(random.choice([1, 1, 2, 2, 3, 4])))

    def target():
        return random.choice([name() + "." + zone.origin] * 6 + ["www.elsewhere.example.", zone.origin])

    dnames = set()
    for _ in range(count):
        owner = name()
        above = {owner.split(".", n)[-1] for n in range(owner.count(".") + 1)}
        used = owners.get(owner, set())
        if above & dnames - {owner} or "CNAME" in used:
            continue
        choice = random.choice(["A", "A", "TXT", "MX", "NS", "NS", "CNAME", "CNAME", "DNAME", "AAAA", "DS"])
        if choice == "CNAME":
            if used:
                continue
            zone.add(owner, "CNAME", target())
        elif choice == "DNAME":
            if used & {"DNAME", "NS"} or owner.startswith("*") or any(o.endswith("." + owner) for o in owners):
                continue
            dnames.add(owner)
            zone.add(owner, "DNAME", target())
        elif choice in ("NS", "DS"):
            # NS records at a wildcard mean nothing that servers agree on (RFC 4592 §4.2).
            if owner.startswith("*") or "DNAME" in used:
                continue
            for _ in range(random.choice([1, 1, 2])):
                zone.add(owner, "NS", random.choice(["ns." + owner + "." + zone.origin, "ns1." + zone.origin, target()]))
            if choice == "DS" or random.random() < 0.3:
                zone.add(owner, "DS", "60485 13 2 " + "%064X" % random.getrandbits(256))
                used = used | {"DS"}
            if random.random() < 0.6:
                zone.add("ns." + owner, "A", "192.0.2.%d" % random.randrange(256))
                owners.setdefault("ns." + owner, set()).add("A")
            choice = "NS"
        else:
            for _ in range(random.choice([1, 1, 2])):
                data = {
                    "A": "192.0.2.%d" % random.randrange(256), "AAAA": "2001:db8::%x" % random.randrange(65536),
                    "TXT": '"%x"' % random.getrandbits(32), "MX": "%d %s" % (random.randrange(99), target()),
                }[choice]
                zone.add(owner, choice, data)
        owners.setdefault(owner, set()).add(choice)
    seen = set()
    kept = []
    for record in zone.records:
        key = (record.owner, record.type, record.data)
        if key not in seen and not (record.type in ("A",) and "CNAME" in owners.get(record.owner[: -len(zone.origin) - 1], ())):
            kept.append(record)
        seen.add(key)
    zone.records = kept
    return zone


def signed_world(random):
    """The same zone signed in every way, some zones by chance, and a chain of trust from parent to grandchild."""
    zones = []
    for kind, signer in signing.SIGNERS.items():
        zone = rich(kind + ".signed.test.", kind.split("-")[0])
        zone.signer = signer
        zones.append(zone)
    for index in range(16):
        kind, signer = random.choice(list(signing.SIGNERS.items()))
        zone = by_chance(random, "chance%d.test." % index, kind.split("-")[0])
        zone.signer = signer
        zones.append(zone)
    zones += trust()
    zones.append(start("other.test.").lines("www A 192.0.2.13\nx A 192.0.2.14"))
    return World("signed", zones)


def trust():
    """A signed parent of a signed and of an unsigned child."""
    child = rich("child.trust.test.", "nsec3")
    child.signer = signing.SIGNERS["nsec3"]
    plain = start("plain.trust.test.").lines("www A 192.0.2.1")
    parent = start("trust.test.", "nsec").lines("""
child NS ns1.child.@
ns1.child A 192.0.2.1
plain NS ns1.plain.@
ns1.plain A 192.0.2.2
www A 192.0.2.3
tochild CNAME www.child.@
toplain CNAME www.plain.@
*.w CNAME www.child.@
""")
    parent.signer = signing.parent_of(child, signing.SIGNERS["nsec"])
    return [child, plain, parent]


def worlds(seed, chance=40):
    plain = World("plain", [
        rich("rich.test."), octets(), written(), types(), big(), low_minimum("low.test.", 3600, 0), low_minimum("high.test.", 30, 86400),
    ] + family())
    random_source = random.Random(seed)
    collisions = World("chance", [by_chance(random_source, "z%d.chance." % n) for n in range(chance)] + [
        start("other.test.").lines("www A 192.0.2.13\nx A 192.0.2.14")])
    return [plain, collisions, World("root", root()), signed_world(random_source), shapes.world(random.Random(seed))]
