"""Draws the results as SVG: bars with their figures, readable on light and on dark ground."""
import json, os, sys
from xml.sax.saxutils import escape

COLOURS = dict(limit="#8a8f98", minidns="#e4572e", gdnsd="#3a86c8", nsd="#2a9d6f", knot="#8e6bbf", bind="#c79a1b",
               pdns="#5b7083")
STYLE = """text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:15px;font-weight:600}
.group{font-weight:600}.note{fill:#57606a}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9aa4af}}"""
WORDS = {"small": "100 records", "leaf": "one large zone", "tld": "delegations", "hosting": "many zones",
         "signed-nsec": "signed, NSEC", "signed-nsec3": "signed, NSEC3", "nx": "names that do not exist",
         "mix": "one in ten does not exist", "exist": "names that exist", "referral": "referrals"}
COLUMN, LEFT, LONGEST, BAR = 440, 66, 260, 16

def chart(path, title, note, groups, figure):
    """`groups`: pairs of a name and {server: value}. A bar is as long as its part of the longest of its group."""
    out, y = [], [48, 48]
    for name, values in groups:
        column = y[1] < y[0]
        x, at = column * COLUMN, y[column]
        out.append(f'<text class="group" x="{x + 10}" y="{at + 12}">{escape(name)}</text>')
        for number, (server, value) in enumerate(values.items()):
            length, top = max(1, round(value / max(values.values()) * LONGEST)), at + 18 + number * BAR
            out += [f'<text x="{x + LEFT - 6}" y="{top + 12}" text-anchor="end">{escape(server)}</text>',
                    f'<rect x="{x + LEFT}" y="{top + 1}" width="{length}" height="{BAR - 2}" rx="2" '
                    f'fill="{COLOURS.get(server, "#8a8f98")}"/>',
                    f'<text x="{x + LEFT + length + 6}" y="{top + 12}">{figure(value)}</text>']
        y[column] += len(values) * BAR + 32
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * COLUMN} {max(y)}" role="img">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f'<text class="title" x="10" y="20">{escape(title)}</text>',
            f'<text class="note" x="10" y="36">{escape(note)}</text>']
    with open(path, "w") as file: file.write("\n".join(head + out + ["</svg>"]) + "\n")

def draw(results, directory):
    os.makedirs(directory, exist_ok=True)
    note = f"{results['date']}, {results['machine']}"
    def groups(part, value=lambda measured: measured):
        for kind, by in part.items():
            zone, _, asked = kind.partition("/")
            words = WORDS[zone] + (": " + WORDS[asked] if asked else "")
            if zone != "small": words += f" ({results['records'][zone]:,} records)"
            bars = {name: value(by[name]) for name in results["servers"] if by.get(name) is not None}
            if bars: yield words, bars
    def large(part): return {kind: by for kind, by in part.items() if kind != "small"}
    chart(directory + "/throughput.svg", "Answers a second over UDP, one processor", note + "; limit does no DNS work",
          groups(results["speed"], lambda measured: measured["per_second"]), lambda value: f"{value:,.0f}")
    chart(directory + "/load.svg", "From the start to the first right answer", note, groups(large(results["load"])),
          lambda value: f"{value:.2f} s")
    chart(directory + "/memory.svg", "Memory of the whole server", note, groups(large(results["memory"])),
          lambda value: f"{value / 1e6:,.0f} MB")

if __name__ == "__main__":
    with open(sys.argv[1]) as file: draw(json.load(file), sys.argv[2])
