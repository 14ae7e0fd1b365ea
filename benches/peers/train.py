"""Times an epoch of shuffled batches (ReLU, mean squared error, momentum 0.9) in PyTorch and in ravine.

PyTorch has its rows in two ways: a tensor of a batch's rows by `index_select` from all of them, and a
`DataLoader` whose sampler draws whole batches. Every side has as many processes, and as many rounds,
as every other; they take turns. A ratio is of medians of all rounds.
"""

import argparse
import json
import os
import subprocess
import sys

from sides import HEAD, ROUNDS, by_turns, installed, place, positive, record, record_of, row, timed

WAYS = {"torch-index": "index_select", "torch-loader": "DataLoader"}


def by_index(x, y, batch):
    """Batches by a drawn order of all rows."""
    import torch

    def batches():
        for rows in torch.randperm(len(x)).split(batch):
            yield x.index_select(0, rows), y.index_select(0, rows)

    return batches


def by_loader(x, y, batch):
    """Batches by a loader that asks its data for a whole batch at a time."""
    import torch.utils.data as data

    rows = data.TensorDataset(x, y)
    sampler = data.BatchSampler(data.RandomSampler(rows), batch, drop_last=False)
    loader = data.DataLoader(rows, sampler=sampler, batch_size=None)
    return lambda: loader


def torch_epoch(way, rows, widths, batch, threads):
    import torch

    torch.set_num_threads(threads)
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    x, y = torch.randn(rows, widths[0]), torch.randn(rows, widths[-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, fused=True)
    batches = {"torch-index": by_index, "torch-loader": by_loader}[way](x, y, batch)

    def epoch():
        for x, y in batches():
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()

    return epoch


def ours(args, inputs):
    """Our rounds; what the input takes of them, without the steps, goes to `inputs`."""
    flags = ["--rows", args.rows, "--layers", args.layers, "--batch", args.batch, "--threads", args.threads]
    kept = record_of(args.ravine, "train", *flags)
    inputs.append(kept["answer"]["input_share"])
    return [us for us, _ in kept["timings"][0]["rounds"]]


def peer(way, args):
    """A way of PyTorch in a process of its own."""
    flags = {"--rows": args.rows, "--layers": args.layers, "--batch": args.batch, "--threads": args.threads}
    command = [sys.executable, __file__, "--one", way, *(str(word) for flag in flags.items() for word in flag)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ravine", default="target/release/ravine", help="the program")
    parser.add_argument("--rows", type=positive, default=60_000, help="rows of the data [60000]")
    parser.add_argument("--layers", default="784,128,10", help="widths [784,128,10]")
    parser.add_argument("--batch", type=positive, default=64, help="rows of a batch [64]")
    parser.add_argument("--threads", type=positive, default=os.cpu_count(), help="threads of each")
    parser.add_argument("--runs", type=positive, default=3, help=f"processes of each side, of {ROUNDS} rounds [3]")
    parser.add_argument("--record", type=place, help="keep every round in this JSON file")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        widths = [int(width) for width in args.layers.split(",")]
        return print(json.dumps(timed(torch_epoch(args.one, args.rows, widths, args.batch, args.threads))))
    peers, inputs, results = [name for name in installed() if name == "torch"], [], []
    print(f"{'who':12} {HEAD} {'rows/s':>10}", flush=True)
    sides = {"ravine": lambda: ours(args, inputs)}
    sides |= {way: lambda way=way: peer(way, args) for way in WAYS if peers}
    for result in by_turns(sides, args.runs):
        result |= {"rows": args.rows, "layers": args.layers, "batch": args.batch}
        result["rows_per_s"] = args.rows / result["us"] * 1e6
        print(f"{result['who']:12} {row(result)} {result['rows_per_s']:10.0f}", flush=True)
        results.append(result)
    share = max(inputs)
    print(f"of our epoch, shuffling and gathering alone take {100 * share:.1f} %")
    if args.record:
        kept = record(args.ravine, peers, args.runs, args.threads, results)
        args.record.write_text(json.dumps(kept | {"input_shares": inputs}, indent=2) + "\n")


if __name__ == "__main__":
    main()
