"""Prints the operations a second of cuBLAS on a float32 product of two N x N matrices: python3 cublas.py N."""

import sys
import time

import torch

torch.backends.cuda.matmul.allow_tf32 = False
n = int(sys.argv[1])
a = torch.rand(n, n, device="cuda")
b = torch.rand(n, n, device="cuda")
c = torch.empty_like(a)


def seconds(count):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(count):
        torch.matmul(a, b, out=c)
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / count


seconds(3)
print(2 * n**3 / min(seconds(20) for _ in range(5)))
