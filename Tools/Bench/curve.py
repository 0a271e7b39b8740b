"""Messages at rates from a few a second to the peak: how long they take and what they cost, beside pgbench, drawn."""

import json
from dataclasses import dataclass
from math import log10

from chat import chat_messages, messages_in_pgbench
from costs import message_at
from processor import Meter
from tools import ToolFailure, paced_pgbench

# Messages a second; those above the peak are left out.
RATES = (10, 30, 100, 200, 500, 1000, 2000, 3000, 4000, 5000, 7000, 10_000)


@dataclass
class Point:
    """What one rate gave: milliseconds."""

    rate: float
    p50: float
    p99: float
    cost: float


def measure(bench):
    """Two lines of points: ours, and those of the same statements in pgbench."""
    chat_messages(bench)
    peak = bench.peaks["message"]
    rates = [rate for rate in RATES if rate < 0.9 * peak] + [int(0.9 * peak)]
    ours, bare = [], []
    for rate in rates:
        latency, parts = message_at(bench, rate)
        ours.append(Point(rate, latency["p50"], latency["p99"], sum(parts.values())))
        bench.say(
            f"curve: {rate}/s: p50 {ours[-1].p50:.2f}, p99 {ours[-1].p99:.2f}, {ours[-1].cost:.2f} ms of processor"
        )
        try:
            found = paced_pgbench(
                *messages_in_pgbench(bench, 100), rate, bench.seconds, lambda: Meter(bench.stack.pids), clients=64
            )
        except ToolFailure as failure:
            bench.say(f"curve: pgbench at {rate}/s: {failure}")
            continue
        bare.append(Point(rate, found["p50"], found["p99"], found["cost"]))
    return {"ours": ours, "pgbench": bare}


# Drawing. Coordinates are of the picture's own units.

WIDTH, HEIGHT, LEFT, TOP, GAP = 860, 330, 52, 40, 76
PANEL = (WIDTH - LEFT - GAP - 16) / 2
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #333 }
  .title { font-weight: 600 }
  .grid { stroke: #ddd; stroke-width: 1 }
  .line { fill: none; stroke-width: 2 }
  .ours { stroke: #0b62a8 } .pgbench { stroke: #a85b0b }
  .ours.text { stroke: none; fill: #0b62a8 } .pgbench.text { stroke: none; fill: #a85b0b }
  .p99 { stroke-dasharray: 5 4 }
  @media (prefers-color-scheme: dark) {
    text { fill: #ccc } .grid { stroke: #444 }
    .ours { stroke: #6db3f2 } .pgbench { stroke: #f2a65a }
    .ours.text { fill: #6db3f2 } .pgbench.text { fill: #f2a65a }
  }
"""


class Panel:
    """A field with logarithmic axes."""

    def __init__(self, left, title, points, values):
        rates, numbers = [point.rate for point in points], [value for value in values if value > 0]
        self.left, self.title = left, title
        self.rates = (log10(min(rates)), log10(max(rates)))
        self.values = (log10(min(numbers)) - 0.08, log10(max(numbers)) + 0.08)

    def x(self, rate):
        low, high = self.rates
        return self.left + PANEL * (log10(rate) - low) / (high - low)

    def y(self, value):
        low, high = self.values
        bottom = HEIGHT - 52
        return bottom - (bottom - TOP) * (log10(value) - low) / (high - low)

    def axes(self):
        parts = [f'<text class="title" x="{self.left:.0f}" y="22">{self.title}</text>']
        for power in range(-2, 5):
            for digit in (1, 2, 5):
                number = digit * 10**power
                if self.values[0] <= log10(number) <= self.values[1]:
                    y = self.y(number)
                    right = self.left + PANEL
                    parts.append(
                        f'<line class="grid" x1="{self.left:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
                        f'<text x="{self.left - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{number:g}</text>'
                    )
                if digit == 1 and self.rates[0] <= log10(number) <= self.rates[1]:
                    x = self.x(number)
                    parts.append(
                        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - 52}"/>'
                        f'<text x="{x:.1f}" y="{HEIGHT - 34}" text-anchor="middle">{number:,}</text>'
                    )
        parts.append(
            f'<text x="{self.left + PANEL / 2:.1f}" y="{HEIGHT - 14}" text-anchor="middle">messages a second</text>'
        )
        return parts

    def line(self, who, points, value, style=""):
        place = " ".join(f"{self.x(point.rate):.1f},{self.y(value(point)):.1f}" for point in points if value(point) > 0)
        return f'<polyline class="line {who} {style}" points="{place}"/>'


def drawn(curves):
    """The picture, as SVG."""
    every = [point for points in curves.values() for point in points]
    latency = Panel(LEFT, "Latency in ms", every, [time for point in every for time in (point.p50, point.p99)])
    cost = Panel(LEFT + PANEL + GAP, "Processor time of a message in ms", every, [point.cost for point in every])
    parts = latency.axes() + cost.axes()
    for who, points in curves.items():
        parts.append(latency.line(who, points, lambda point: point.p50))
        parts.append(latency.line(who, points, lambda point: point.p99, "p99"))
        parts.append(cost.line(who, points, lambda point: point.cost))
    legend = [
        ("ours", "Orderline: all servers, told to two sockets"),
        ("pgbench", "pgbench: PostgreSQL, the same statements"),
    ]
    for column, (who, text) in enumerate(legend):
        parts.append(f'<text class="{who} text" x="{LEFT + 290 * column}" y="{HEIGHT + 14}">{text}</text>')
    parts.append(f'<text x="{WIDTH - 16}" y="{HEIGHT + 14}" text-anchor="end">solid: median, dashed: p99</text>')
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 28}" role="img">\n'
        f"<title>Latency and processor time of messages by their rate</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def write(bench, path):
    """Measures, and writes the picture to `path` and the numbers beside it."""
    curves = measure(bench)
    path.write_text(drawn(curves), encoding="utf-8")
    numbers = {who: [vars(point) for point in points] for who, points in curves.items()}
    path.with_suffix(".json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
