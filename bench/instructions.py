#!/usr/bin/env python3
"""The regression guard: instructions of three small pieces of work, counted by callgrind, against instructions.txt. Counts do
not depend on the load of the machine, but on the compiler: a count is kept per compiler and build type.

    instructions.py PROGRAM --compiler "GNU 12.2.0" --build-type Release [--update]

Exits 77 (skipped) where valgrind is missing or nothing is kept for this compiler and build type."""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 0.05  # more is a regression, less is worth keeping with --update
kept_file = pathlib.Path(__file__).with_name("instructions.txt")
parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--compiler", required=True)
parser.add_argument("--build-type", default="")
parser.add_argument("--update", action="store_true")
options = parser.parse_args()
build = f"{options.compiler.split('.')[0]} {options.build_type}".strip().replace(" ", "-")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def count(what):
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", options.program, what],
            capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", ran.stderr)
    if ran.returncode != 0 or not found:
        sys.exit(f"{what}: exit {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return int(found.group(1))


if shutil.which("valgrind") is None:
    skip("valgrind is not installed")
kept = {}
for line in kept_file.read_text().splitlines() if kept_file.exists() else []:
    if line and not line.startswith("#"):
        of_build, what, value = line.split()
        kept[of_build, what] = int(value)
if not options.update and not any(of_build == build for of_build, _ in kept):
    skip(f"no counts are kept for {build}; --update adds them")
start = count("none")
failed = False
for what in ("queue", "parse", "job"):
    now = count(what) - start
    before = kept.get((build, what))
    change = "" if before is None else f", {100 * (now - before) / before:+.1f} % against {before:,}"
    print(f"{build} {what}: {now:,} instructions{change}")
    failed |= before is not None and now > before * (1 + TOLERANCE)
    kept[build, what] = now
if options.update:
    kept_file.write_text("# build work instructions: kept by instructions.py --update\n" +
                         "".join(f"{b} {w} {n}\n" for (b, w), n in sorted(kept.items())))
elif failed:
    sys.exit(f"more than {100 * TOLERANCE:.0f} % above what is kept: find out why, or keep the new count with --update")
