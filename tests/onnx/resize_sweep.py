#!/usr/bin/env python3
"""resize_sweep.py DSSDC -- Resize in every mode, coordinate transformation and rounding, by fractional scales and by sizes,
as dssdc compiles it and as onnxruntime computes it. Prints each combination that differs and the sums; fails when one does.

Left out: tf_crop_and_resize where no extent changes, as onnxruntime does not look at the region then."""
import ctypes
import subprocess
import sys

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

MODES = ["nearest", "linear", "cubic"]
COORDINATES = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn"]
ROUNDINGS = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]
SCALES = [0.6, 1.1, 1.2, 1 / 3, 64 / 26, 1.5, 2, 3, 0.5, 0.75, 1.3, 0.8]
SIZES = [4, 5, 10, 26]
real = numpy.float32


def resize(name, size, scale, by_sizes, attributes, constants):
    out = int(real(size) * real(scale))
    crop = attributes.get("coordinate_transformation_mode") == "tf_crop_and_resize"
    if out < 1 or (crop and out == size):
        return None
    if crop:
        constants.append(numpy_helper.from_array(numpy.array([0, 0, 0, 0.1, 1, 1, 1, 0.8], real), name + "r"))
    numbers = [1, 1, 1, out] if by_sizes else [1, 1, 1, scale]
    constants.append(numpy_helper.from_array(numpy.array(numbers, numpy.int64 if by_sizes else real), name + "s"))
    inputs = [f"x{size}", name + "r" if crop else ""] + (["", name + "s"] if by_sizes else [name + "s"])
    return helper.make_node("Resize", inputs, [name], **attributes)


def combination(program, number, mode, coordinates, rounding, by_sizes):
    attributes = {"mode": mode, "coordinate_transformation_mode": coordinates}
    if rounding:
        attributes["nearest_mode"] = rounding
    nodes, constants, what = [], [], []
    for size in SIZES:
        for scale in SCALES:
            node = resize(f"y{len(what)}", size, scale, by_sizes, attributes, constants)
            if node:
                nodes.append(node)
                what.append((size, scale))
    inputs = [helper.make_tensor_value_info(f"x{n}", TensorProto.FLOAT, [1, 1, 1, n]) for n in SIZES]
    outputs = [helper.make_tensor_value_info(n.output[0], TensorProto.FLOAT, None) for n in nodes]
    graph = helper.make_graph(nodes, "g", inputs, outputs, constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), "m.onnx")
    x = {f"x{n}": ((numpy.arange(n) * 37 % 101) / real(50) - 1).astype(real).reshape(1, 1, 1, n) for n in SIZES}
    want = onnxruntime.InferenceSession("m.onnx", providers=["CPUExecutionProvider"]).run(None, x)
    library = f"net{number}.so"
    subprocess.run([program, "compile", "m.onnx", "--emit=shared", "--target=c99", "--quiet", "--name=net", "-o", library], check=True)
    got = [numpy.full(w.shape, numpy.nan, real) for w in want]
    arrays = list(x.values()) + got
    status = ctypes.CDLL(f"./{library}").net_run(*[a.ctypes.data_as(ctypes.c_void_p) for a in arrays])
    bad = [w for w, a, b in zip(what, got, want) if status or not numpy.abs(a - b).max() < 1e-4]
    for size, scale in bad:
        print(mode, coordinates, rounding, "sizes" if by_sizes else "scales", size, scale)
    return len(what), len(bad)


def main():
    onnxruntime.set_default_logger_severity(4)
    total = different = number = 0
    for mode in MODES:
        for coordinates in COORDINATES:
            for rounding in ROUNDINGS if mode == "nearest" else [None]:
                for by_sizes in (False, True):
                    count, bad = combination(sys.argv[1], number, mode, coordinates, rounding, by_sizes)
                    total, different, number = total + count, different + bad, number + 1
    print(f"{total} combinations, {different} differ")
    return different > 0


sys.exit(main())
