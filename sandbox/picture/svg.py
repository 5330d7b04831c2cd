"""How is a picture written as SVG text? Elements, and one style for light and dark pages."""

from collections.abc import Sequence
from html import escape

_STRAIGHT = 0.02  # pixels
# A card of its own, so that the picture reads on any page; where the viewer prefers dark, dark.
_STYLE = """
text{font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;
font-size:12px;fill:#334155}
.card{fill:#ffffff;stroke:#cbd5e1}.title{font-size:17px;font-weight:600;fill:#0f172a}
.head{font-size:13px;font-weight:600;fill:#0f172a}.small{font-size:10.5px;fill:#64748b}
.grid{stroke:#e2e8f0}.axis{stroke:#94a3b8}.mark{stroke:#64748b;stroke-dasharray:4 4}
.ENERGY{fill:#0d9488}.TIME{fill:#3b82f6}.PARKING_TIME{fill:#f59e0b}.FLAT{fill:#8b5cf6}
.area{opacity:.8}.total{fill:none;stroke:#0f172a;stroke-width:2.2;stroke-linejoin:round}
.limit{stroke:#e11d48;stroke-dasharray:6 4}
.p0,.p1,.p2{fill:none;stroke-width:2.2;stroke-linejoin:round}
.p0{stroke:#7dd3fc}.p1{stroke:#0284c7}.p2{stroke:#1e3a8a}
.cell{stroke:#ffffff}.dark{fill:#f8fafc;font-size:9.5px}.light{fill:#0f172a;font-size:9.5px}
@media(prefers-color-scheme:dark){text{fill:#cbd5e1}.card{fill:#0f172a;stroke:#334155}
.title,.head{fill:#f1f5f9}.small{fill:#94a3b8}.grid{stroke:#1e293b}.axis{stroke:#64748b}
.total{stroke:#f8fafc}.p2{stroke:#818cf8}.cell{stroke:#0f172a}
.dark{fill:#f8fafc}.light{fill:#0f172a}.limit{stroke:#fb7185}}
"""


def document(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """The whole file; `title` is read by screen readers and shown on hovering."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(width)} {number(height)}"'
        f' width="{number(width)}" height="{number(height)}" role="img">'
    )
    card = rect(0.5, 0.5, width - 1, height - 1, "card", radius=10)
    lines = [head, f"<title>{escape(title)}</title>", f"<style>{_STYLE}</style>", card, *parts]
    return "\n".join([*lines, "</svg>\n"])


def number(value: float) -> str:
    """At most one decimal: a tenth of a pixel, alike on every machine."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{number(x)}" y="{number(y)}"{_class(kind)}{anchored}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    ends = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f"<line {ends}{_class(kind)}/>"


def rect(
    x: float, y: float, width: float, height: float, kind: str, *, radius: int = 0, fill: str = ""
) -> str:
    """`fill` stands in for the kind's colour, for scales of colours."""
    box = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    rounded = f' rx="{radius}"' if radius else ""
    filled = f' fill="{fill}"' if fill else ""
    return f"<rect {box}{rounded}{_class(kind)}{filled}/>"


def path(points: Sequence[tuple[float, float]], kind: str, *, closed: bool = False) -> str:
    steps = "L".join(f"{number(x)} {number(y)}" for x, y in _corners(points))
    return f'<path d="M{steps}{"Z" if closed else ""}"{_class(kind)}/>'


def _corners(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without the points that lie on the line between their neighbours."""
    kept = list(points[:1])
    for number_, (x, y) in enumerate(points[1:], 1):
        if number_ + 1 < len(points):
            (x0, y0), (x2, y2) = kept[-1], points[number_ + 1]
            aside = abs((x2 - x0) * (y - y0) - (x - x0) * (y2 - y0))
            if aside <= _STRAIGHT * max(abs(x2 - x0), abs(y2 - y0)):
                continue
        kept.append((x, y))
    return kept


def width_of(words: str) -> float:
    """About how wide 12 px letters are; for the places of a legend."""
    return 6.4 * len(words)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
