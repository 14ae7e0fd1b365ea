"""What the comparisons share: how a round is timed, who is installed, and what a record says of it all."""

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

NEEDS = {"torch": ["torch"], "jax": ["jax", "jaxlib", "optax"]}

# Rounds of a process, and what a round takes at least: those of `ravine bench`.
ROUNDS, SECONDS = 9, 0.05


def timed(step):
    """Microseconds a step of every round."""

    def seconds(count):
        start = time.perf_counter()
        for _ in range(count):
            step()
        return time.perf_counter() - start

    seconds(3)
    count = 1
    while (took := seconds(count)) < SECONDS:
        count *= 8 if took < SECONDS / 20 else 2
    return [seconds(count) / count * 1e6 for _ in range(ROUNDS)]


def place(path):
    """Where a record is to be written: told before an hour of rounds whether it can be."""
    path = pathlib.Path(path)
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is no file in a folder that exists")
    return path


def positive(text):
    """A number of things, of which there is one at least."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text}, but at least 1 is wanted")
    return int(text)


def record_of(program, *flags):
    """A record of `ravine bench`."""
    with tempfile.TemporaryDirectory() as folder:
        record = pathlib.Path(folder) / "record.json"
        command = [program, "bench", *map(str, flags), "--record", record]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.loads(record.read_text())


def rounds_of(program, *flags):
    """Every round of a case of `ravine bench`."""
    return [us for us, _ in record_of(program, *flags)["timings"][0]["rounds"]]


def rust_rounds(program, threads, name, *case):
    """Every round of a peer in Rust, which takes its threads from rayon; `None` where it is not compiled in."""
    command = [program, name, *map(str, case), str(threads)]
    environment = os.environ | {"RAYON_NUM_THREADS": str(threads)}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment)
    return json.loads(done.stdout) if done.returncode == 0 else None


def installed():
    """The peers that can be timed."""
    return [name for name, all_of in NEEDS.items() if all(map(importlib.util.find_spec, all_of))]


def by_turns(sides, runs):
    """Every side's rounds, and how many times as long as ravine's they take, by medians and by the best."""
    rounds = {who: [] for who in sides}
    for _ in range(runs):
        for who, side in sides.items():
            rounds[who] += side()
    median, best = statistics.median(rounds["ravine"]), min(rounds["ravine"])
    for who, us in rounds.items():
        yield {
            "who": who, "us": statistics.median(us), "us_min": min(us), "rounds": us,
            "ravine_is": statistics.median(us) / median, "ravine_is_at_best": min(us) / best,
        }


HEAD = " ".join(f"{column:>11}" for column in ("best us", "median us", "of medians", "of best"))


def row(result):
    """Times and ratios of a side, under `HEAD`."""
    times = f"{result['us_min']:11.3f} {result['us']:11.3f}"
    return f"{times} {result['ravine_is']:10.2f}x {result['ravine_is_at_best']:10.2f}x"


def record(program, peers, runs, threads, results):
    """Results, and the machine and the versions that gave them."""
    version = record_of(program, "update", "--len", 1)
    return {
        "machine": f"{machine()}, {os.cpu_count()} threads, {platform.system().lower()}",
        "date": datetime.date.today().isoformat(),
        "load": os.getloadavg()[0],
        "threads": threads,
        "runs": runs,
        "rounds": ROUNDS,
        "versions": versions(peers) | {"ravine": version["version"], "rustc": version["rustc"]},
        "results": results,
    }


def versions(peers):
    """Of Python, and of all that the peers are made of."""
    packages = [package for name in peers for package in NEEDS.get(name, [name])]
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in packages}


def machine():
    """The processor's name, where the system tells it."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
