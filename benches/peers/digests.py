"""Trains one network with PyTorch under several settings that should not matter, and digests it.

The network, data and rates are those of the first table of `ravine demo`: 64-256-10 with ReLU and
cross-entropy on the standardized digits (all of them, none held out), batches of 256, classic
momentum 0.9, rate 0.05, two epochs. Only settings of the machine differ between the runs: threads, and the instruction set that
ATen may use. Weights and orders are drawn with PyTorch's own seeded generator, so that its digests
are to be compared with each other, not with ours.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAPABILITIES = ["default", "avx2"]
THREADS = [1, 2]


def train(threads):
    """One run in this process: a digest of parameters and velocities, and rows a second."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    table = np.loadtxt(ROOT / "data/digits.csv", delimiter=",", skiprows=1, dtype="f8")
    x, y = table[:, :-1], table[:, -1].astype("i8")
    std = x.std(axis=0)
    x = torch.from_numpy(((x - x.mean(axis=0)) / np.where(std > 0, std, 1)).astype("f4"))
    y = torch.from_numpy(y)
    net = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10))
    sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, fused=True)
    begun = time.perf_counter()
    for _ in range(2):
        for batch in torch.randperm(len(x)).split(256):
            sgd.zero_grad()
            torch.nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
            sgd.step()
    seconds = time.perf_counter() - begun
    tensors = [p.detach() for p in net.parameters()]
    tensors += [sgd.state[p]["momentum_buffer"] for p in net.parameters()]
    digest = hashlib.sha256(b"".join(t.numpy().astype("<f4").tobytes() for t in tensors))
    return {
        "name": f"PyTorch {torch.__version__.split('+')[0]} {torch.backends.cpu.get_cpu_capability()}",
        "threads": threads,
        "digest": digest.hexdigest(),
        "rows_per_s": 2 * len(x) / seconds,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", type=pathlib.Path, help="JSON file, for `ravine demo --peers`")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(train(args.child)))
        return
    runs = []
    for capability in CAPABILITIES:
        for threads in THREADS:
            command = [sys.executable, __file__, "--child", str(threads)]
            environment = {**os.environ, "ATEN_CPU_CAPABILITY": capability}
            out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
            run = json.loads(out.stdout.splitlines()[-1])
            runs.append(run)
            print(f"{run['name']:28} {threads:>3} {run['digest'][:8]} {run['rows_per_s']:>10.0f} rows/s")
    same = len({run["digest"] for run in runs})
    print(f"{same} different digests of {len(runs)}")
    if args.record:
        origin = {"machine": platform.processor() or platform.machine(), "date": str(datetime.date.today())}
        args.record.write_text(json.dumps({**origin, "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
