"""Certificates for servers on this machine, made by openssl: what is to be trusted, and what is not."""

import pathlib
import subprocess
import tempfile

# How each one is signed, for which name, and from when until when; the authority is the one to trust.
LEAVES: dict[str, tuple[str, str, list[str]]] = {
    "server": ("ca", "DNS:localhost,IP:127.0.0.1", ["-days", "2"]),
    "stranger": ("other-ca", "DNS:localhost,IP:127.0.0.1", ["-days", "2"]),
    "elsewhere": ("ca", "DNS:relay.example", ["-days", "2"]),
    "expired": ("ca", "DNS:localhost,IP:127.0.0.1", ["-days", "-1"]),
}
# Made in no time, which a key for RSA is not.
NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]


def make_certificates(directory: pathlib.Path, *names: str) -> None:
    """Writes NAME.pem and NAME.key for the authorities `ca` and `other-ca` and the named leaves."""
    for authority in ("ca", "other-ca"):
        openssl(
            directory, "req", "-x509", *NEW_KEY, "-nodes", "-days", "2", "-subj", f"/CN={authority}",
            "-keyout", f"{authority}.key", "-out", f"{authority}.pem")
    for name in names:
        authority, alternatives, validity = LEAVES[name]
        openssl(
            directory, "req", *NEW_KEY, "-nodes", "-subj", "/CN=localhost", "-keyout", f"{name}.key",
            "-out", f"{name}.csr")
        with tempfile.NamedTemporaryFile("w", suffix=".ext") as extensions:
            extensions.write(f"subjectAltName={alternatives}")
            extensions.flush()
            openssl(
                directory, "x509", "-req", *validity, "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
                f"{authority}.key", "-CAcreateserial", "-extfile", extensions.name, "-out", f"{name}.pem")


def openssl(directory: pathlib.Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)
