#!/usr/bin/env python3
"""Runs one recorded scenario and compares its trace with the recording: run.py ORRERY NAME"""
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent
orrery, name = sys.argv[1:]
scenario = here / "scenarios" / f"{name}.json"
with tempfile.TemporaryDirectory() as folder:
    trace = pathlib.Path(folder) / "trace.jsonl"
    ran = subprocess.run([orrery, "run", "-q", "--watch", str(trace), str(scenario)], capture_output=True, text=True)
    refusals = (here / "refused" / f"{name}.txt").exists()
    if ran.returncode not in ((2,) if refusals else (0,)):
        sys.exit(f"orrery run ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    sys.exit(subprocess.run([sys.executable, str(here / "compare.py"), str(here / "recorded" / f"{name}.jsonl"), str(trace),
                             "--scenario", str(scenario)]).returncode)
