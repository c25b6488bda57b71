#!/usr/bin/env python3
"""What the program prints about scenarios, word for word: run.py ORRERY SOURCE [--update]

cases.txt holds a line for each text: `GOLDEN: ARGUMENTS`, the arguments as typed, with paths from the root of the
repository; a golden file holds the standard output, then (if any) the standard error behind a line `stderr:`, then
`exit N` unless N is 0. --update writes them anew: look at what changed before you keep it."""
import difflib
import pathlib
import shlex
import subprocess
import sys

orrery, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
update = "--update" in sys.argv[3:]
here = source / "tests" / "printed"
bad, names = [], set()
for number, line in enumerate((here / "cases.txt").read_text().splitlines(), 1):
    if not line.strip() or line.startswith("#"):
        continue
    name, _, arguments = line.partition(": ")
    if name in names or not arguments:
        sys.exit(f"cases.txt:{number}: a name twice, or no arguments")
    names.add(name)
    ran = subprocess.run([orrery, *shlex.split(arguments)], capture_output=True, text=True, cwd=source)
    got = ran.stdout + (f"stderr:\n{ran.stderr}" if ran.stderr else "") + (f"exit {ran.returncode}\n" if ran.returncode else "")
    golden = here / f"{name}.txt"
    if update:
        golden.write_text(got)
    elif not golden.exists():
        bad.append(f"{golden.name} is missing (--update writes it)")
    elif golden.read_text() != got:
        bad.append("".join(difflib.unified_diff(golden.read_text().splitlines(True), got.splitlines(True), golden.name, f"orrery {arguments}")))
stray = sorted(p.name for p in here.glob("*.txt") if p.name != "cases.txt" and p.stem not in names)
if stray:
    bad.append("belong to no case: " + ", ".join(stray))
print(f"{len(names)} texts, {len(bad)} unequal")
if bad or not names:
    sys.exit("\n".join(bad) or "no case")
