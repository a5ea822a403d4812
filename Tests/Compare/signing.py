"""Zones signed by BIND's and by ldns' signer. The signatures are valid for a long time, so that they can be recorded."""

import glob
import os
import re
import subprocess

INCEPTION, EXPIRATION = "20200101000000", "20380101000000"


def run(arguments, folder):
    result = subprocess.run(arguments, cwd=folder, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError("%s: %s" % (" ".join(arguments), result.stderr or result.stdout))
    return result.stdout


def key_folder(zone, folder):
    path = os.path.join(folder, "keys", zone.origin)
    os.makedirs(path, exist_ok=True)
    return path


def unsigned_file(zone, folder):
    path = os.path.join(key_folder(zone, folder), "unsigned")
    with open(path, "w") as file:
        file.write(zone.text())
    return path


def bind(*options, algorithms=("ECDSAP256SHA256",), split=True):
    def sign(zone, folder):
        keys, file = key_folder(zone, folder), unsigned_file(zone, folder)
        for algorithm in algorithms:
            bits = ["-b", "2048"] if "RSA" in algorithm else []
            run(["dnssec-keygen", "-a", algorithm, *bits, "-f", "KSK", zone.origin], keys)
            if split:
                run(["dnssec-keygen", "-a", algorithm, *bits, zone.origin], keys)
        alone = [] if split else ["-z"]
        run(["dnssec-signzone", "-S", *alone, "-K", ".", "-P", "-O", "full", "-o", zone.origin, "-f", "signed",
             "-s", INCEPTION, "-e", EXPIRATION, *options, file], keys)
        with open(os.path.join(keys, "signed")) as signed:
            return signed.read()
    return sign


def ldns(*options, algorithm="ECDSAP256SHA256"):
    def sign(zone, folder):
        keys, file = key_folder(zone, folder), unsigned_file(zone, folder)
        signing = run(["ldns-keygen", "-a", algorithm, zone.origin], keys).strip()
        entry = run(["ldns-keygen", "-a", algorithm, "-k", zone.origin], keys).strip()
        run(["ldns-signzone", "-o", zone.origin, "-f", "signed", "-i", INCEPTION, "-e", EXPIRATION, *options, file, signing, entry], keys)
        with open(os.path.join(keys, "signed")) as signed:
            return signed.read()
    return sign


def parent_of(child, signer):
    """Signs a zone with the DS records of a child that was signed before."""
    def sign(zone, folder):
        for key in glob.glob(os.path.join(key_folder(child, folder), "K*.key")):
            with open(key) as file:
                if re.search(r"DNSKEY\s+257", file.read()):
                    for line in run(["dnssec-dsfromkey", "-2", key], ".").splitlines():
                        zone.add(child.origin, "DS", line.split(None, 3)[3])
        return signer(zone, folder)
    return sign


# The part of the name before the hyphen is the kind that exceptions.txt speaks of.
SIGNERS = {
    "nsec": bind(),
    "nsec-single": bind(algorithms=["ED25519"], split=False),
    "nsec-several": bind(algorithms=["ECDSAP256SHA256", "RSASHA256"]),
    "nsec3": bind("-3", "-", "-H", "0"),
    "nsec3-salt": bind("-3", "0123456789abcdef0123456789abcdef", "-H", "1"),
    "optout": bind("-3", "-", "-H", "0", "-A"),
    "optout-salt": bind("-3", "aabb", "-H", "10", "-A", algorithms=["ECDSAP384SHA384"]),
    "nsec-ldns": ldns(),
    "nsec3-ldns": ldns("-n", "-t", "1", "-s", "cafe"),
    "optout-ldns": ldns("-n", "-p", "-t", "1", "-s", "00"),
}
