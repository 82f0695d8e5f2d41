"""The market's numbers as plain, labelled pictures: SVG without scripts; pure."""

import sys
from collections.abc import Sequence
from typing import Any

import pygal
from pygal.style import Style

# It leaves a finder of its plug-ins behind, in Python 3.3's style: pytest stumbles over it.
sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, pygal.PluginImportFixer)]

_STYLE = Style(
    background="white",
    plot_background="white",
    colors=("#2563a8",),
    font_family="sans-serif",
    title_font_size=18,
    label_font_size=12,
    value_font_size=12,
)
_PLAIN: dict[str, Any] = {
    "style": _STYLE,
    "js": [],
    "show_legend": False,
    "explicit_size": True,
    "width": 800,
    "disable_xml_declaration": True,
    "print_values": True,
    "no_data_text": "",
}


def bars(title: str, unit: str, values: Sequence[tuple[str, float]]) -> bytes:
    """Draw a bar for each label, the first on top; titles say what is counted of what."""
    chart = pygal.HorizontalBar(**_PLAIN, title=title, x_title=unit, height=140 + 26 * len(values))
    chart.x_labels = [label for label, _ in reversed(values)]
    chart.add(unit, [value for _, value in reversed(values)])
    return _drawn(chart)


def line(title: str, unit: str, values: Sequence[tuple[str, float | None]]) -> bytes:
    """Draw a line from the first label to the last, with gaps where there is no value."""
    chart = pygal.Line(
        **_PLAIN,
        title=title,
        y_title=unit,
        height=400,
        include_x_axis=True,
        allow_interruptions=True,
        x_label_rotation=30,
        show_minor_x_labels=False,
        x_labels_major_every=max(1, len(values) // 12),
    )
    chart.x_labels = [label for label, _ in values]
    chart.add(unit, [value for _, value in values])
    return _drawn(chart)


def _drawn(chart: Any) -> bytes:
    chart.uuid = "chart"  # else each would be another, and never be found in a cache
    chart.add_xml_filter(_without_scripts)
    return str(chart.render(is_unicode=True)).encode()


def _without_scripts(root: Any) -> Any:
    for parent in [*root.iter()]:
        for child in [*parent]:
            if str(child.tag).endswith("script"):
                parent.remove(child)
    return root
