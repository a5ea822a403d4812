"""Zones and questions to measure with: the same ones each time, made from a fixed seed.

A workload is a directory: zones/NAME.zone, files of questions (a line each: name, number of the type), and about.json.
"""
import base64, hashlib, json, os, random, shutil

A, NS, CNAME, SOA, MX, TXT, AAAA, DNAME, ANY = 1, 2, 5, 6, 15, 16, 28, 39, 255
DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"
SERIAL = "2026010100"
# The record that is asked for to see that a server is there, and what an edit makes of it.
PROBE, EDITED = "192.0.2.77", "192.0.2.99"

def soa(origin): return f"ns1.{origin} hostmaster.{origin} {SERIAL} 7200 3600 1209600 300"

def octets(count, number): return hashlib.shake_128(str(number).encode()).digest(count)

def text(origin, lines):
    head = (f"$ORIGIN {origin}\n$TTL 3600\n@ SOA {soa(origin)}\n@ NS ns1\n@ NS ns2\n"
            f"ns1 A 192.0.2.1\nns2 A 192.0.2.2\nprobe A {PROBE}\n")
    return head + "".join(line + "\n" for line in lines)

def write(path, content):
    with open(path, "w") as file: file.write(content)

class Workload:
    def __init__(self, root, name, seed):
        self.name, self.path, self.random = name, os.path.join(root, name), random.Random(seed)
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(self.path + "/zones")
        self.zones = self.records = self.size = 0

    def label(self, number):
        return "".join(self.random.choices(DIGITS, k=self.random.randint(1, 9))) + "-" + str(number)

    def stranger(self): return "".join(self.random.choices(DIGITS, k=16))

    def add(self, origin, content):
        write(f"{self.path}/zones/{origin.rstrip('.') or 'root'}.zone", content)
        self.zones, self.size = self.zones + 1, self.size + len(content)
        self.records += content.count("\n") - 2

    def ask(self, count, **kinds):
        """Files of questions; `mix` is nine times `exist` and once `nx`."""
        kinds["mix"] = lambda: (kinds["nx"] if self.random.random() < 0.1 else kinds["exist"])()
        for kind, question in kinds.items():
            write(f"{self.path}/{kind}", "".join("%s %d\n" % question() for _ in range(count)))

    def finish(self, origin):
        about = dict(name=self.name, zones=self.zones, records=self.records, octets=self.size, origin=origin)
        write(self.path + "/about.json", json.dumps(about))

def small(root, size):
    w = Workload(root, "small", 1)
    lines = ["@ MX 10 mail", '@ TXT "v=spf1 mx -all"', "@ A 192.0.2.10", "www A 192.0.2.11", "www AAAA 2001:db8::11",
             "mail A 192.0.2.12", "web CNAME www", "*.wild A 192.0.2.13", "_sip._tcp SRV 0 5 5060 mail",
             "sub NS ns1.sub", "sub NS ns2.sub", "ns1.sub A 192.0.2.53", "ns2.sub A 192.0.2.54"]
    hosts = [f"host{i}" for i in range(max(1, size - 21))]
    lines += [f"{host} A 198.51.100.{i % 250 + 1}" for i, host in enumerate(hosts)]
    w.add("small.test.", text("small.test.", lines))
    some = [("small.test", A), ("small.test", MX), ("small.test", TXT), ("www.small.test", AAAA), ("web.small.test", A),
            ("x.wild.small.test", A), ("_sip._tcp.small.test", 33), ("x.sub.small.test", A)]
    def exist(): return w.random.choice(some) if w.random.random() < .4 else (w.random.choice(hosts) + ".small.test", A)
    w.ask(100_000, nx=lambda: (w.stranger() + ".small.test", A), exist=exist)
    w.finish("small.test")

def leaf(root, size):
    w = Workload(root, "leaf", 2)
    names = [w.label(i) for i in range(size)]
    types = [A if i % 4 else AAAA for i in range(size)]
    w.add("leaf.test.", text("leaf.test.", (
        f"{name} A 10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" if types[i] == A
        else f"{name} AAAA 2001:db8::{i >> 16:x}:{i & 65535:x}" for i, name in enumerate(names))))
    def exist():
        i = w.random.randrange(size)
        return names[i] + ".leaf.test", types[i]
    w.ask(min(2 * size, 500_000), nx=lambda: (w.stranger() + ".leaf.test", A), exist=exist)
    w.finish("leaf.test")

def tld(root, size):
    """Delegations; one in twenty has its own servers with glue, which the others use; one in ten has a DS record."""
    w = Workload(root, "tld", 3)
    names, lines = [w.label(i) for i in range(size)], []
    for i, name in enumerate(names):
        server = names[w.random.randrange(0, size, 20)] if i % 20 else name
        lines += [f"{name} NS ns1.{server}", f"{name} NS ns2.{server}"]
        if i % 20 == 0: lines += [f"ns1.{name} A 192.0.2.{i % 250 + 1}", f"ns2.{name} A 198.51.100.{i % 250 + 1}",
                                  f"ns1.{name} AAAA 2001:db8::{i & 65535:x}"]
        if i % 10 == 0: lines.append(f"{name} DS {i % 65000} 13 2 {octets(32, i).hex()}")
    w.add("tld.", text("tld.", lines))
    w.ask(min(2 * size, 500_000), nx=lambda: (w.stranger() + ".tld", A),
          exist=lambda: (w.random.choice(["", "www.", "mail.", "a.b."]) + w.random.choice(names) + ".tld", A))
    w.finish("tld")

def hosting(root, size):
    w = Workload(root, "hosting", 4)
    names = [w.label(i) + (".test", ".example", ".host.test")[i % 3] for i in range(size)]
    for i, name in enumerate(names):
        lines = [f"@ A 192.0.2.{i % 250 + 1}", "@ MX 10 mail", "www A 192.0.2.8", "mail A 192.0.2.9"]
        w.add(name + ".", text(name + ".", lines))
    def exist():
        return w.random.choice(["", "www.", "mail."]) + w.random.choice(names), w.random.choice([A, A, MX])
    w.ask(min(20 * size, 300_000), nx=lambda: (w.stranger() + "." + w.random.choice(names), A), exist=exist)
    w.finish(names[-1])

def signed(root, size, proof):
    """Of ten names six are leaves, one of them below an empty non-terminal, and four are delegations, two with DS."""
    w, origin = Workload(root, "signed-" + proof, 5), proof + ".test"
    names, sets = [w.label(i) for i in range(size)], {}
    for i, name in enumerate(names):
        if i % 10 < 6: sets["a." * (i % 10 == 5) + name] = {A: [f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"]}
        else:
            sets[name] = {NS: [f"ns1.{name}.{origin}.", f"ns2.{name}.{origin}."]}
            if i % 10 < 8: sets[name][43] = [f"{i % 65000} 13 2 {octets(32, i).hex()}"]
            for n in "12": sets[f"ns{n}.{name}"] = {A: ["192.0.2." + n]}
    w.add(origin + ".", signed_text(origin + ".", sets, 0 if proof == "nsec3" else None))
    leaves, cuts = ([names[i] for i in range(size) if i % 10 in tens] for tens in (range(5), range(6, 10)))
    w.ask(min(2 * size, 300_000), nx=lambda: (f"{w.stranger()}.{origin}", A),
          exist=lambda: (f"{w.random.choice(leaves)}.{origin}", A),
          referral=lambda: (f"www.{w.random.choice(cuts)}.{origin}", A))
    w.finish(origin)

MNEMONIC = {A: "A", NS: "NS", CNAME: "CNAME", SOA: "SOA", MX: "MX", TXT: "TXT", AAAA: "AAAA", DNAME: "DNAME", 43: "DS",
            46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 50: "NSEC3", 51: "NSEC3PARAM"}
TIMES = "20360101000000 20260101000000"

def signed_text(origin, sets, iterations):
    """A signed zone, with NSEC where `iterations` is None. Signatures and keys are arbitrary octets of the right
    size: servers hand them out and do not verify them, and making real ones would take longer than to measure."""
    apex = sets.setdefault("", {})
    key = base64.b64encode(octets(64, 0)).decode()
    apex.update({SOA: [soa(origin)], NS: ["ns1." + origin], 48: ["257 3 13 " + key]})
    sets["ns1"], sets["probe"] = {A: ["192.0.2.1"]}, {A: [PROBE]}
    if iterations is not None: apex[51] = [f"1 0 {iterations} -"]
    cuts = {name for name, types in sets.items() if NS in types and name}
    def above(name): return [name[i + 1:] for i, c in enumerate(name) if c == "."]
    secure = {name for name in sets if not cuts.intersection(above(name))}
    lines, depth = [f"$ORIGIN {origin}", "$TTL 3600"], len([l for l in origin.split(".") if l])
    def add(name, number, data, labels=None):
        owner = name or "@"
        lines.extend(f"{owner} {MNEMONIC[number]} {d}" for d in data)
        if labels is None or name in cuts and number == NS: return
        signature = base64.b64encode(octets(64, len(lines))).decode()
        lines.append(f"{owner} RRSIG {MNEMONIC[number]} 13 {labels} 3600 {TIMES} 4711 {origin} {signature}")
    def count(name): return depth + len([l for l in name.split(".") if l and l != "*"])
    for name, types in sets.items():
        for number, data in types.items(): add(name, number, data, count(name) if name in secure else None)
    def bitmap(name, more):
        types = sets.get(name, {})
        signed = any(t != NS or name not in cuts for t in types)
        return " ".join(MNEMONIC[t] for t in sorted({*types, *more, *([46] if signed or 47 in more else [])}))
    if iterations is None:
        chain = sorted(secure, key=lambda name: name.split(".")[::-1] if name else [])
        for name, following in zip(chain, chain[1:] + chain[:1]):
            next_name = f"{following}.{origin}" if following else origin
            add(name, 47, [f"{next_name} {bitmap(name, [47])}"], count(name))
    else:
        names = secure.union(*map(above, secure))
        hashes = sorted((nsec3(name + "." + origin if name else origin, iterations), name) for name in names)
        for (own, name), (following, _) in zip(hashes, hashes[1:] + hashes[:1]):
            add(own, 50, [f"1 0 {iterations} - {following} {bitmap(name, [])}"], depth + 1)
    return "".join(line + "\n" for line in lines)

def nsec3(name, iterations):
    wire = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"
    for _ in range(iterations + 1): wire = hashlib.sha1(wire).digest()
    return base64.b32hexencode(wire).decode().lower()

def deep(label, count): return ".".join([label] * count)

def costly(root):
    """Zones of what costs most. Their names are short so that 126 labels stand before them."""
    w = Workload(root, "costly", 6)
    lines = [f"{deep('a', 126)} A 192.0.2.1", f"*.{deep('b', 63)} A 192.0.2.2", f"*.{deep('c', 125)} A 192.0.2.2"]
    lines += [f"link{i} CNAME link{i + 1}" for i in range(16)] + ["link16 A 192.0.2.3"]
    # Links of 240 octets, and links that a DNAME or a wildcard makes.
    long = deep("l" * 57, 4)
    lines += [f"{i}.{long} CNAME {i + 1}.{long}" for i in range(16)] + [f"16.{long} A 192.0.2.3"]
    lines += [f"d{i} DNAME d{i + 1}" for i in range(15)] + ["x.d15 A 192.0.2.3"]
    lines += [f"*.w{i} CNAME {deep('x', 100)}.w{i + 1}" for i in range(16)] + ["*.w16 A 192.0.2.3"]
    lines += [f"addresses A 10.0.{i >> 8}.{i & 255}" for i in range(4000)]
    lines += [f"exchanges MX {i} m{i}" for i in range(2800)]
    lines += [f'texts TXT "{i:03}{"t" * 252}"' for i in range(240)]
    lines += [f"mixed TYPE{65280 + i} \\# 4 0a0b0c0d" for i in range(254)] + [f"mixed MX {i} m{i}" for i in range(100)]
    for i in range(13): lines += [f"cut NS ns{i}.cut", f"ns{i}.cut A 192.0.2.{i}", f"ns{i}.cut AAAA 2001:db8::{i}"]
    lines += [f"m{i} A 192.0.2.5" for i in range(8)]
    w.add("z.", text("z.", lines))
    for origin, iterations in ("y.", None), ("x.", 0), ("v.", 150):
        sets = {deep("a", 126): {A: ["192.0.2.1"]}, "*." + deep("b", 125): {A: ["192.0.2.2"]}}
        sets["link16"] = sets["*.w16"] = {A: ["192.0.2.3"]}
        sets.update({f"link{i}": {CNAME: [f"link{i + 1}.{origin}"]} for i in range(16)})
        sets.update({f"*.w{i}": {CNAME: [f"x.w{i + 1}.{origin}"]} for i in range(16)})
        w.add(origin, signed_text(origin, sets, iterations))
    w.finish("z")

def make(root, name, size):
    """Makes the workload, unless it is there with this size."""
    path = os.path.join(root, name, "size")
    with open(__file__, "rb") as own: wanted = f"{size} {hashlib.sha1(own.read()).hexdigest()}"
    if not os.path.exists(path) or open(path).read() != wanted:
        print("making zones:", name, *[size] * bool(size), flush=True)
        kind, _, proof = name.partition("-")
        globals()[kind](*[root, *([size] if size else []), *([proof] if proof else [])])
        write(path, wanted)
    return json.load(open(os.path.join(root, name, "about.json")))
