# SPDX-License-Identifier: Apache-2.0
"""certs/gen.sh: each certificate is what its table says."""
from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import cordwood


class Certs(cordwood.TestCase):
    def openssl(self, *arguments: str) -> str:
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True)
        return done.stdout + done.stderr

    def verify(self, name: str, purpose: str, *more: str) -> str:
        certs = self.make_certs()
        return self.openssl("verify", "-CAfile", f"{certs}/ca.crt", "-purpose", purpose, *more,
                            f"{certs}/{name}.crt")

    def test_good(self) -> None:
        self.assertIn("OK", self.verify("client", "sslclient"))
        self.assertIn("OK", self.verify("other-name", "sslclient"))
        for name in ("-verify_hostname=localhost", "-verify_ip=127.0.0.1", "-verify_ip=::1"):
            self.assertIn("OK", self.verify("server", "sslserver", *name.split("=")))

    def test_bad(self) -> None:
        self.assertIn("has expired", self.verify("expired", "sslclient"))
        self.assertIn("unable to get local issuer", self.verify("other-client", "sslclient"))
        self.assertIn("unsuitable certificate purpose", self.verify("client", "sslserver"))
        mismatch = self.verify("server", "sslserver", "-verify_hostname", "example.org")
        self.assertIn("hostname mismatch", mismatch)

    def test_keys_are_private_and_fit(self) -> None:
        certs = self.make_certs()
        keys = sorted(Path(certs).glob("*.key"))
        self.assertEqual(len(keys), 8)
        for key in keys:
            self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
            certificate = str(key.with_suffix(".crt"))
            public = self.openssl("x509", "-in", certificate, "-noout", "-pubkey")
            self.assertEqual(self.openssl("pkey", "-in", str(key), "-pubout"), public)

    def test_runs_again(self) -> None:
        certs = self.make_certs()
        subprocess.run([str(cordwood.source("certs/gen.sh")), str(certs)], check=True)
        self.assertIn("OK", self.verify("client", "sslclient"))

    def test_usage(self) -> None:
        done = subprocess.run([str(cordwood.source("certs/gen.sh"))], capture_output=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"usage", done.stderr)


if __name__ == "__main__":
    cordwood.main()
