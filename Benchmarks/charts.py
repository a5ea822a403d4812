"""Draws the results as SVG: bars with their figures, readable on light and on dark ground."""
import json, os, sys
from xml.sax.saxutils import escape

COLOURS = {"limit": "#8a8f98", "minidns": "#e4572e", "gdnsd": "#3a86c8", "nsd": "#2a9d6f", "knot": "#8e6bbf", "bind": "#c79a1b", "pdns": "#6c7a89"}
STYLE = ("text{font:12px system-ui,sans-serif;fill:#24292f}.title{font-size:15px;font-weight:600}.group{font-weight:600}"
         ".note{fill:#57606a}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.note{fill:#9aa4af}}")
WORDS = {"small/mix": "100 records", "leaf/mix": "1 zone of many names", "tld/mix": "delegations", "tld/nx": "delegations, names that do not exist",
         "hosting/mix": "many zones", "signed-nsec/exist": "signed, names that exist", "signed-nsec/referral": "signed, referrals",
         "signed-nsec/nx": "NSEC, names that do not exist", "signed-nsec3/nx": "NSEC3, names that do not exist",
         "leaf": "1 zone of many names", "tld": "delegations", "hosting": "many zones", "signed-nsec": "signed, NSEC", "signed-nsec3": "signed, NSEC3", "small": "100 records"}

def chart(path, title, note, groups, figure):
    """`groups`: pairs of a name and {server: value}. A bar is as long as its part of the longest of its group."""
    left, width, bar, y, out = 70, 420, 16, 48, []
    for name, values in groups:
        out.append(f'<text class="group" x="10" y="{y + 12}">{escape(name)}</text>')
        y += 20
        longest = max(values.values()) or 1
        for server, value in values.items():
            length = max(1, value / longest * width)
            out += [f'<text x="{left - 6}" y="{y + 12}" text-anchor="end">{escape(server)}</text>',
                    f'<rect x="{left}" y="{y + 1}" width="{length:.0f}" height="{bar - 2}" rx="2" fill="{COLOURS.get(server, "#8a8f98")}"/>',
                    f'<text x="{left + length + 6:.0f}" y="{y + 12}">{escape(figure(value, name))}</text>']
            y += bar
        y += 12
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {y}" width="640" height="{y}" role="img">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f'<text class="title" x="10" y="20">{escape(title)}</text>', f'<text class="note" x="10" y="36">{escape(note)}</text>']
    with open(path, "w") as file: file.write("\n".join(head + out + ["</svg>"]) + "\n")

def draw(results, directory):
    os.makedirs(directory, exist_ok=True)
    names, records = results["servers"], results["records"]
    note = f"{results['date']}, {results['machine']}"
    def group(kind, values): return f"{WORDS.get(kind, kind)} ({records[kind.split('/')[0]]:,} records)", {
        name: values[name] for name in names if values.get(name) is not None}
    def groups(part): return [g for g in (group(kind, values) for kind, values in part.items()) if g[1]]
    speed = {kind: {name: m["per_second"] for name, m in by.items()} for kind, by in results["speed"].items()}
    chart(directory + "/throughput.svg", "Answers a second over UDP, one processor", note + "; limit does no DNS work",
          groups(speed), lambda value, _: f"{value:,.0f}")
    load = {kind: by for kind, by in results["load"].items() if kind != "small"}
    chart(directory + "/load.svg", "Seconds from the start to the first right answer", note, groups(load), lambda value, _: f"{value:.2f} s")
    memory = {kind: by for kind, by in results["memory"].items() if kind != "small"}
    chart(directory + "/memory.svg", "Memory of the whole server", note, groups(memory), lambda value, _: f"{value / 1e6:,.0f} MB")

if __name__ == "__main__":
    with open(sys.argv[1]) as file: draw(json.load(file), sys.argv[2])
