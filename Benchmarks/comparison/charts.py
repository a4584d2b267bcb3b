"""Draws what was measured: bars for a row with its peers, lines for rows that differ in one number. SVG."""

from math import ceil, floor, log10
from pathlib import Path
from statistics import median

import pygal
from pygal.style import CleanStyle

from .report import Results, best_peer, is_server, measured, ratio_of
from .scale import FAMILIES, Family

LOOK = {
    "style": CleanStyle(font_family="sans-serif", title_font_size=18, label_font_size=12, major_label_font_size=12),
    # Who opens a chart is not to fetch a program from elsewhere.
    "js": (),
}
OWN_COLOUR = "#d9480f"
OTHERS_COLOUR = "#868e96"


def draw(results: Results, subject: str, folder: Path) -> list[str]:
    """Writes a chart for each row that has peers, one for each family, and one of all ratios; returns their names."""
    drawn = []

    def write(chart: pygal.graph.graph.Graph, name: str) -> None:
        chart.render_to_file(str(folder / name))
        drawn.append(name)

    members = {f"{name}-{number}" for name, family in FAMILIES.items() for number in family.rows}
    for key, (row, samples) in results.items():
        medians = {name: median(values) for name, taken in samples.items() if (values := measured(taken))}
        if key not in members and len(medians) > 1:
            write(bars(row.title, row.unit, medians, row.subject or subject), f"{key}.svg")
    for name, family in FAMILIES.items():
        if any(measured(taken) for number in family.rows for taken in samples_of(results, f"{name}-{number}")):
            write(lines(name, family, results), f"{name}.svg")
    if ratios := ratios_to_best(results, subject):
        write(bars(f"{subject} to the best peer of each row; under 1 is better", "ratio", ratios), "ratios.svg")
    return drawn


def samples_of(results: Results, key: str) -> list:
    return list(results[key][1].values()) if key in results else []


def bars(title: str, unit: str, values: dict[str, float], subject: str = "") -> pygal.HorizontalBar:
    """One bar for each name, with that of the subject in a colour of its own."""
    least, most = min(values.values()), max(values.values())
    chart = pygal.HorizontalBar(show_legend=False, print_values=True, height=80 + 40 * len(values), **LOOK)
    # Beside one that is a hundred times as long, a short bar would not be seen.
    chart.logarithmic = least > 0 and most > 100 * least
    if chart.logarithmic:
        powers = [10**power for power in range(floor(log10(least)) - 1, ceil(log10(most)) + 1)]
        chart.range, chart.zero, chart.y_labels = (powers[0], powers[-1]), powers[0], powers
    else:
        chart.range = (0, most)
    chart.title = f"{title} ({unit}; less is better)"
    # The library draws the first at the bottom.
    ordered = sorted(values.items(), key=lambda pair: pair[1], reverse=True)
    chart.x_labels = [name for name, _ in ordered]
    chart.add("", [bar(value, OWN_COLOUR if name == subject else OTHERS_COLOUR) for name, value in ordered])
    return chart


def bar(value: float, colour: str) -> dict:
    return {"value": value, "color": colour, "formatter": lambda shown: f"{shown:.2f}"}


def lines(name: str, family: Family, results: Results) -> pygal.XY:
    chart = pygal.XY(legend_at_bottom=True, x_title=family.axis, **LOOK)
    points: dict[str, list[tuple[int, float]]] = {}
    unit = ""
    for number in family.rows:
        if f"{name}-{number}" not in results:
            continue
        row, samples = results[f"{name}-{number}"]
        unit = row.unit
        for server, taken in samples.items():
            if values := measured(taken):
                points.setdefault(server, []).append((number, median(values)))
    chart.title = f"{family.title} ({unit}; less is better)"
    chart.logarithmic = max(y for line in points.values() for _, y in line) > 1000
    places = {number: place for place, number in enumerate(family.rows)}
    # Numbers that grow tenfold stand at equal distances.
    chart.x_labels = [{"value": place, "label": f"{number:,}"} for number, place in places.items()]
    for server, line in points.items():
        chart.add(server, [(places[number], value) for number, value in line])
    return chart


def ratios_to_best(results: Results, subject: str) -> dict[str, float]:
    ratios = {}
    for key, (_, samples) in results.items():
        peer = best_peer(samples, subject)
        if subject in samples and is_server(peer) and (ratio := ratio_of(samples, subject, peer)):
            ratios[f"{key} ({peer})"] = ratio
    return ratios
