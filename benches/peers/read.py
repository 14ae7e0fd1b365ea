"""Reads files of data with NumPy, pandas and ravine in turn, and prints one table of their speeds.

Every reader ends with the features as f32 in memory. Files are warm in the page cache.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

import numpy as np
import pandas as pd

COLS = 64


def files(folder, ravine, size):
    """Makes a file of about `size` bytes in each format: name, and how ravine is told of it."""
    draws = np.random.default_rng(0)
    for name, rows in [
        ("x.csv", size // 720),
        ("small.csv", size // 7200),
        ("x.npz", size // (4 * COLS)),
    ]:
        command = [ravine, "generate", "--rows", str(rows), "--cols", str(COLS)]
        subprocess.run([*command, "--out", folder / name, "--json"], check=True, stdout=subprocess.DEVNULL)
    for kind, bytes_each in [("f4", 4), ("f8", 8)]:
        x = draws.standard_normal((size // (bytes_each * COLS), COLS)).astype(kind)
        np.save(folder / f"{kind}.npy", x)
        np.save(folder / f"{kind}-y.npy", x[:, 0])
    pixels = draws.integers(0, 256, (size // 784, 28, 28), dtype="u1")
    write_idx(folder / "x-ubyte", pixels)
    write_idx(folder / "y-ubyte", pixels[:, 0, 0] % 10)


def write_idx(path, array):
    head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    path.write_bytes(head + array.tobytes())


def read_idx(path):
    head = path.open("rb").read(16)
    shape = [int.from_bytes(head[at : at + 4], "big") for at in range(4, 4 + 4 * head[3], 4)]
    return np.fromfile(path, "u1", offset=4 + 4 * head[3]).reshape(shape[0], -1).astype("f4")


def read_npz(path):
    with np.load(path) as arrays:
        return arrays["X"], arrays["y"]


def pandas_threads(count):
    """pandas parses a large file on several threads, unless it is told not to."""
    return pd.option_context("mode.max_threads", count) if count else contextlib.nullcontext()


def read_csv(path, threads):
    with pandas_threads(threads):
        return pd.read_csv(path, dtype="float32")


def cases(folder):
    """What is compared: a file, its labels, and readers by name."""
    csv, small, npz = folder / "x.csv", folder / "small.csv", folder / "x.npz"
    yield csv, None, {
        "pandas.read_csv, 1 thread": lambda: read_csv(csv, 1),
        "pandas.read_csv, its threads": lambda: read_csv(csv, None),
    }
    yield small, None, {
        "numpy.loadtxt": lambda: np.loadtxt(small, "f4", delimiter=",", skiprows=1),
    }
    yield npz, None, {"numpy.load": lambda: read_npz(npz)}
    for kind in ["f4", "f8"]:
        x, y = folder / f"{kind}.npy", folder / f"{kind}-y.npy"
        name = "numpy.load" + (".astype" if kind == "f8" else "")
        yield x, y, {name: lambda x=x, y=y: [np.load(f).astype("f4", copy=False) for f in (x, y)]}
    x, y = folder / "x-ubyte", folder / "y-ubyte"
    yield x, y, {"numpy.fromfile.astype": lambda: (read_idx(x), read_idx(y))}


def ravine_read(ravine, data, labels, threads):
    """Median seconds of a reading, and what was read."""
    command = [ravine, "bench", "read", "--data", data, "--threads", str(threads), "--json"]
    command += ["--labels", labels] if labels else []
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer["us"] / 1e6, answer


def timed(read):
    start = time.perf_counter()
    read()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of ravine, beside one")
    parser.add_argument("--size", type=int, default=100_000_000, help="bytes of a file")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each reader, in turn")
    parser.add_argument("--record", type=pathlib.Path, help="keep every round in this JSON file")
    args = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files(folder, args.ravine, args.size)
        for data, labels, readers in cases(folder):
            results += compare(args, data, labels, readers)
    record = {
        "machine": f"{machine()}, {os.cpu_count()} threads, {platform.system().lower()}",
        "date": datetime.date.today().isoformat(),
        "load": os.getloadavg()[0],
        "threads": args.threads,
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "pandas": pd.__version__},
        "results": results,
    }
    print(f"{'file':10} {'reader':30} {'rows/s':>12} {'MB/s':>8} {'ravine is':>10}, on {args.threads} threads")
    for result in results:
        print(
            f"{result['file']:10} {result['reader']:30} {result['rows_per_s']:12.0f}"
            f" {result['bytes_per_s'] / 1e6:8.0f} {result['ravine_is']:9.2f}x"
        )
    if args.record:
        args.record.write_text(json.dumps(record, indent=2) + "\n")


def compare(args, data, labels, readers):
    """Times readers of a file in turn, ours among them."""
    counted = {f"ravine, {n} thread" + "s" * (n > 1): n for n in sorted({1, args.threads})}
    ours = list(counted)[-1]
    rounds = {name: [] for name in [*counted, *readers]}
    for read in readers.values():
        read()
    for _ in range(args.rounds):
        for name, threads in counted.items():
            seconds, answer = ravine_read(args.ravine, data, labels, threads)
            rounds[name].append(seconds)
        for name, read in readers.items():
            rounds[name].append(statistics.median(timed(read) for _ in range(3)))
    size = sum(path.stat().st_size for path in (data, labels) if path)
    median = {name: statistics.median(times) for name, times in rounds.items()}
    return [
        {
            "file": data.name, "bytes": size, "rows": answer["rows"], "cols": answer["cols"],
            "reader": name, "rounds": times, "seconds": median[name],
            "rows_per_s": answer["rows"] / median[name], "bytes_per_s": size / median[name],
            "ravine_is": median[name] / median[ours],
        }
        for name, times in rounds.items()
    ]


def machine():
    """The processor's name, where the system tells it."""
    with contextlib.suppress(OSError):
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
