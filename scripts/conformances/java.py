"""The judges in Java: the EU's DSS and BouncyCastle. Maven brings their jars once, javac builds our runners.

One virtual machine per judge and run; questions and answers are lines (`tests/foreign/src/Question.java`).
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from asn1crypto import pem

from conformances.artefact import Answer, Artefact, Kind

HERE = Path(__file__).resolve().parents[2] / "tests" / "foreign"
BUILD = HERE / "build"
DIGESTS = ("sha512", "sha3_512", "sha3_384", "sha384", "sha256")


class Dss:
    """The EU's validator: seals, tokens, records, and containers of them."""

    name = "DSS"
    kinds = frozenset(Kind)

    def version(self) -> str:
        """Its modules all have one number."""
        return f"DSS {_jar('dss-evidence-record-asn1')} (on BouncyCastle {_jar('bcpkix-jdk18on')})"

    def judge(self, artefacts: Sequence[Artefact]) -> list[Answer]:
        """All in one virtual machine."""
        return ask("DssJudge", artefacts)


class BouncyCastle:
    """Its evidence records."""

    name = "BouncyCastle"
    kinds = frozenset({Kind.RECORD})

    def version(self) -> str:
        """Of the module that holds them."""
        return f"BouncyCastle {_jar('bcpkix-jdk18on')}"

    def judge(self, artefacts: Sequence[Artefact]) -> list[Answer]:
        """All in one virtual machine."""
        return ask("BouncyJudge", artefacts)


class Missing(RuntimeError):
    """Java or Maven is not here, or Maven cannot bring what is asked for."""


def build() -> None:
    """The jars and the classes, unless they are there already; one process at a time. Raises Missing."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pom, sources = HERE / "pom.xml", sorted((HERE / "src").glob("*.java"))
        if _stale(BUILD / "lib.sha256", [pom]):
            shutil.rmtree(BUILD / "lib", ignore_errors=True)
            _run([_program("mvn"), "-B", "-q", "-f", str(pom), "dependency:copy-dependencies"])
            _fresh(BUILD / "lib.sha256", [pom])
        if _stale(BUILD / "classes.sha256", [pom, *sources]):
            shutil.rmtree(BUILD / "classes", ignore_errors=True)
            classes = ["-d", str(BUILD / "classes"), "-cp", str(BUILD / "lib" / "*")]
            _run([_program("javac"), *classes, *map(str, sources)])
            _fresh(BUILD / "classes.sha256", [pom, *sources])


def java(program: str, *arguments: str, questions: str = "") -> str:
    """What one of the programs in tests/foreign/src says to these lines. Raises RuntimeError when it stops badly."""
    path = os.pathsep.join((str(BUILD / "classes"), str(BUILD / "lib" / "*")))
    options = [
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-Duser.language=en",
        "-Duser.timezone=UTC",
    ]
    command = [_program("java"), *options, "-cp", path, program, *arguments]
    done = subprocess.run(command, input=questions, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr[-2000:]}")
    return done.stdout


def ask(program: str, artefacts: Sequence[Artefact]) -> list[Answer]:
    """The answers of one judge. Raises RuntimeError when one is missing."""
    build()
    with tempfile.TemporaryDirectory() as name:
        lines = [_line(number, artefact, Path(name)) for number, artefact in enumerate(artefacts)]
        said = java(program, questions="".join(lines))
    answers = {}
    for line in said.splitlines():
        number, outcome, words = line.split("\t", 2)
        answers[int(number)] = Answer(outcome == "accepted", words)
    if sorted(answers) != list(range(len(artefacts))):
        raise RuntimeError(f"{program}: {len(artefacts)} questions, {len(answers)} answers")
    return [answers[number] for number in range(len(artefacts))]


def _line(number: int, artefact: Artefact, folder: Path) -> str:
    """One question; what it names lies in `folder`, each content once."""
    data = [_digests(octets) if artefact.as_digests else _file(folder, octets) for _, octets in artefact.data]
    if artefact.imprint:
        data.append("=".join((artefact.imprint[0], artefact.imprint[1].hex())))
    fields = (
        str(number),
        artefact.kind.value,
        _file(folder, artefact.octets),
        artefact.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ":".join(_file(folder, pem.armor("CERTIFICATE", anchor)) for anchor in artefact.anchors),
        ":".join(_file(folder, octets) for octets in artefact.crls),
        ("rest" if artefact.discarded else "whole") if artefact.whole else "part",
        ":".join(data),
    )
    return "\t".join(fields) + "\n"


def _file(folder: Path, octets: bytes) -> str:
    path = folder / hashlib.sha256(octets).hexdigest()
    if not path.exists():
        path.write_bytes(octets)
    return str(path)


def _digests(octets: bytes) -> str:
    return ",".join(f"{name}={hashlib.new(name, octets).hexdigest()}" for name in DIGESTS)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Missing(f"the program {name} is not installed (scripts/servers installs it)")
    return found


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"{command[0]} failed: {(done.stdout + done.stderr)[-1500:]}")


def _jar(module: str) -> str:
    build()
    found = [path.name for path in (BUILD / "lib").glob(f"{module}-*.jar")]
    return ", ".join(re.sub(rf"^{module}-(.*)\.jar$", r"\1", name) for name in found)


def _stale(mark: Path, inputs: Sequence[Path]) -> bool:
    return not mark.exists() or mark.read_text(encoding="ascii") != _mark(inputs)


def _fresh(mark: Path, inputs: Sequence[Path]) -> None:
    mark.write_text(_mark(inputs), encoding="ascii")


def _mark(inputs: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
