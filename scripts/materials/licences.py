"""Under which licence a package is: as its own metadata say, and as SPDX writes it."""

import re
from importlib.metadata import PackageNotFoundError, metadata

ALLOWED = frozenset(
    (
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EUPL-1.2", "ISC", "LGPL-3.0-only",
        "LGPL-3.0-or-later", "LLVM-exception", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
        "LicenseRef-DejaVu",
    )
)  # fmt: skip
"""What may be combined with the EUPL 1.2 and handed on with it, linked or bundled."""

_WORDS = (
    (r"Apache", "Apache-2.0"),
    (r"Mozilla Public License 2|MPL[ -]2", "MPL-2.0"),
    (r"Lesser General Public License v3 \(LGPLv3\)|LGPL.*3", "LGPL-3.0-only"),
    (r"Python Software Foundation|PSF", "PSF-2.0"),
    (r"BSD[ -]2|Simplified BSD", "BSD-2-Clause"),
    (r"BSD", "BSD-3-Clause"),
    (r"\bISC\b", "ISC"),
    (r"\bMIT\b", "MIT"),
    (r"Unlicense", "Unlicense"),
)


def licence(name: str) -> str:
    """The SPDX expression of an installed package; empty when nobody knows."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return ""
    if told["License-Expression"]:
        return str(told["License-Expression"])
    classified = [one for one in told.get_all("Classifier") or () if one.startswith("License ::")]
    for text in (*classified, str(told["License"] or "").split("\n")[0]):
        for words, found in _WORDS:
            if re.search(words, text):
                return found
    return ""


def allowed(expression: str) -> bool:
    """Whether one of the alternatives of an expression (`OR`) is allowed in all its parts (`AND`, `WITH`)."""
    bare = expression.replace("(", " ").replace(")", " ")
    return any(
        bool(parts) and all(part in ALLOWED for part in parts)
        for parts in (re.split(r"\s+(?:AND|WITH)\s+", one.strip()) for one in re.split(r"\s+OR\s+", bare))
    )
