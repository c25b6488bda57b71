#!/usr/bin/env python3
"""Every malformed input is refused with exit code 2 and a located message, in bounded time and memory:
malformed.py ORRERY FOLDER"""
import pathlib
import resource
import subprocess
import sys

orrery, folder = sys.argv[1], pathlib.Path(sys.argv[2])



def limit():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


# A manifest is good input for the program; it is only no scenario.
GOOD = {"095-a-job-instead.json"}
files = sorted(p for p in folder.iterdir() if p.suffix in (".json", ".yaml", ".yml", ".txt", ".bin") and p.name not in GOOD)
bad = []
for f in files:
    try:
        ran = subprocess.run([orrery, "validate", str(f)], capture_output=True, timeout=10, preexec_fn=limit)
    except subprocess.TimeoutExpired:
        bad.append(f"{f.name}: does not end")
        continue
    text = ran.stderr.decode("utf-8", "replace")
    if ran.returncode != 2:
        bad.append(f"{f.name}: exit code {ran.returncode}: {text[:200]}")
    elif not text.strip():
        bad.append(f"{f.name}: says nothing")
    elif f.name not in text:
        bad.append(f"{f.name}: does not say where: {text[:200]}")
print(f"{len(files) - len(bad)} of {len(files)} refused as they should be")
if bad or len(files) < 200:
    sys.exit("\n".join(bad))
