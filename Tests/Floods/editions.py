"""Zones of which each edition is known: its text, its records, and what it answers."""
import functools, multiprocessing, random, struct

TTL, NEGATIVE_TTL = 300, 60
A, NS, CNAME, SOA, TXT, OPT, AXFR = 1, 2, 5, 6, 16, 41, 252
NAMES = {NS: 1, CNAME: 1, SOA: 2}
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5


@functools.lru_cache(1 << 17)
def wire(name):
    """A name, absolute without a dot at its end, in wire format."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def address(number):
    return struct.pack(">I", 10 << 24 | number & 0xFFFFFF)


class Zone:
    """The edition of a zone counts up from 1. While one is under way both may be seen: those from oldest to newest."""

    def __init__(self, origin, directory, hosts=20, comes=False, keeps_serial=False):
        """A zone that comes is there in its odd editions. One that keeps its serial has the server count."""
        self.origin, self.hosts, self.comes, self.keeps_serial = origin, hosts, comes, keeps_serial
        self.path, self.other = f"{directory}/{origin}.zone", f"{directory}/parts/{origin}"
        self.oldest, self.newest = (multiprocessing.Value("l", 1, lock=False) for _ in range(2))

    def is_there(self, edition):
        return edition % 2 == 1 or not self.comes

    def text(self, edition):
        """The SOA record comes last: half of a text is no zone."""
        lines = ["@ NS ns.elsewhere.", f't TXT "{edition}"', f'*.w TXT "{edition}"', "c CNAME t", "cut NS ns.cut",
                 f"ns.cut A {self.dotted(edition)}"]
        lines += [f"h{host} A {self.dotted(edition + host)}" for host in range(self.hosts)]
        serial, comment = (1, " ; minidns: auto-serial") if self.keeps_serial else (edition, "")
        lines += [f"@ SOA . . {serial} 7200 900 1209600 {NEGATIVE_TTL}{comment}"]
        return f"$TTL {TTL}\n" + "\n".join(lines) + "\n"

    def dotted(self, number):
        return ".".join(map(str, address(number)))

    def owned(self, owner, type, data, ttl=TTL):
        return wire(f"{owner}.{self.origin}" if owner else self.origin), type, ttl, data

    def count(self, edition):
        return bytes([len(str(edition))]) + str(edition).encode()

    def soa(self, edition, ttl=TTL):
        return self.owned("", SOA, b"\0\0" + struct.pack(">5I", edition, 7200, 900, 1209600, NEGATIVE_TTL), ttl)

    def records(self, edition):
        """All of an edition, sorted."""
        cut = wire(f"ns.cut.{self.origin}")
        records = [self.soa(edition), self.owned("", NS, wire("ns.elsewhere")),
                   self.owned("t", TXT, self.count(edition)), self.owned("*.w", TXT, self.count(edition)),
                   self.owned("c", CNAME, wire(f"t.{self.origin}")), self.owned("cut", NS, cut),
                   self.owned("ns.cut", A, address(edition))]
        return sorted(records + [self.owned(f"h{host}", A, address(edition + host)) for host in range(self.hosts)])

    def question(self):
        """What is asked: owner, type, and the owner's number."""
        host = random.randrange(self.hosts)
        return random.choice((
            (f"h{host}", A), (f"h{host}", A), ("t", TXT), (f"x{host}.w", TXT), ("c", TXT), (f"x{host}.cut", A),
            (f"missing{host}", A), ("t", A), ("", SOA)))

    def reply(self, edition, owner, type):
        """Code, whether it is authoritative, answer, authority and additional records."""
        if not self.is_there(edition): return REFUSED, False, [], [], []
        negative = [self.soa(edition, NEGATIVE_TTL)]
        if owner.startswith("missing"): return NXDOMAIN, True, [], negative, []
        if owner.endswith("cut"):
            glue = self.owned("ns.cut", A, address(edition))
            return 0, False, [], [self.owned("cut", NS, wire(f"ns.cut.{self.origin}"))], [glue]
        if owner == "t" and type == A: return 0, True, [], negative, []
        if owner == "c":
            alias = self.owned("c", CNAME, wire(f"t.{self.origin}"))
            return 0, True, [alias, self.owned("t", TXT, self.count(edition))], [], []
        if type == SOA: return 0, True, [self.soa(edition)], [], []
        data = self.count(edition) if type == TXT else address(edition + int(owner[1:]))
        return 0, True, [self.owned(owner, type, data)], [], []


def query(id, zone, owner, type):
    """One name of two has letters of both cases, one query of two an OPT record."""
    name = wire(f"{owner}.{zone.origin}" if owner else zone.origin)
    if id & 1: name = bytes(octet ^ 0x20 if 97 <= octet and random.getrandbits(1) else octet for octet in name)
    opt = b"\0" + struct.pack(">HHIH", OPT, 1232, 0, 0) if id & 2 else b""
    return struct.pack(">6H", id, 0, 1, 0, 0, len(opt) and 1) + name + struct.pack(">2H", type, 1) + opt


def decode(octets):
    """Flags, question, and three sections of records, with names in full and in lower case."""
    names = {}

    def name(at):
        if at in names: return names[at]
        length = octets[at]
        if length >= 0xC0:
            place = (length & 0x3F) << 8 | octets[at + 1]
            if place >= at: raise ValueError("a pointer that does not lead backwards")
            result = name(place)[0], at + 2
        elif length == 0:
            result = b"\0", at + 1
        else:
            rest, end = name(at + 1 + length)
            result = octets[at : at + 1 + length].lower() + rest, end
        names[at] = result
        return result

    _, flags, questions, *counts = struct.unpack_from(">6H", octets)
    at = 12
    if questions: at = name(12)[1] + 4
    question, sections = octets[12:at], ([], [], [])
    for section, count in zip(sections, counts):
        for _ in range(count):
            owner, at = name(at)
            type, _, ttl, size = struct.unpack_from(">HHIH", octets, at)
            at, end, data = at + 10, at + 10 + size, b""
            for _ in range(NAMES.get(type, 0)):
                part, at = name(at)
                data += part
            if type != OPT: section.append((owner, type, ttl, data + octets[at:end]))
            at = end
    if at != len(octets): raise ValueError("octets behind the last record")
    return flags, question, sections


def mistake(query, reply, zone, owner, type, oldest):
    """What is wrong with a reply to a query that was sent when this edition was the oldest; None if nothing is."""
    newest = zone.newest.value
    flags, question, sections = decode(reply)
    got = flags & 15, flags & 0x0400 != 0, *sections
    if question != query[12 : 12 + len(question)] or not question: return f"another question: {question!r}"
    if flags & 0x8200 != 0x8000: return f"flags {flags:04x}"
    if any(got == zone.reply(edition, owner, type) for edition in range(oldest, newest + 1)): return None
    # What comes may be broken at first: then there is no version to go on with.
    if oldest < newest and not zone.is_there(oldest) and got == (SERVFAIL, False, [], [], []): return None
    return f"{owner}.{zone.origin} {type}, editions {oldest} to {newest}: {got}"
