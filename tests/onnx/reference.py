#!/usr/bin/env python3
"""reference.py MODEL SHAPE IN OUT... -- onnxruntime on MODEL with the raw f32 of IN, shaped 1x3x240x320, against the raw
f32 of each OUT. Prints the largest difference of each; fails above 1e-4."""
import sys

import numpy
import onnxruntime

options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
shape = [int(n) for n in sys.argv[2].split("x")]
want = session.run(None, {session.get_inputs()[0].name: numpy.fromfile(sys.argv[3], numpy.float32).reshape(shape)})
worst = 0
for path, w in zip(sys.argv[4:], want):
    got = numpy.fromfile(path, numpy.float32).reshape(w.shape)
    difference = float(numpy.abs(got - w).max())
    print(f"{difference:.3g}")
    worst = max(worst, difference)
sys.exit(len(want) != len(sys.argv) - 4 or not worst <= 1e-4)
