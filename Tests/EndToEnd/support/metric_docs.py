"""Reads the tables of docs/metrics.md."""

import re
from typing import NamedTuple

from support.gateway import REPOSITORY

PAGE = REPOSITORY / "docs" / "metrics.md"
_ROW = re.compile(r"\| `(\w+)` \| (\w+) \|([^|]*)\|([^|]*)\|[^|]*\|")
_CONDITION = re.compile(r"only with `([\w-]+)`")


class Family(NamedTuple):
    """One row: a family, and the setting without which it does not appear."""

    type: str
    labels: frozenset
    only_with: str | None


def documented():
    families = {}
    for line in PAGE.read_text().splitlines():
        if not re.match(r"\| `(?:martlet|process)_", line):
            continue
        match = _ROW.fullmatch(line)
        assert match, f"not a row of docs/metrics.md: {line}"
        name, kind, labels, meaning = match.groups()
        assert name not in families, f"{name} is documented twice"
        condition = _CONDITION.search(meaning)
        families[name] = Family(kind, frozenset(re.findall(r"`(\w+)`", labels)), condition and condition.group(1))
    return families
