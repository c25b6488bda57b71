#!/usr/bin/env python3
"""Runs the benchmarks of one build folder, prints the ratios that matter and whether each is what it is meant to be.

    bench/ratios.py build/bench/bench [--repetitions 5] [--processes 1] [--only queue|peers|run] [--save FILE.json]

Ratios are of medians of one run on one machine; they carry over to others, nanoseconds do not. Where memory falls differently into
the caches from process to process, medians over several processes say more. What is not built or not
installed is left out and said so. Exits 1 when a target is missed."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder", type=pathlib.Path, help="where the programs are")
parser.add_argument("--repetitions", type=int, default=5)
parser.add_argument("--processes", type=int, default=1, help="how often each program is started, in turns with the others")
parser.add_argument("--only", choices=["queue", "peers", "run"])
parser.add_argument("--save", type=pathlib.Path, help="all single values as JSON")
parser.add_argument("--simpy", default=sys.executable, help="the Python that has SimPy")
options = parser.parse_args()
values = {}  # name -> list of (ns or counters)


def collect(command):
    ran = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True)
    try:
        found = json.loads(ran.stdout)["benchmarks"]
    except (ValueError, KeyError):
        print(f"no result: {' '.join(str(c) for c in command)}", file=sys.stderr)
        return
    for b in found:
        if b.get("run_type", "iteration") != "iteration":
            continue
        name = b["name"].split("/iterations:")[0]
        if b.get("error_occurred"):
            print(f"{name}: {b['error_message']}", file=sys.stderr)
            continue
        values.setdefault(name, []).append(b)


def program(name, pattern):
    path = options.folder / name
    if not path.exists():
        print(f"{name} is not built: left out", file=sys.stderr)
        return
    collect([path, f"--benchmark_filter={pattern}", f"--benchmark_repetitions={options.repetitions}", "--benchmark_format=json"])


def of(name, field=None):
    """The median; in nanoseconds of CPU time per event without a field."""
    if name not in values:
        return None
    return statistics.median(b[field] if field else b.get("ns/event", b.get("cpu_time")) for b in values[name])


missed = 0


def check(text, value, at_least=None, at_most=None, digits=2):
    global missed
    if value is None:
        return
    met = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    missed += not met
    wanted = f">= {at_least:,}" if at_least is not None else f"<= {at_most:,}"
    print(f"{'met   ' if met else 'MISSED'} {text:62} {value:12,.{digits}f}   wanted {wanted}")


def ratio(slow, fast):
    a, b = of(slow), of(fast)
    return a / b if a and b else None


SIZES = [1_000, 10_000, 100_000, 1_000_000]
if options.only in (None, "queue"):
    for _ in range(options.processes):
        program("bench_event_queue", "queue/(hold|cancel)/.*/(1000|10000|100000|1000000)/")
    hold = "queue/hold/exponential"
    for n in SIZES:
        check(f"queue, hold, {n:,}: times the bare floor", ratio(f"{hold}/orrery/{n}", f"{hold}/floor/{n}"), at_most=1.3)
    for n, target in zip(SIZES, (1.7, 2.2, 3.5, 2.5)):
        check(f"queue, hold, {n:,}: faster than std::priority_queue", ratio(f"{hold}/std/{n}", f"{hold}/orrery/{n}"), at_least=target)
    for n in SIZES:
        check(f"queue, cancel mix, {n:,}: faster than std::priority_queue", ratio(f"queue/cancel/std/{n}", f"queue/cancel/orrery/{n}"), at_least=2)
    check("queue, hold, 1,000,000: bytes per pending event", of(f"{hold}/orrery/1000000", "bytes/pending"), at_most=64)
    for n in SIZES:
        check(f"queue, hold, {n:,}: allocations per event", of(f"{hold}/orrery/{n}", "alloc/event"), at_most=0.001, digits=6)
if options.only in (None, "peers"):
    ours, work, n = "kernel", "hold/exponential", 100_000
    script = pathlib.Path(__file__).parent / "peers" / "simpy_hold.py"
    for turn in range(options.processes):
        program("bench_event_queue", f"kernel/{work}/{n}/")
        program("bench_peer_ns3", f"{work}/{n}/")
        program("bench_peer_simgrid", f"{work}/{n}/")
        for _ in range(min(3, options.repetitions) if turn == 0 else 1):
            collect([options.simpy, script, n])
        program("bench_event_queue", f"queue/{work}/orrery/{n}/")
    ns3 = [of(name) for name in values if name.startswith("peers/ns3-") and name.endswith(f"{work}/{n}")]
    mine, bare = of(f"{ours}/{work}/{n}"), of(f"queue/{work}/orrery/{n}")
    # The others dispatch what they pop, so the kernel is what compares; the queue alone is told beside it.
    for name, other in (("ns-3's best scheduler", min(ns3) if ns3 else None), ("SimGrid's timers", of(f"peers/simgrid/{work}/{n}")), ("SimPy", of(f"peers/simpy/{work}/{n}"))):
        if other and bare:
            print(f"       queue alone, hold, {n:,}: faster than {name:29} {other / bare:12,.2f}")
    if ns3 and mine:
        check(f"kernel, hold, {n:,}: faster than ns-3's best scheduler", min(ns3) / mine, at_least=4.5)
    check(f"kernel, hold, {n:,}: faster than SimGrid's timers", ratio(f"peers/simgrid/{work}/{n}", f"{ours}/{work}/{n}"), at_least=18)
    check(f"kernel, hold, {n:,}: faster than SimPy", ratio(f"peers/simpy/{work}/{n}", f"{ours}/{work}/{n}"), at_least=50)
if options.only in (None, "run"):
    data = os.environ.get("ORRERY_DATA")
    pattern = "run/job/1000000/realistic|run/daemonset/50000/" + ("|run/k8s-sims/1200/" if data else "")
    program("bench_run", pattern)
    job = "run/job/1000000/realistic"
    if job in values:
        check("a Job of 1,000,000 completions: pods per CPU second", of(job, "pods/s"), at_least=300_000, digits=0)
    daemon = of("run/daemonset/50000/realistic")
    check("a DaemonSet over 50,000 nodes: CPU seconds", daemon and daemon / 1000, at_most=5)
    sims = "run/k8s-sims/1200/realistic"
    if sims in values:
        check("k8s-sims 1,200/7,064 from YAML: CPU seconds", of(sims) / 1000, at_most=0.3)
        check("k8s-sims 1,200/7,064 from YAML: peak MB", of(sims, "peak-MB"), at_most=100, digits=0)
if options.save:
    options.save.write_text(json.dumps(values, indent=1))
print(f"\n{missed} missed" if missed else "\nall met")
sys.exit(1 if missed else 0)
