"""Queries as octets, and replies taken apart for comparison. Names are expanded, so that compression plays no part."""

import struct
from dataclasses import dataclass, field

import dns.rdatatype

# Where names stand in record data: counts of octets and names ("n") in order; the rest is octets. A string is "s".
# Only types whose names some server may compress or fold (RFC 3597 §4, RFC 6840 §5.1).
NAMES = {
    2: "n", 3: "n", 4: "n", 5: "n", 6: "nn", 7: "n", 8: "n", 9: "n", 12: "n", 14: "nn", 15: "2n", 17: "nn", 18: "2n",
    21: "2n", 24: "99n", 26: "2nn", 33: "222n", 35: "22sssn", 36: "2n", 39: "n", 46: "99n", 47: "n",
}


def query(question, id):
    """The octets of a question from questions.py."""
    edns = question.size is not None
    octets = struct.pack("!6H", id, 0, 1, 0, 0, 1 if edns else 0)
    octets += question.wire + struct.pack("!2H", question.type, 1)
    if edns:
        octets += b"\0" + struct.pack("!HHIH", 41, question.size, 0x8000 if question.do else 0, 0)
    return octets


def name_at(octets, offset):
    """The expanded name at an offset, and where it ends."""
    labels, end, hops = [], None, 0
    while True:
        length = octets[offset]
        if length >= 0xC0:
            end = end or offset + 2
            offset = (length & 0x3F) << 8 | octets[offset + 1]
            hops += 1
            if hops > 128:
                raise ValueError("pointers without end")
        else:
            labels.append(octets[offset : offset + 1 + length])
            offset += 1 + length
            if length == 0:
                return b"".join(labels), end or offset


def fold(name):
    """Lengths of labels are below 64, where no letter is."""
    return name.lower()


def data_at(octets, type, start, end):
    """Record data with its names expanded, exactly and with its names in lower case."""
    exact, folded, offset = [], [], start
    for place in NAMES.get(type, ""):
        if place == "n":
            name, offset = name_at(octets, offset)
            exact.append(name)
            folded.append(fold(name))
        else:
            count = octets[offset] + 1 if place == "s" else int(place)
            exact.append(octets[offset : offset + count])
            folded.append(octets[offset : offset + count])
            offset += count
    rest = octets[offset:end]
    return b"".join(exact) + rest, b"".join(folded) + rest


@dataclass
class Set:
    """Records of one owner and type in a section; those of type RRSIG by the type that they cover."""

    owners: set = field(default_factory=set)
    ttls: set = field(default_factory=set)
    data: list = field(default_factory=list)
    exact: list = field(default_factory=list)


def type_text(type):
    return dns.rdatatype.to_text(type)


def key_text(key):
    owner, type, covered = key
    return "RRSIG(%s)" % type_text(covered) if type == 46 else type_text(type)


@dataclass
class Reply:
    code: int
    flags: int
    edns: tuple
    errors: tuple
    question: bytes
    sections: dict

    @property
    def is_truncated(self):
        return bool(self.flags & 0x200)


SECTIONS = ("answer", "authority", "additional")


def decode(octets):
    """A reply; nil for silence. Octets that are no message raise an error."""
    if octets is None:
        return None
    _, flags, *counts = struct.unpack("!6H", octets[:12])
    offset, start = 12, 12
    for _ in range(counts[0]):
        offset = name_at(octets, offset)[1] + 4
    reply = Reply(flags & 15, flags & 0x87F0, None, (), octets[start:offset], {})
    for section, count in zip(SECTIONS, counts[1:]):
        sets = reply.sections[section] = {}
        for _ in range(count):
            owner, offset = name_at(octets, offset)
            type, cls, ttl, length = struct.unpack("!HHIH", octets[offset : offset + 10])
            start, offset = offset + 10, offset + 10 + length
            if type == 41:
                reply.edns = (ttl >> 16 & 255, cls, ttl & 0xFFFF)
                reply.code |= ttl >> 24 << 4
                reply.errors = extended_errors(octets[start:offset])
                continue
            exact, folded = data_at(octets, type, start, offset)
            covered = struct.unpack("!H", exact[:2])[0] if type == 46 else 0
            found = sets.setdefault((fold(owner), type, covered), Set())
            found.owners.add(owner)
            found.ttls.add(ttl)
            found.data.append(folded)
            found.exact.append(exact)
    if offset != len(octets):
        raise ValueError("octets behind the message")
    for sets in reply.sections.values():
        for found in sets.values():
            found.data.sort()
            found.exact.sort()
    return reply


def extended_errors(options):
    codes, offset = [], 0
    while offset < len(options):
        code, length = struct.unpack("!2H", options[offset : offset + 4])
        if code == 15:
            codes.append(struct.unpack("!H", options[offset + 4 : offset + 6])[0])
        offset += 4 + length
    return tuple(sorted(codes))


def differences(ours, theirs, in_odd_case=False):
    """In which parts a peer's reply is another than ours: `+X` is only in theirs, `-X` only in ours, `~X` differs.

    Where the question is not in the zone's case, a name may have the case of either (RFC 4343 §4.1); owners in the answer
    section have the question's.
    """
    if ours is None or theirs is None:
        return set() if ours is theirs else {"silence+" if theirs is None else "silence-"}
    parts = set()
    if ours.code != theirs.code:
        parts.add("code=" + code_text(theirs.code) + ("/tc" if ours.is_truncated else ""))
    for name, bit in (("qr", 0x8000), ("aa", 0x400), ("tc", 0x200), ("rd", 0x100), ("ra", 0x80), ("z", 0x40), ("ad", 0x20), ("cd", 0x10)):
        if (ours.flags ^ theirs.flags) & bit:
            parts.add(name + ("+" if theirs.flags & bit else "-"))
    if ours.edns != theirs.edns:
        parts.add("edns")
    if ours.errors != theirs.errors:
        parts.add("error")
    if ours.question != theirs.question:
        parts.add("question")
    if ours.is_truncated or theirs.is_truncated:
        return parts  # How much of the sections is left then, is no server's duty.
    for section in SECTIONS:
        parts |= section_differences(section, ours.sections[section], theirs.sections[section])
    if in_odd_case:
        parts = {part for part in parts if not part.endswith("-case") or part == "answer~owner-case"}
    return parts


def section_differences(section, ours, theirs):
    parts = set()
    for key in ours.keys() | theirs.keys():
        owner, type, covered = key
        mine, other = ours.get(key), theirs.get(key)
        if mine is None or other is None:
            # A signature that comes and goes with its set is no difference of its own.
            sets = theirs if mine is None else ours
            if type == 46 and ((owner, covered, 0) in sets) and ((owner, covered, 0) in ours) != ((owner, covered, 0) in theirs):
                continue
            parts.add(section + ("+" if mine is None else "-") + key_text(key))
            continue
        if mine.data != other.data:
            parts.add("%s~%s" % (section, key_text(key)))
        elif mine.exact != other.exact:
            parts.add("%s~%s-case" % (section, key_text(key)))
        if mine.ttls != other.ttls:
            parts.add("%s~%s-ttl" % (section, key_text(key)))
        if mine.owners != other.owners:
            parts.add("%s~owner-case" % section)
    return parts


def code_text(code):
    return {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 9: "NOTAUTH", 16: "BADVERS"}.get(code, str(code))


def summary(reply):
    """One line that says what a reply is."""
    if reply is None:
        return "silence"
    words = [code_text(reply.code)] + [name for name, bit in (("aa", 0x400), ("tc", 0x200)) if reply.flags & bit]
    for section in SECTIONS:
        sets = reply.sections[section]
        if sets:
            words.append(section + ":")
            for key in sorted(sets):
                found = sets[key]
                words.append("%s/%s/%s*%d" % (name_text(min(found.owners)), key_text(key), min(found.ttls), len(found.data)))
    return " ".join(words)


def name_text(wire):
    labels, offset = [], 0
    while wire[offset]:
        label = wire[offset + 1 : offset + 1 + wire[offset]]
        labels.append("".join(chr(o) if 0x21 <= o <= 0x7E and chr(o) not in '."\\;()@$' else ("\\" + chr(o) if chr(o) in '."\\;()@$' else "\\%03d" % o) for o in label))
        offset += 1 + wire[offset]
    return ".".join(labels) + "."
