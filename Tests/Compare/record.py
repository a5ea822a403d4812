#!/usr/bin/env python3
"""Records answers that most of the peers agree on, for Tests/DNSTests/Recorded: what is replayed where there are no peers.

A line of answers.txt: name, type, transport, EDNS size (or -), DO (or -) | code and flags | types of the answer section and
how many | those of the authority section | those of the additional section | digest of all records.
"""

import argparse
import collections
import os
import pickle
import random
import shutil

import compare
import dns.name
import message
import questions
import servers

OUTPUT = os.path.join(compare.HERE, "..", "DNSTests", "Recorded")
# The zones of a world that are kept; all where it is not named.
KEPT = {
    "signed": {
        "nsec.signed.test.", "nsec3-salt.signed.test.", "optout.signed.test.", "trust.test.", "child.trust.test.",
        "plain.trust.test.", "other.test.", "chance1.test.", "chance7.test.", "chance10.test.",
    },
}
COUNTS = {"plain": 1200, "root": 400, "signed": 1400}


def digest(reply):
    """FNV-1a of 64 bits over the sorted records: section, owner, type, TTL, data."""
    records = []
    for number, section in enumerate(message.SECTIONS):
        for (_, type, _), found in reply.sections[section].items():
            for data in found.exact:
                records.append(
                    bytes([number]) + min(found.owners) + type.to_bytes(2, "big") + min(found.ttls).to_bytes(4, "big") + data)
    value = 0xCBF29CE484222325
    for octet in b"".join(sorted(records)):
        value = (value ^ octet) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return "%016x" % value


def section_text(sets):
    types = collections.Counter()
    for (_, type, _), found in sets.items():
        types[type] += len(found.data)
    return " ".join("%d*%d" % item for item in sorted(types.items()))


def line(question, reply):
    name = message.name_text(question.wire)
    size = "-" if question.size is None else str(question.size)
    flags = [word for word, bit in (("aa", 0x400), ("tc", 0x200)) if reply.flags & bit]
    parts = [
        "%s %d %s %s %s" % (name, question.type, question.transport, size, "do" if question.do else "-"),
        " ".join([message.code_text(reply.code)] + flags),
    ]
    parts += [section_text(reply.sections[section]) for section in message.SECTIONS]
    return " | ".join(parts + [digest(reply)])


def choose(world, asked, own, others, count):
    """Questions of as many kinds as there are, each answered as at least two peers answer it."""
    kept = KEPT.get(world.name)
    model = questions.Model(world)
    origins = {zone.origin for zone in world.zones}
    order = list(range(len(asked)))
    random.Random(1).shuffle(order)
    kinds, chosen = collections.Counter(), []
    ranked = []
    for number in order:
        question = asked[number]
        if question.is_in_odd_case:
            continue
        zone = model.zone(question.name.canonicalize())
        if kept and (zone is None or zone.origin.to_text() not in kept):
            continue
        kind = (question.place, question.type, question.do, question.transport, question.size)
        kinds[kind[:3]] += 1
        ranked.append((kinds[kind[:3]], len(ranked), number))
    for _, _, number in sorted(ranked):
        ours = message.decode(own[number])
        agreeing = [peer for peer in servers.PEERS if not message.differences(ours, message.decode(others[peer][number]))]
        if ours and len(agreeing) >= 2:
            chosen.append(line(asked[number], ours))
        if len(chosen) == count:
            break
    return sorted(chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replay", help="a folder that compare.py kept")
    parser.add_argument("--server", default=compare.COMMAND)
    options = parser.parse_args()
    with open(os.path.join(options.replay, "replies"), "rb") as file:
        prepared = pickle.load(file)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    for world, asked, others in prepared:
        if world.name not in COUNTS:
            continue
        folder = os.path.join(options.replay, world.name)
        own = compare.ask_minidns(options.server, folder, world, asked)
        output = os.path.join(OUTPUT, world.name)
        os.makedirs(output)
        for zone in world.zones:
            if world.name not in KEPT or zone.origin in KEPT[world.name]:
                shutil.copy(os.path.join(folder, "minidns", zone.file), output)
        lines = choose(world, asked, own, others, COUNTS[world.name])
        with open(os.path.join(output, "answers.txt"), "w") as file:
            file.write("\n".join(lines) + "\n")
        print("%s: %d answers" % (world.name, len(lines)))


if __name__ == "__main__":
    main()
