"""The reviewed list of differences: exceptions.txt."""

import fnmatch
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    number: int
    line: str
    peers: frozenset
    places: tuple
    types: tuple
    how: str
    parts: tuple
    why: str

    def matches(self, peer, question, type, part):
        return (
            peer in self.peers
            and self.how in ("*", "do" if question.do else "no", question.transport)
            and any(fnmatch.fnmatchcase(part, pattern) for pattern in self.parts)
            and any(fnmatch.fnmatchcase(type, pattern) for pattern in self.types)
            and any(fnmatch.fnmatchcase(question.place, pattern) for pattern in self.places)
        )


class Reviewed:
    def __init__(self, rules):
        self.rules = rules

    def find(self, peer, question, type, part, is_shared):
        """The rule that allows this; where all three differ alike, only one that names all three."""
        for rule in self.rules:
            if is_shared and len(rule.peers) < 3:
                continue
            if rule.matches(peer, question, type, part):
                return rule
        return None

    def report(self, counts):
        if counts:
            print("\n== reviewed differences")
        for rule in self.rules:
            if counts[rule]:
                print("%6d  %s" % (counts[rule], rule.line))

    def unused(self, counts):
        return [rule for rule in self.rules if not counts[rule]]


def read(path):
    rules = []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            fields, why = line.split("|", 1)
            peers, places, types, how, parts = fields.split()
            if not why.strip() or how not in ("*", "do", "no", "udp", "tcp"):
                raise ValueError("%s:%d: %s" % (path, number, line))
            rules.append(Rule(
                number, line.strip(), frozenset(("nsd", "knot", "bind") if peers == "all" else peers.split(",")),
                tuple(places.split(",")), tuple(types.split(",")), how, tuple(parts.split(",")), why.strip()))
    return Reviewed(rules)
