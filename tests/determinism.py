#!/usr/bin/env python3
"""Same scenario, same bytes: twice, in another environment and locale, with and without a trace, and as pinned in
fingerprints.txt. determinism.py ORRERY SOURCE [--update]"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

orrery, source = sys.argv[1], pathlib.Path(sys.argv[2])
pinned_file = source / "tests" / "fingerprints.txt"
scenarios = sorted((source / "scenarios").rglob("*.json")) + sorted((source / "tests" / "conformance" / "scenarios").glob("job-*.json"))


def fingerprint(path, *options, env=None):
    ran = subprocess.run([orrery, "run", "-q", *options, str(path)], capture_output=True, text=True, env=env)
    found = re.search(r"^fingerprint: ([0-9a-f]{16})$", ran.stdout, re.M)
    if not found:
        sys.exit(f"{path}: no fingerprint\n{ran.stdout}{ran.stderr}")
    return found.group(1)


now = {str(p.relative_to(source)): fingerprint(p) for p in scenarios}
if "--update" in sys.argv:
    pinned_file.write_text("".join(f"{v}  {k}\n" for k, v in now.items()))
    sys.exit(0)
bad = []
pinned = dict(reversed(line.split()) for line in pinned_file.read_text().splitlines())
for name, value in now.items():
    if pinned.get(name) != value:
        bad.append(f"{name}: {value}, pinned {pinned.get(name)}")
with tempfile.TemporaryDirectory() as folder:
    for p in scenarios[:12]:
        name = str(p.relative_to(source))
        other = dict(os.environ, LC_ALL="tr_TR.UTF-8", TZ="Australia/Lord_Howe", PADDING="x" * 5000)
        a, b = pathlib.Path(folder) / "a.jsonl", pathlib.Path(folder) / "b.jsonl"
        if fingerprint(p, "--watch", str(a), env=other) != now[name]:
            bad.append(f"{name}: differs in another environment")
        fingerprint(p, "--watch", str(b))
        if a.read_bytes() != b.read_bytes():
            bad.append(f"{name}: two traces differ")
print(f"{len(now)} fingerprints")
if bad:
    sys.exit("\n".join(bad))
