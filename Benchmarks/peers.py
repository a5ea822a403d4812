"""The servers that are compared. To add one, write a function like those at the end."""
import os, shutil, signal, socket, struct, subprocess, tempfile, time

TICK = os.sysconf("SC_CLK_TCK")
ALL = {}

class Peer:
    def __init__(self, *parts): self.configure, self.program, self.reload = parts

def peer(program, reload=None):
    """Marks the function that writes the configuration of a server into `s.path` and returns the command that runs it
    in the foreground, with one worker, on 127.0.0.1 and `s.port`, serving `s.zones`: pairs of an origin and a file.
    `reload` gets the same and returns a command, or a signal, that makes the server read its zones again."""
    def mark(function): ALL[function.__name__] = Peer(function, program, reload)
    return mark

def installed(): return [name for name, peer in ALL.items() if shutil.which(peer.program)]

def free_port():
    """A port that is free for both, and so is the one that is 10 above it."""
    while True:
        with socket.socket() as a, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as b, socket.socket() as c:
            try:
                a.bind(("127.0.0.1", 0))
                b.bind(a.getsockname())
                c.bind(("127.0.0.1", a.getsockname()[1] + 10))
                return a.getsockname()[1]
            except (OSError, OverflowError): pass

class Server:
    """A server that was started; it serves the zones of a directory."""
    def __init__(self, name, zones, octets=100):
        self.name, self.peer, self.port, self.octets = name, ALL[name], free_port(), octets
        self.directory, self.path = zones, tempfile.mkdtemp(prefix="bench-" + name)
        self.zones = sorted((file[:-5], os.path.join(zones, file)) for file in os.listdir(zones))
        os.chmod(self.path, 0o755)
        self.log, self.process, self.probe_socket = open(self.path + "/log", "w+"), None, None

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w") as file: file.write(text)
        return path

    def start(self):
        command = self.peer.configure(self)
        self.started = time.monotonic()
        self.process = self.run(command)
        return self

    def run(self, command):
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=self.path)

    def probe(self, name, timeout=0.2):
        """The address of the name, None if there is no answer."""
        if not self.probe_socket:
            self.probe_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.probe_socket.connect(("127.0.0.1", self.port))
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
        self.probe_socket.settimeout(timeout)
        try:
            self.probe_socket.send(struct.pack(">6H", os.getpid() & 65535, 0, 1, 0, 0, 0) + labels + b"\0\0\1\0\1")
            reply = self.probe_socket.recv(4096)
        except OSError: return None
        return socket.inet_ntoa(reply[-4:]) if reply[3] & 15 == 0 and reply[6:8] == b"\0\1" else None

    def wait(self, name, address, limit):
        """Seconds from the start to the first right answer, None where it takes longer than the limit."""
        while time.monotonic() - self.started < limit and self.process.poll() is None:
            if self.probe(name) == address: return time.monotonic() - self.started
            time.sleep(0.002)

    def tree(self):
        """The process and its descendants: {number: the fields of its stat behind the name}."""
        everyone = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/stat") as file: everyone[int(entry)] = file.read().rpartition(")")[2].split()
            except OSError: pass
        found = [self.process.pid]
        for parent in found: found += [child for child, fields in everyone.items() if int(fields[1]) == parent]
        return {process: everyone[process] for process in found if process in everyone}

    def processor_seconds(self):
        all = list(self.tree().values())
        return sum(int(fields[11]) for fields in all) / TICK, sum(int(fields[12]) for fields in all) / TICK

    def memory(self):
        """Octets, of shared pages each process's part."""
        total = 0
        for process in self.tree():
            try:
                with open(f"/proc/{process}/smaps_rollup") as file:
                    total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
            except OSError: pass
        return total * 1024

    def pin(self, processors):
        for process in self.tree():
            for thread in os.listdir(f"/proc/{process}/task"):
                try: os.sched_setaffinity(int(thread), processors)
                except OSError: pass

    def reload(self):
        how = self.peer.reload(self)
        if isinstance(how, int): self.process.send_signal(how)
        else: self.run(how).wait(60)

    def tail(self):
        self.log.flush()
        with open(self.log.name, errors="replace") as file: return file.read()[-300:]

    def stop(self):
        if self.process:
            children = [process for process in self.tree() if process != self.process.pid]
            self.process.terminate()
            try: self.process.wait(2)
            except subprocess.TimeoutExpired: self.process.kill()
            for process in children:
                try: os.kill(process, signal.SIGKILL)
                except OSError: pass
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.path, ignore_errors=True)

BUILT = os.path.abspath(__file__ + "/../.build/release")

@peer(BUILT + "/limit")
def limit(s): return [BUILT + "/limit", str(s.port), "-z", str(s.octets)]

MINIDNS = os.environ.get("MINIDNS", os.path.abspath(__file__ + "/../../.build/release/minidns"))

@peer(MINIDNS, reload=lambda s: signal.SIGHUP)
def minidns(s):
    return [MINIDNS, "serve", "--quiet", "--workers", "1", *os.environ.get("MINIDNS_ARGS", "").split(),
            "--listen", f"127.0.0.1:{s.port}", s.directory]

@peer("gdnsd", reload=lambda s: ["gdnsdctl", "-c", s.path, "reload-zones"])
def gdnsd(s):
    os.mkdir(s.path + "/zones")
    for origin, file in s.zones: os.symlink(file, f"{s.path}/zones/{origin}")
    s.write("config", f"""options => {{ listen => 127.0.0.1:{s.port}, udp_threads => 1, tcp_threads => 1,
        run_dir => {s.path}/run, state_dir => {s.path}/state, zones_default_ttl => 3600 }}\n""")
    return ["gdnsd", "-c", s.path, "start"]

@peer("nsd", reload=lambda s: ["nsd-control", "-c", s.path + "/nsd.conf", "reload"])
def nsd(s):
    zones = "".join(f'zone:\n name: "{origin}"\n zonefile: "{file}"\n' for origin, file in s.zones)
    return ["nsd", "-d", "-c", s.write("nsd.conf", f"""server:
        ip-address: 127.0.0.1@{s.port}\n server-count: 1\n reuseport: yes\n username: ""\n database: ""
        zonesdir: "{s.path}"\n zonelistfile: "{s.path}/list"\n xfrdfile: "{s.path}/xfrd"\n xfrdir: "{s.path}"
        pidfile: "{s.path}/pid"\n minimal-responses: yes\n rrl-ratelimit: 0
remote-control:\n control-enable: yes\n control-interface: "{s.path}/control"\n{zones}""")]

@peer("knotd", reload=lambda s: ["knotc", "-b", "-c", s.path + "/knot.conf", "zone-reload"])
def knot(s):
    zones = "".join(f'  - domain: "{origin}."\n    file: "{file}"\n' for origin, file in s.zones)
    return ["knotd", "-c", s.write("knot.conf", f"""server:
    rundir: "{s.path}"\n    listen: 127.0.0.1@{s.port}
    udp-workers: 1\n    tcp-workers: 1\n    background-workers: 1
database:\n    storage: "{s.path}"\ncontrol:\n    listen: "{s.path}/control"
template:\n  - id: default\n    zonefile-sync: -1\n    zonefile-load: whole
    journal-content: none\n    semantic-checks: off
log:\n  - target: stderr\n    any: warning\nzone:\n{zones}""")]

@peer("named", reload=lambda s: ["rndc", "-c", s.path + "/rndc.conf", "reload"])
def bind(s):
    key = 'key k { algorithm hmac-sha256; secret "bWVhc3VyZW1lbnRzLW9mLWEtbWludXRlLW9yLXR3bw=="; };\n'
    zones = "".join(f'zone "{origin}" {{ type primary; file "{file}"; }};\n' for origin, file in s.zones)
    s.write("rndc.conf", key + f"options {{ default-key k; default-server 127.0.0.1; default-port {s.port + 10}; }};\n")
    return ["named", "-g", "-4", "-n", "1", "-c", s.write("named.conf", f"""{key}
        controls {{ inet 127.0.0.1 port {s.port + 10} allow {{ 127.0.0.1; }} keys {{ k; }}; }};
        options {{ directory "{s.path}"; pid-file "{s.path}/pid"; session-keyfile "{s.path}/session"; lock-file none;
            listen-on port {s.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; minimal-responses yes;
            empty-zones-enable no; notify no; dnssec-validation no; check-integrity no; }};
        logging {{ category default {{ null; }}; }};\n{zones}""")]

@peer("pdns_server", reload=lambda s: [
    "pdns_control", "--config-dir=" + s.path, "bind-reload-now", *(origin for origin, _ in s.zones)])
def pdns(s):
    zones = "".join(f'zone "{origin}" {{ type master; file "{file}"; }};\n' for origin, file in s.zones)
    bind = s.write("zones.conf", f'options {{ directory "{s.path}"; }};\n{zones}')
    signed = [origin for origin, _ in s.zones if origin.startswith("nsec")]
    s.write("pdns.conf", f"""launch=bind\nbind-config={bind}\nlocal-address=127.0.0.1\nlocal-port={s.port}
socket-dir={s.path}\ndaemon=no\nguardian=no\nloglevel=3\nsecurity-poll-suffix=
receiver-threads=1\ndistributor-threads=1
max-cache-entries=4000000\nmax-packet-cache-entries=4000000\ncache-ttl=60\nquery-cache-ttl=60\nnegquery-cache-ttl=60
""" + (f"bind-dnssec-db={s.path}/dnssec.db\n" if signed else ""))
    if signed:
        commands = [["create-bind-db", s.path + "/dnssec.db"], ["set-presigned", signed[0]]]
        if signed[0].startswith("nsec3"): commands.insert(1, ["set-nsec3", signed[0], "1 0 0 -"])
        for command in commands: s.run(["pdnsutil", "--config-dir=" + s.path, *command]).wait()
    return ["pdns_server", "--config-dir=" + s.path]
