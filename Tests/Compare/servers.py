"""The three peers and minidns on loopback, and asking them many questions at once."""

import os
import select
import signal
import socket
import struct
import subprocess
import time

import dns.name

import message

HOST = "127.0.0.1"
PEERS = ("nsd", "knot", "bind")


def free_port():
    """A port that is free for UDP and TCP."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind((HOST, 0))
            port = stream.getsockname()[1]
            try:
                datagram.bind((HOST, port))
                return port
            except OSError:
                continue


def nsd(folder, zones, port):
    text = """server:
  server-count: 1
  ip-address: {host}@{port}
  username: ""
  database: ""
  zonesdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  minimal-responses: yes
  round-robin: no
  rrl-ratelimit: 0
  ipv4-edns-size: 1232
  hide-version: yes
  hide-identity: yes
remote-control:
  control-enable: no
""" + "".join('zone:\n  name: "{origin}"\n  zonefile: "{file}"\n'.format(origin=z.origin, file=z.file) for z in zones)
    return ["nsd", "-d", "-c"], text


def knot(folder, zones, port):
    text = """server:
    rundir: "{folder}"
    listen: {host}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: 1232
database:
    storage: "{folder}"
template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
""" + "".join('  - domain: "{origin}"\n    file: "{file}"\n'.format(origin=z.origin, file=z.file) for z in zones)
    return ["knotd", "-c"], text


def bind(folder, zones, port):
    text = """options {{
  directory "{folder}"; listen-on port {port} {{ {host}; }}; listen-on-v6 {{ none; }}; recursion no;
  minimal-responses yes; minimal-any yes; max-udp-size 1232; edns-udp-size 1232; check-names primary ignore; check-mx ignore;
  check-srv-cname ignore; check-mx-cname ignore; check-dup-records ignore; check-sibling no; check-wildcard no;
  check-integrity no; pid-file "{folder}/named.pid"; session-keyfile "{folder}/session.key"; lock-file none;
  empty-zones-enable no; notify no; dnssec-validation no; hostname none; version none; server-id none; querylog no;
  max-cache-size 16m; max-records-per-type 0; max-types-per-name 0;
}};
controls {{ }};
""" + "".join('zone "{origin}" {{{{ type primary; file "{file}"; }}}};\n'.format(origin=z.origin, file=z.file) for z in zones)
    return ["named", "-g", "-4", "-n", "2", "-c"], text


CONFIGURATIONS = {"nsd": nsd, "knot": knot, "bind": bind}


class Server:
    """A running server; a context that stops it."""

    def __init__(self, name, arguments, folder, port):
        self.name, self.port = name, port
        with open(os.path.join(folder, "log"), "w") as log:
            self.process = subprocess.Popen(arguments, stdout=log, stderr=log, start_new_session=True)
        self.log = os.path.join(folder, "log")

    def wait(self, zones):
        """Until it answers for each zone."""
        end = time.monotonic() + 20
        waiting = list(zones)
        while waiting:
            if self.process.poll() is not None or time.monotonic() > end:
                with open(self.log) as log:
                    raise RuntimeError("%s does not serve %s:\n%s" % (self.name, waiting[0].origin, log.read()[-3000:]))
            wire = dns.name.from_text(waiting[0].origin).to_wire()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
                channel.settimeout(0.2)
                channel.connect((HOST, self.port))
                try:
                    channel.send(struct.pack("!6H", 1, 0, 1, 0, 0, 0) + wire + struct.pack("!2H", 6, 1))
                    reply = channel.recv(65535)
                    if reply[3] & 15 == 0 and reply[2] & 4:
                        waiting.pop(0)
                        continue
                except OSError:
                    pass
            time.sleep(0.05)

    def stop(self):
        """Its own process group, started above."""
        for kind in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, kind)
                self.process.wait(3)
                return
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                return


def start_peer(name, folder, zones):
    folder = os.path.abspath(os.path.join(folder, name))
    port = free_port()
    arguments, text = CONFIGURATIONS[name](folder, zones, port)
    path = os.path.join(folder, name + ".conf")
    with open(path, "w") as file:
        file.write(text.format(folder=folder, host=HOST, port=port))
    return Server(name, arguments + [path], folder, port)


def start_minidns(command, folder):
    folder = os.path.abspath(os.path.join(folder, "minidns"))
    port = free_port()
    return Server("minidns", [command, "serve", "--quiet", "--listen", "%s:%d" % (HOST, port), folder], folder, port)


# MARK: Asking

WINDOW = 48
ATTEMPTS = 4


def ask(server, questions):
    """The reply to each question as octets, None for silence."""
    replies = [None] * len(questions)
    for transport, exchange in (("udp", ask_datagrams), ("tcp", ask_stream)):
        wanted = [n for n, question in enumerate(questions) if question.transport == transport]
        exchange(server.port, questions, wanted, replies)
    return replies


def id_of(number):
    return number & 0xFFFF


def ask_datagrams(port, questions, wanted, replies):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.connect((HOST, port))
        channel.setblocking(False)
        waiting, silent, next = {}, 0, 0
        # A server that says nothing at all is not waited for to the end.
        while (next < len(wanted) or waiting) and silent < 4 * WINDOW:
            while next < len(wanted) and len(waiting) < WINDOW:
                number = wanted[next]
                send(channel, message.query(questions[number], id_of(number)))
                waiting[id_of(number)] = [number, 1]
                next += 1
            if not select.select([channel], [], [], 0.7)[0]:
                for key, (number, attempts) in list(waiting.items()):
                    if attempts == ATTEMPTS or silent > WINDOW:
                        del waiting[key]
                        silent += 1
                    else:
                        waiting[key][1] += 1
                        send(channel, message.query(questions[number], key))
                continue
            try:
                reply = channel.recv(65535)
            except BlockingIOError:
                continue
            except ConnectionError:
                time.sleep(0.05)  # Nobody listens: as good as silence.
                continue
            entry = waiting.pop(struct.unpack("!H", reply[:2])[0], None)
            if entry:
                replies[entry[0]] = reply


def send(channel, octets):
    try:
        channel.send(octets)
    except ConnectionError:
        pass  # Nobody listens: as good as silence.


def ask_stream(port, questions, wanted, replies):
    """Over one connection, sixteen queries on their way at a time; a new one where the server closes it."""
    rest = list(wanted)
    for _ in range(ATTEMPTS):
        rest = [number for number in rest if replies[number] is None]
        if not rest:
            return
        try:
            with socket.create_connection((HOST, port), 3) as channel:
                exchange_frames(channel, questions, rest, replies)
        except OSError:
            continue


def exchange_frames(channel, questions, wanted, replies):
    stream = channel.makefile("rb")
    for start in range(0, len(wanted), 16):
        group = {id_of(number): number for number in wanted[start : start + 16]}
        frames = [message.query(questions[number], key) for key, number in group.items()]
        channel.sendall(b"".join(struct.pack("!H", len(frame)) + frame for frame in frames))
        for _ in group:
            head = stream.read(2)
            if len(head) < 2:
                return
            reply = stream.read(struct.unpack("!H", head)[0])
            number = group.get(struct.unpack("!H", reply[:2])[0])
            if number is not None:
                replies[number] = reply
