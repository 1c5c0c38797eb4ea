"""Certificates made for the tests by the `openssl` command, into a folder of the test's own."""

import subprocess

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]


def openssl(*arguments, folder):
    result = subprocess.run(["openssl", *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


class Authority:
    """Signs certificates; everything lies in its folder under `NAME.pem` and `NAME.key`."""

    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.name = name
        self.file = folder / f"{name}.pem"
        openssl(
            "req", "-x509", *CURVE, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", 30,
            "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE", folder=folder,
        )  # fmt: skip

    def issue(self, name, names=("DNS:localhost", "IP:127.0.0.1"), days=30, key=CURVE, subject=None):
        """A certificate with its chain in `NAME.pem`; returns both paths."""
        subject = subject or f"/CN={name}"
        openssl(
            "req", "-new", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject,
            folder=self.folder,
        )  # fmt: skip
        (self.folder / f"{name}.ext").write_text("subjectAltName=" + ",".join(names) + "\n")
        openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", self.file, "-CAkey", f"{self.name}.key", "-CAcreateserial",
            "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem", folder=self.folder,
        )  # fmt: skip
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"
