"""Questions about a world: every owner and the names around it, every type that could matter, and how to ask."""

import random
from dataclasses import dataclass

import dns.name
import dns.rdatatype

import rrtypes

TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "DNAME": 39, "DS": 43, "ANY": 255, "RRSIG": 46,
    "NSEC": 47, "DNSKEY": 48, "NSEC3": 50, "NSEC3PARAM": 51, "TYPE65280": 65280,
}
# Owners that questions are about, of a zone that has over twice as many.
MOST_OWNERS = 100
ALWAYS = ("A", "NS", "SOA", "MX", "CNAME", "DS")

# How to ask: transport, EDNS size, DO. The first two are asked for each name and type, of the others a part.
WAYS = [
    ("udp", 1232, False), ("udp", 1232, True), ("udp", None, False), ("udp", 512, False), ("udp", 512, True),
    ("udp", 4096, True), ("udp", 4096, False), ("tcp", None, False), ("tcp", 1232, True), ("tcp", 512, False), ("udp", 0, True),
]


@dataclass
class Question:
    name: dns.name.Name
    wire: bytes
    type: int
    transport: str
    size: int | None
    do: bool
    place: str
    is_in_odd_case: bool = False

    def __str__(self):
        options = ["+" + self.transport]
        if self.size is not None:
            options.append("+bufsize=%d" % self.size)
        if self.do:
            options.append("+do")
        return "%s %s %s" % (self.name, type_name(self.type), " ".join(options))


def type_name(number):
    for name, value in TYPES.items():
        if value == number:
            return name
    return dns.rdatatype.to_text(number)


class Model:
    """Where a name is in a world: the owner classes that exceptions.txt speaks of."""

    def __init__(self, world):
        self.zones = {dns.name.from_text(zone.origin).canonicalize(): ZoneModel(zone) for zone in world.zones}

    def zone(self, name):
        while name not in self.zones:
            if name == dns.name.root:
                return None
            name = name.parent()
        return self.zones[name]

    def place(self, name):
        name = name.canonicalize()
        zone = self.zone(name)
        if zone is None:
            return "-/outside"
        words, seen = [], set()
        while True:
            word, target = zone.position(name)
            if word == "apex" and name != dns.name.root and self.zone(name.parent()) and not words:
                word = "child-apex"
            words.append(word)
            if target is None or len(words) == 4:
                break
            if target in seen:
                words.append("loop")
                break
            seen.add(target)
            if not target.is_subdomain(zone.origin):
                words.append("other" if self.zone(target) else "outside")
                break
            if self.zone(target) is not zone:
                words.append("child")
                break
            name = target
        return zone.kind + "/" + ">".join(words)


class ZoneModel:
    def __init__(self, zone):
        self.origin = dns.name.from_text(zone.origin).canonicalize()
        self.kind = zone.kind
        self.nodes, self.existing = {}, {self.origin}
        for record in zone.records:
            owner = dns.name.from_text(record.owner).canonicalize()
            self.nodes.setdefault(owner, {})[record.type] = record.data
            while owner != self.origin:
                self.existing.add(owner)
                owner = owner.parent()
        # RFC 5155 §7.1: an opt-out leaves insecure delegations without an NSEC3, and what is only above them.
        self.proved = {self.origin}
        for owner in [owner for owner in self.nodes if self.is_proved(owner)]:
            while owner != self.origin:
                self.proved.add(owner)
                owner = owner.parent()

    def is_proved(self, owner):
        word = self.position(owner)[0]
        return word != "below-cut" and (word != "cut" or self.kind != "optout")

    def position(self, name):
        """A word for where the name is, and where an alias leads."""
        ancestors, ancestor = [], name
        while ancestor != self.origin:
            ancestors.append(ancestor)
            ancestor = ancestor.parent()
        for ancestor in [self.origin] + ancestors[::-1]:
            node = self.nodes.get(ancestor, {})
            if ancestor != self.origin and "NS" in node:
                secure = "secure-" if "DS" in node else ""
                return secure + ("cut" if ancestor == name else "below-cut"), None
            if ancestor != name and "DNAME" in node:
                try:
                    return "dname", name.relativize(ancestor) + dns.name.from_text(node["DNAME"]).canonicalize()
                except dns.name.NameTooLong:
                    return "dname>too-long", None
        if name in self.existing:
            return self.data(self.nodes.get(name), name == self.origin)
        encloser = name.parent()
        while encloser not in self.existing:
            encloser = encloser.parent()
        source = dns.name.Name((b"*",) + encloser.labels)
        if source not in self.existing:
            return "missing" if encloser in self.proved else "missing-in-span", None
        word, target = self.data(self.nodes.get(source), False)
        return "wildcard-" + word, target

    def data(self, node, is_apex):
        if node is None:
            return "empty", None
        if "CNAME" in node:
            return "alias", dns.name.from_text(node["CNAME"]).canonicalize()
        return "apex" if is_apex else "data", None


def names(world, random):
    """The owners, their ancestors, and for each a name below, beside and missing; each once."""
    found = {}

    def add(*labels_and_base):
        *labels, base = labels_and_base
        try:
            name = dns.name.Name(tuple(labels) + base.labels)
        except (dns.name.NameTooLong, dns.name.LabelTooLong):
            return
        found.setdefault(name.canonicalize(), name)

    for zone in world.zones:
        origin = dns.name.from_text(zone.origin)
        for record in sample(zone.records, random):
            owner = dns.name.from_text(record.owner)
            if record.type == "DNAME":
                add(b"x" * 63, b"y" * 60, owner)
                add(b"x" * 63, b"y" * 60, b"z" * 60, owner)
            for ancestor in ancestors(owner, origin):
                add(ancestor)
                add(b"missing", ancestor)
                add(b"*", ancestor)
                add(random.choice([b"0", b"-", b"\0", b"zz", b"~"]), ancestor)
                add(b"x", b"y", ancestor)
                if random.random() < 0.3:
                    add(ancestor.labels[0][:-1] + b"\1" if ancestor.labels[0] else b"a", ancestor.parent() if len(ancestor) > 1 else ancestor)
    add(b"nobody", b"serves", b"this", dns.name.root)
    add(dns.name.root)
    return list(found.values())


def sample(records, random):
    """Of a zone with many owners the records of some, so that it does not outweigh the others."""
    owners = list(dict.fromkeys(record.owner for record in records))
    if len(owners) <= 2 * MOST_OWNERS:
        return records
    chosen = set(random.sample(owners, MOST_OWNERS))
    return [record for record in records if record.owner in chosen]


def ancestors(owner, origin):
    while owner != origin:
        yield owner
        owner = owner.parent()
    yield origin


def in_odd_case(name, random):
    labels = [bytes(o ^ 0x20 if chr(o).isalpha() and o < 128 and random.random() < 0.5 else o for o in label) for label in name.labels]
    return dns.name.Name(labels)


def make(world, seed, count):
    """About `count` questions: each name and type both ways with EDNS, and by chance in the other ways."""
    source = random.Random(seed)
    model = Model(world)
    every, some = [], []
    for name in names(world, source):
        place = model.place(name)
        node = model.zone(name.canonicalize())
        types = set(TYPES.values() if source.random() < 0.4 else [TYPES[type] for type in ALWAYS])
        if node and name.canonicalize() in node.nodes:
            types |= {rrtypes.number(type) for type in node.nodes[name.canonicalize()]}
        for type in sorted(types):
            is_odd = source.random() < 0.15
            asked = in_odd_case(name, source) if is_odd else name
            for number, (transport, size, do) in enumerate(WAYS):
                (every if number < 2 else some).append(Question(asked, asked.to_wire(), type, transport, size, do, place, is_odd))
    source.shuffle(every)
    source.shuffle(some)
    most = count * 2 // 3
    chosen = every[:most]
    return chosen + some[: count - len(chosen)]
