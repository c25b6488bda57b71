#!/usr/bin/env python3
"""peers/simpy: the work of kernel/hold/exponential through SimPy 3 or 4. Prints the JSON that ratios.py reads, or says on
stderr that SimPy is missing and prints an empty result. simpy_hold.py [SIZE ...]"""
import json
import random
import sys
import time

sizes = [int(s) for s in sys.argv[1:]] or [1_000, 10_000, 100_000, 1_000_000]
EVENTS = 200_000
results = []
try:
    import simpy
except ImportError:
    print("SimPy is not installed: peers/simpy is skipped", file=sys.stderr)
    simpy = None


def hold(size):
    env, draw = simpy.Environment(), random.Random(1)
    entities = [[0, 0] for _ in range(size)]

    def set_timer(i):
        env.timeout(draw.expovariate(0.1), i).callbacks.append(fire)

    def fire(event):
        entity = entities[event.value]
        entity[0] += 1
        entity[1] = entity[1] * 31 + int(env.now) & 0xFFFFFFFF
        set_timer(event.value)

    for i in range(size):
        set_timer(i)
    for _ in range(size):
        env.step()
    start = time.process_time()
    for _ in range(EVENTS):
        env.step()
    return (time.process_time() - start) * 1e9 / EVENTS


if simpy is not None:
    for size in sizes:
        results.append({"name": f"peers/simpy/hold/exponential/{size}", "run_type": "iteration", "ns/event": hold(size)})
json.dump({"benchmarks": results}, sys.stdout, indent=1)
