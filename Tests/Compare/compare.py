#!/usr/bin/env python3
"""Asks minidns and three other servers the same questions about the same zones, and says where the answers differ.

Where the three agree and minidns differs, it is a failure. Where they differ among themselves, or minidns departs from
them on purpose, exceptions.txt says so. README.md describes both.
"""

import argparse
import collections
import os
import pickle
import shutil
import signal
import struct
import sys
import tempfile
import threading
import time

import exceptions
import message
import questions
import servers
import zones

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = os.path.join(HERE, "..", "..", ".build", "debug", "minidns")
# Octets that an address or two would need.
ROOM = 64
SHARES = {"plain": 0.4, "chance": 0.2, "root": 0.08, "signed": 0.32, "shapes": 0.15}


def arguments():
    parser = argparse.ArgumentParser(description="Compare minidns with nsd, knot and bind.")
    parser.add_argument("--server", default=COMMAND, help="the minidns to test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--questions", type=int, default=60000)
    parser.add_argument("--world", action="append", help="only this world; may be given several times")
    parser.add_argument("--keep", help="a folder to keep zones and the peers' replies in")
    parser.add_argument("--replay", help="such a folder: ask minidns only")
    parser.add_argument("--show", type=int, default=3, help="examples of each difference to show")
    parser.add_argument("--grep", help="print the answers to questions with this text")
    return parser.parse_args()


def prepare(options, folder):
    """Worlds with their questions and the peers' replies, from the peers or from an earlier run."""
    if options.replay:
        with open(os.path.join(options.replay, "replies"), "rb") as file:
            return pickle.load(file)
    prepared = []
    for world in zones.worlds(options.seed):
        if options.world and world.name not in options.world:
            continue
        world_folder = os.path.join(folder, world.name)
        world.write(world_folder)
        for zone in world.zones:
            zone.signer = None
        asked = questions.make(world, options.seed, int(options.questions * SHARES[world.name]))
        prepared.append((world, asked, ask_peers(world, world_folder, asked)))
    if options.keep:
        with open(os.path.join(folder, "replies"), "wb") as file:
            pickle.dump(prepared, file)
    return prepared


def ask_peers(world, folder, asked):
    running = []
    try:
        for peer in servers.PEERS:
            running.append(servers.start_peer(peer, folder, world.zones))
        for server in running:
            server.wait(world.zones)
        return ask_all(running, asked)
    finally:
        for server in running:
            server.stop()


def ask_all(running, asked):
    replies = {}

    def ask(server):
        replies[server.name] = servers.ask(server, asked)

    threads = [threading.Thread(target=ask, args=[server]) for server in running]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


def ask_minidns(command, folder, world, asked):
    server = servers.start_minidns(command, folder)
    try:
        server.wait(world.zones)
        return servers.ask(server, asked)
    finally:
        server.stop()


def decode(octets):
    """Our reply, whatever it is."""
    try:
        return message.decode(octets)
    except (ValueError, IndexError, struct.error):
        return message.Reply(-1, 0, None, (), b"", {section: {} for section in message.SECTIONS})


def name_full(part):
    """A part of a reply that has no room left: addresses may be missing that are not glue, or sibling glue."""
    return part + "/full" if part.startswith(("additional+A", "additional-A")) else part


class Comparison:
    """What differs, and whose it is."""

    def __init__(self, reviewed):
        self.reviewed = reviewed
        self.asked = self.equal = self.excepted = 0
        self.failures = collections.defaultdict(list)
        self.unreviewed = collections.defaultdict(list)
        self.choices = collections.Counter()

    def add(self, question, own, others):
        self.asked += 1
        ours = decode(own)
        theirs = {peer: message.decode(reply) for peer, reply in others.items()}
        parts = {peer: message.differences(ours, reply, question.is_in_odd_case) for peer, reply in theirs.items()}
        room = min(max(question.size or 0, 512), 1232) - len(own or b"")
        if question.transport == "udp" and room < ROOM:
            parts = {peer: {name_full(part) for part in found} for peer, found in parts.items()}
            if room < 0:
                parts = {peer: found | {"size"} for peer, found in parts.items()}
        shared = set.intersection(*parts.values())
        if not any(parts.values()):
            self.equal += 1
            return
        type = questions.type_name(question.type)
        for part in sorted(set.union(*parts.values())):
            peers = frozenset(peer for peer in parts if part in parts[peer])
            rules = [self.reviewed.find(peer, question, type, part, part in shared) for peer in peers]
            if all(rules):
                self.excepted += 1
                for rule in set(rules):
                    self.choices[rule] += 1
                continue
            key = (part, type, question.place, question.do, peers)
            (self.failures if part in shared else self.unreviewed)[key].append((question, ours, theirs))

    def report(self, options):
        for title, found in (("the three agree, minidns differs", self.failures), ("not reviewed: peers differ", self.unreviewed)):
            if found:
                print("\n== %s: %d kinds" % (title, len(found)))
            for key, examples in sorted(found.items(), key=lambda item: (item[0][0], -len(item[1])))[:40]:
                part, type, place, do, peers = key
                print("-- %s %s %s%s: %s (%d questions)" % (place, type, part, " DO" if do else "", ",".join(sorted(peers)), len(examples)))
                for question, ours, theirs in examples[: options.show]:
                    print("   " + str(question))
                    for name, reply in [("minidns", ours)] + sorted(theirs.items()):
                        print("      %-8s%s" % (name, message.summary(reply)[:400]))


def grep(text, asked, own, others):
    for number, question in enumerate(asked):
        if text in str(question):
            print("%s  [%s]" % (question, question.place))
            for name, replies in [("minidns", own)] + sorted(others.items()):
                print("   %-8s%s" % (name, message.summary(message.decode(replies[number]))))


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # So that the servers end too.
    begin = time.monotonic()
    folder = os.path.abspath(options.replay or options.keep or tempfile.mkdtemp(prefix="minidns-compare-"))
    try:
        comparison = Comparison(exceptions.read(os.path.join(HERE, "exceptions.txt")))
        for world, asked, others in prepare(options, folder):
            own = ask_minidns(options.server, os.path.join(folder, world.name), world, asked)
            if options.grep:
                grep(options.grep, asked, own, others)
            for number, question in enumerate(asked):
                comparison.add(question, own[number], {peer: others[peer][number] for peer in servers.PEERS})
            print("%-8s %5d questions about %d zones" % (world.name, len(asked), len(world.zones)))
    finally:
        if not (options.replay or options.keep):
            shutil.rmtree(folder, ignore_errors=True)
    comparison.report(options)
    comparison.reviewed.report(comparison.choices)
    is_whole = options.seed == 1 and not options.world and not options.replay and options.questions >= 20000
    unused = comparison.reviewed.unused(comparison.choices) if is_whole else []
    for rule in unused:
        print("matches nothing: exceptions.txt:%d: %s" % (rule.number, rule.line))
    print("%d questions in %.0f s: %d answered alike by all four, %d reviewed differences, %d failures, %d differences not reviewed"
          % (comparison.asked, time.monotonic() - begin, comparison.equal, comparison.excepted, sum(map(len, comparison.failures.values())), sum(map(len, comparison.unreviewed.values()))))
    sys.exit(1 if comparison.failures or comparison.unreviewed or unused else 0)


if __name__ == "__main__":
    main()
