"""One target under fire, in this process: python -m fuzzing.one TARGET CORPUS FOUND SECONDS (called by __main__)."""

import resource
import sys
from pathlib import Path

import atheris

HANG = 5
"""Seconds that one input may take."""
MEMORY = 300
"""MB that it may take above what the process has when all seeds were read."""


def main() -> None:
    """Does not return: libFuzzer ends the process."""
    name, corpus, found, seconds = sys.argv[1:]
    with atheris.instrument_imports(include=["archiver"]):
        from fuzzing.targets import IN_DER, TARGETS
    from fuzzing.mutation import changed

    target = TARGETS[name]
    for path in sorted(Path(corpus).iterdir()):
        target(path.read_bytes())
    memory = MEMORY + resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={HANG}",
        f"-rss_limit_mb={memory}",
        f"-malloc_limit_mb={MEMORY}",
        f"-artifact_prefix={found}/{name}-",
        "-max_len=40000",
        "-print_final_stats=1",
    ]
    more = {"custom_mutator": lambda *given: changed(*given, atheris.Mutate)} if name in IN_DER else {}
    atheris.Setup(["fuzz", *options, corpus], target, **more)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
