"""A file that is there whole or as it was before."""

import os
from pathlib import Path


def replaced(path: Path, octets: bytes) -> None:
    """Writes `octets` beside, durably, and gives them the name of `path`."""
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
