#!/usr/bin/env python3
"""Validates one refused scenario and compares the words with the API server's: refused.py ORRERY NAME"""
import pathlib
import re
import subprocess
import sys

here = pathlib.Path(__file__).parent
orrery, name = sys.argv[1:]
ran = subprocess.run([orrery, "validate", str(here / "scenarios" / f"{name}.json")], capture_output=True, text=True)
said = [re.sub(r"^.*refused at ", "", line) for line in ran.stderr.splitlines()]
said = [re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<uid>", line) for line in said]
wanted = (here / "refused" / f"{name}.txt").read_text().splitlines()
if ran.returncode != 2 or said != wanted:
    sys.exit(f"exit code {ran.returncode}\nwanted: {wanted}\nsaid:   {said}")
