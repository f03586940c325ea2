"""veraPDF: whether a file is the PDF/A that it says it is (ISO 19005)."""

from collections.abc import Sequence
from pathlib import Path

from conformances.artefact import Answer
from conformances.java import build, java


def judge(files: Sequence[tuple[str, Path]]) -> list[Answer]:
    """A flavour (2b, 3b) and a path each; the clauses that are not met are the words. Raises Missing, RuntimeError."""
    build()
    questions = "".join(f"{number}\t{flavour}\t{path}\n" for number, (flavour, path) in enumerate(files))
    answers = {}
    for line in java("VeraJudge", questions=questions).splitlines():
        number, outcome, words = line.split("\t", 2)
        answers[int(number)] = Answer(outcome == "accepted", words)
    if sorted(answers) != list(range(len(files))):
        raise RuntimeError(f"VeraJudge: {len(files)} questions, {len(answers)} answers")
    return [answers[number] for number in range(len(files))]
