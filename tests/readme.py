#!/usr/bin/env python3
"""Runs the commands of the README whose output it shows, and compares: readme.py ORRERY SOURCE
A block of the kind ```console holds `$ orrery …` lines, each followed by what it prints."""
import pathlib
import re
import shlex
import subprocess
import sys

orrery, source = sys.argv[1], pathlib.Path(sys.argv[2])
bad = []
count = 0
for document in ("README.md", "models/README.md", "scenarios/README.md"):
    text = (source / document).read_text()
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for command, output in re.findall(r"^\$ orrery ([^\n]*)\n((?:(?!\$ ).*\n?)*)", block, re.M):
            ran = subprocess.run([orrery, *shlex.split(command)], capture_output=True, text=True, cwd=source)
            count += 1
            wanted = [line.rstrip() for line in output.rstrip("\n").split("\n")]
            got = [line.rstrip() for line in ran.stdout.rstrip("\n").split("\n")]
            if wanted != got:
                bad.append(f"{document}: orrery {command}\n--- documented\n" + "\n".join(wanted) + "\n--- printed\n" + "\n".join(got) + "\n" + ran.stderr)
print(f"{count} commands")
if bad or count == 0:
    sys.exit("\n".join(bad) or "no command found")
