"""Quantises and packs activations with numpy in the manner of PipeEdge, and says how long each call took.

PipeEdge (usc-isi/PipeEdge, quantization/basic_op.py) moves a tensor to [0, 1] by its least and greatest value, rounds it to whole
numbers, and puts as many of these as fit into each 32-bit word. So does this, with the same checks of the interval, with the values that
the numbers stand for (which PipeEdge computes and drops), and with 64-bit numbers before they are packed (which its padding makes of them).

Arguments: number of tensors, elements of each. Then a line `encode BITS` or `decode BITS` is answered by a line with the seconds that
one call for each tensor took in all.
"""

import sys
import time

import numpy as np


def encode(values, bits):
    least = values.min()
    moved = values - least
    span = moved.max()
    codes = quantised(moved / span, bits)
    return least, span, packed(codes, bits)


def quantised(values, bits):
    assert np.all(values >= 0) and np.all(values <= 1)
    top = 2**bits - 1
    codes = np.around(top * values)
    meant = codes / np.float32(top)
    assert np.all(meant >= 0) and np.all(meant <= 1)
    return codes.astype(np.uint32)


def packed(codes, bits):
    together = 32 // bits
    padding = np.zeros(-len(codes) % together, dtype=np.int64)
    words = np.concatenate([codes, padding]).reshape(-1, together)
    return np.bitwise_or.reduce(words << shifts(bits), axis=1, dtype=np.uint32)


def decode(encoded, bits, elements):
    least, span, words = encoded
    codes = (words[:, np.newaxis] >> shifts(bits)) & np.uint32(2**bits - 1)
    return codes.reshape(-1)[:elements].astype(np.float32) / np.float32(2**bits - 1) * span + least


def shifts(bits):
    return np.arange(32 // bits, dtype=np.uint32) * np.uint32(bits)


def main():
    tensors, elements = int(sys.argv[1]), int(sys.argv[2])
    random = np.random.default_rng(1)
    values = [np.maximum(random.standard_normal(elements, dtype=np.float32), 0) for _ in range(tensors)]
    print(np.__version__, flush=True)
    for line in sys.stdin:
        work, bits = line.split()[0], int(line.split()[1])
        encoded = [encode(each, bits) for each in values] if work == "decode" else []
        started = time.perf_counter()
        for index, each in enumerate(values):
            if work == "decode":
                decode(encoded[index], bits, elements)
            else:
                encode(each, bits)
        print(time.perf_counter() - started, flush=True)


main()
