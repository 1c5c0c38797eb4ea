"""Figures, the budgets they are held against, and the table that shows both."""
import math
import statistics
from typing import NamedTuple


class Figure(NamedTuple):
    name: str
    value: float
    unit: str = "x"            # "x" is a ratio
    must: float | None = None  # the budget; a value above it is a miss
    aim: float | None = None
    spread: str = ""

    @property
    def verdict(self):
        if self.must is None:
            return ""
        if math.isnan(self.value):
            return "unknown"
        if self.value > self.must:
            return "MISSED"
        return "aim" if self.aim is None or self.value <= self.aim else "must"

    def as_json(self):
        return self._asdict() | {"verdict": self.verdict}


def ratio(name, ours, theirs, must=None, aim=None):
    """The median of the ratios round by round: what slows a whole round then cancels out."""
    ratios = [mine / other for mine, other in zip(ours, theirs) if other > 0]
    if not ratios:
        return Figure(name, float("nan"), must=must, aim=aim)
    return Figure(name, statistics.median(ratios), must=must, aim=aim, spread=f"{min(ratios):.2f}..{max(ratios):.2f}")


def amount(value, unit):
    if value is None:
        return ""
    if math.isnan(value):
        return "unknown"
    digits = 2 if unit == "x" or abs(value) < 10 else 1 if abs(value) < 100 else 0
    text = f"{value:.{digits}f}"
    if value in (0, round(value)) and unit != "x":
        text = f"{value:.0f}"
    return text if unit == "x" else f"{text} {unit}".rstrip()


def table(figures):
    rows = [("figure", "value", "rounds", "must", "aim", "verdict")]
    for figure in figures:
        rows.append((figure.name, amount(figure.value, figure.unit), figure.spread,
                     "" if figure.must is None else "<= " + amount(figure.must, figure.unit),
                     "" if figure.aim is None else "<= " + amount(figure.aim, figure.unit), figure.verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
        if number == 0:
            lines.append("-" * (sum(widths) + 2 * (len(widths) - 1)))
    return "\n".join(lines)
