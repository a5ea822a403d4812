"""A server of one's own on loopback, and clients that mean no good."""
import os, re, socket, struct, subprocess, time

QUERY = struct.pack(">6H", 7, 0, 1, 0, 0, 0) + b"\7example\4test\0" + struct.pack(">2H", 6, 1)
LARGE = struct.pack(">6H", 7, 0, 1, 0, 0, 0) + b"\3big\7example\4test\0" + struct.pack(">2H", 16, 1)
ZONE = "@ 3600 IN SOA ns h 1 7200 900 604800 300\n@ NS ns\nns A 192.0.2.1\n$GENERATE 1-200 big TXT ${0,200}\n"
TCP_REPAIR = 19


def framed(message):
    return struct.pack(">H", len(message)) + message


class Server:
    """Serves the zones of a directory, in which it finds ZONE, too. What it needs beside them is in `state`."""

    def __init__(self, minidns, zones, state, *options):
        with open(f"{zones}/example.test.zone", "w") as file: file.write(ZONE)
        self.minidns, self.control, self.log = minidns, f"{state}/control", f"{state}/log"
        self.process = subprocess.Popen(
            [minidns, "serve", "--listen", "127.0.0.1:0", "--control", self.control, "--state", state, *options, zones],
            stderr=open(self.log, "w"))
        self.address = ("127.0.0.1", int(self.logged(r"listening on 127\.0\.0\.1:(\d+)")))

    def logged(self, pattern):
        for _ in range(600):
            found = re.search(pattern, open(self.log).read())
            if found: return found[1]
            time.sleep(0.1)
        self.stop()
        raise SystemExit(f"{self.minidns} does not serve:\n{open(self.log).read()}")

    def command(self, *words):
        """A command of minidns that talks to this server."""
        return subprocess.run([self.minidns, *words, "--control", self.control], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def number(self, field):
        return int(re.search(rf"{field}:\s+(\d+)", open(f"/proc/{self.process.pid}/status").read())[1])

    def memory(self):
        """MiB."""
        return self.number("VmRSS") / 1024

    def threads(self):
        return self.number("Threads")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        """The exit code."""
        self.process.terminate()
        return self.process.wait()


def connect(address, number=0, timeout=5):
    """Of many, 20,000 share a source address, so that ports do not run out. The client's side takes little memory."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(timeout)
    client.bind((f"127.0.{1 + number // 20000}.1", 0))
    client.connect(address)
    return client


# What is done to a connection.

def idle(client): pass
def slow(client): client.send(b"\0")
def half(client): client.send(framed(QUERY)[:-1])


def vanish(client):
    """The client is gone, and no packet ever said so."""
    client.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    client.close()


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.send(framed(QUERY)[: 10 + id(client) % 30])
    client.close()


def deaf(client):
    """Asks for large answers, and reads none."""
    client.setblocking(False)
    client.send(framed(LARGE) * 100)


FLOODS = {"idle": idle, "slow": slow, "half": half, "vanish": vanish, "reset": reset, "deaf": deaf}
