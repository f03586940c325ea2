"""OpenSSL: `cms -verify -cades` and `ts -verify`, at a moment."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from asn1crypto import pem

from conformances.artefact import Answer, Artefact, Kind


class OpenSSL:
    """Seals and tokens; it knows no evidence records."""

    name = "openssl"
    kinds = frozenset({Kind.SEAL, Kind.TOKEN})

    def version(self) -> str:
        """As `openssl version` has it."""
        said = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True)
        return " ".join(said.stdout.split()[:2])

    def judge(self, artefacts: Sequence[Artefact]) -> list[Answer]:
        """One process each."""
        with tempfile.TemporaryDirectory() as name:
            return [_judge(artefact, Path(name)) for artefact in artefacts]


def _judge(artefact: Artefact, folder: Path) -> Answer:
    (folder / "artefact").write_bytes(artefact.octets)
    (folder / "anchors").write_bytes(b"".join(pem.armor("CERTIFICATE", anchor) for anchor in artefact.anchors))
    if artefact.kind is Kind.SEAL:
        command = ["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-out", "content"]
    else:
        command = ["ts", "-verify", "-token_in", "-digest", artefact.imprint[1].hex() if artefact.imprint else ""]
    command += ["-in", "artefact", "-CAfile", "anchors", "-attime", str(int(artefact.at.timestamp()))]
    done = subprocess.run(["openssl", *command], cwd=folder, capture_output=True, text=True, check=False)
    said = (done.stderr + done.stdout).strip().splitlines()
    accepted = done.returncode == 0 and any("erification successful" in line or "ation: OK" in line for line in said)
    return Answer(accepted, said[-1].strip() if said else "")
