"""PyTorch's side of the benchmark of linear algebra, on the CPU in float64.

Reads names of rows from standard input, one a line, and prints for each the seconds that it took and numbers to compare,
as JSON. `pytorch.py FOLDER`: FOLDER has the inputs as raw float64, and shapes.json with their shapes.
"""

import json
import sys
import time
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
folder = Path(sys.argv[1])
shapes = json.loads((folder / "shapes.json").read_text())


def load(name):
    data = bytearray((folder / f"{name}.f64").read_bytes())
    return torch.frombuffer(data, dtype=torch.float64).reshape(shapes[name])


symmetric, square, half, vector, wide = (load(name) for name in ("symmetric", "square", "half", "vector", "wide"))
pixels, labels = load("pixels"), load("labels").long()
decay = 0.005


def loss(flat):
    w, b = flat[:640].reshape(64, 10), flat[640:]
    return torch.nn.functional.cross_entropy(pixels @ w + b, labels) + decay * (flat * flat).sum()


def spectrum():
    hessian = torch.autograd.functional.hessian(loss, torch.zeros(650), vectorize=True)
    return torch.linalg.eigh(hessian)[0]


rows = {
    "eigh": lambda: torch.linalg.eigh(symmetric)[0],
    "svd": lambda: torch.linalg.svd(half, full_matrices=False)[1],
    "solve": lambda: torch.linalg.solve(square, vector),
    "matmul": lambda: (wide @ wide)[0],
    "spectrum": spectrum,
}

print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    numbers = rows[line.strip()]()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "numbers": numbers.tolist()}), flush=True)
