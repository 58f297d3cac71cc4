"""How many lines of a written/spoken table are read exactly right, and the word error rate.

The table has the columns kind, written, spoken; "spoken" may list alternatives with " | ".
Compared without case, punctuation and spacing.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from broadcaster.speech import to_spoken


def words(text: str) -> list[str]:
    """What is compared: NFC, lower case, letters and figures only."""
    low = unicodedata.normalize("NFC", text).lower()
    return "".join(c if c.isalnum() else " " for c in low).split()


def distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Fewest words to change, add or leave out."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def cases(path: Path) -> list[tuple[str, str, list[list[str]]]]:
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return [
        (row[0], row[1], [words(way) for way in row[2].split(" | ")])
        for row in rows
        if len(row) >= 3 and not row[0].startswith("#")
    ]


def score(path: Path) -> dict[str, object]:
    """Figures for one table, and per kind the failures."""
    right = errors = total = 0
    failed: dict[str, int] = {}
    for kind, written, ways in cases(path):
        heard = words(to_spoken(written))
        best = min(ways, key=lambda way: distance(heard, way))
        wrong = distance(heard, best)
        right += wrong == 0
        errors += wrong
        total += len(best)
        failed[kind] = failed.get(kind, 0) + (wrong > 0)
    count = sum(1 for _ in cases(path))
    return {
        "lines": count,
        "right": right / max(1, count),
        "word_error_rate": errors / max(1, total),
        "failed": {kind: n for kind, n in failed.items() if n},
    }


def main() -> None:
    for name in sys.argv[1:]:
        figures = score(Path(name))
        print(f"{name}: {figures['right']:.1%} of {figures['lines']} lines exactly right,", end=" ")
        print(f"word error rate {figures['word_error_rate']:.2%}; failed: {figures['failed']}")


if __name__ == "__main__":
    main()
