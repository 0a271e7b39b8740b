"""Results, and the table that is printed at the end."""

import json
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Result:
    """One row: what was measured in each round, what bounds it, and what is to be reached."""

    name: str
    unit: str
    measured: list
    limit: list
    reach: float
    # Whether the ratio may be at most `reach`; otherwise it must be at least that.
    at_most: bool = False
    # Without a limit the measure itself is compared with `reach`.
    bare: bool = False
    # Whether the ratio is that of the middle round, in the place of that of the middle numbers: for many short rounds,
    # both sides of which the machine's moods touch.
    paired: bool = False
    notes: dict = field(default_factory=dict)

    @property
    def ratios(self):
        return self.measured if self.bare else [a / b for a, b in zip(self.measured, self.limit)]

    @property
    def ratio(self):
        if self.bare or self.paired:
            return median(self.ratios)
        return median(self.measured) / median(self.limit)

    @property
    def reached(self):
        return self.ratio <= self.reach if self.at_most else self.ratio >= self.reach

    def as_json(self):
        return {
            "name": self.name,
            "unit": self.unit,
            "measured": self.measured,
            "limit": self.limit,
            "ratio": self.ratio,
            "spread": [min(self.ratios), max(self.ratios)],
            "reach": self.reach,
            "atMost": self.at_most,
            "reached": self.reached,
            **({"notes": self.notes} if self.notes else {}),
        }


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 100 else f"{value:.2f}"


def table(results):
    rows = [("measure", "unit", "measured", "limit", "ratio", "spread", "reach", "")]
    rows += [
        (
            each.name,
            each.unit,
            number(median(each.measured)),
            number(median(each.limit)) if each.limit else "-",
            "-" if each.bare else f"{each.ratio:.2f}",
            "-" if len(each.ratios) < 2 else f"{min(each.ratios):.2f} to {max(each.ratios):.2f}",
            f"{'<=' if each.at_most else '>='} {each.reach:g}",
            "reached" if each.reached else "NOT reached",
        )
        for each in results
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for index, row in enumerate(rows):
        cells = [
            cell.ljust(width) if column in (0, 1, 6, 7) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  ".join(cells).rstrip())
        if index == 0:
            lines.append("  ".join("-" * width for width in widths))
    return "\n".join(lines)


def write_json(path, results, about):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**about, "results": [each.as_json() for each in results]}, file, indent=2)
        file.write("\n")
