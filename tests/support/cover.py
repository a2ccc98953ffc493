"""Line coverage of ext/ over all objects of a build folder, merged, least covered first.

The loadable and the core objects are two compilations of the same sources, so a line counts
as covered when any of them ran it.
"""

import argparse
import json
import pathlib
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--minimum", type=float, default=0)
parser.add_argument("build", type=pathlib.Path)
options = parser.parse_args()

lines = {}
for data in options.build.rglob("*.gcda"):
    command = ["gcov", "--json-format", "--stdout", str(data)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for document in output.splitlines():
        for file in json.loads(document)["files"]:
            if not file["file"].startswith("ext/"):
                continue
            counts = lines.setdefault(file["file"], {})
            for line in file["lines"]:
                number = line["line_number"]
                counts[number] = counts.get(number, 0) + line["count"]

if not lines:
    sys.exit("no coverage data in " + str(options.build))


def percent(counts):
    return 100 * sum(map(bool, counts)) / max(1, len(counts))


for name in sorted(lines, key=lambda name: percent(lines[name].values())):
    missed = [str(n) for n, count in sorted(lines[name].items()) if not count]
    print(f"{percent(lines[name].values()):6.1f} %  {name}  {' '.join(missed[:20])}")
total = percent([count for counts in lines.values() for count in counts.values()])
print(f"{total:6.1f} %  in all")
sys.exit(0 if total >= options.minimum else f"below {options.minimum} %")
