#!/usr/bin/env python3
"""Layers of Caffe and its forks, each in a small network written here, against OpenCV's DNN module: the compiled network and
OpenCV read the same two files and the same input.  opencv_layers.py DSSDC WORK

|difference| <= 1e-5 * the largest magnitude of the result; detections: as many, each number within 1e-4. A layer that this OpenCV does not read is named, and the program
fails when fewer than LEAST networks are compared. Exit 77: OpenCV is missing.
"""
import ctypes
import json
import os
import struct
import subprocess
import sys

try:
    import cv2
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

LEAST = 56
SHAPE = (1, 6, 8, 10)


# ---- a caffemodel, in protocol buffers' wire format


def varint(n):
    out = b""
    while n > 0x7F:
        out, n = out + bytes([n & 0x7F | 0x80]), n >> 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def caffemodel(layers):
    net = b""
    for name, kind, blobs in layers:
        layer = field(1, name.encode()) + field(2, kind.encode())
        for blob in blobs:
            blob = np.asarray(blob, np.float32)
            shape = field(1, b"".join(varint(d) for d in blob.shape))
            layer += field(7, field(7, shape) + field(5, blob.tobytes()))
        net += field(100, layer)
    return net


# ---- the layers


def numbers(*shape, least=-1.0):
    return np.random.default_rng(sum(shape) + 7).uniform(least, 1, shape)


def one(kind, param="", *blobs, shape=SHAPE):
    """A network of one layer behind a copy of the input."""
    text = f'input: "x" input_shape {{ dim: [{", ".join(map(str, shape))}] }}\n'
    text += f'layer {{ name: "l" type: "{kind}" bottom: "x" top: "y" {param} }}\n'
    return text, [("l", kind, blobs)] if blobs else [], shape


def behind_pooling(kind, bottoms, param=""):
    """x [1,6,8,10]; p: its halves [1,6,4,5]; g: one number a channel [1,6,1,1]."""
    text = f'input: "x" input_shape {{ dim: [{", ".join(map(str, SHAPE))}] }}\n'
    text += 'layer { name: "p" type: "Pooling" bottom: "x" top: "p" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }\n'
    text += 'layer { name: "g" type: "Pooling" bottom: "x" top: "g" pooling_param { pool: AVE global_pooling: true } }\n'
    text += f'layer {{ name: "l" type: "{kind}" {" ".join(f"bottom: {chr(34)}{b}{chr(34)}" for b in bottoms)} top: "y" {param} }}\n'
    for b in "pg":
        if b not in bottoms:
            text += f'layer {{ name: "s{b}" type: "Silence" bottom: "{b}" }}\n'
    return text, [], SHAPE


def networks():
    five = [numbers(6), numbers(6, least=0.1) + 1, [1.0], numbers(6), numbers(6)]
    yield "BatchNorm five blobs", one("BatchNorm", "batch_norm_param { scale_bias: true eps: 0.001 }", *five)
    yield "BatchNorm three blobs", one("BatchNorm", "", *five[:2], [4.0])
    yield "Dropout scale_train", one("Dropout", "dropout_param { dropout_ratio: 0.25 scale_train: false }")
    conv = [numbers(4, 6, 3, 5), numbers(4)]  # OpenCV passes over one of pad_h and pad_w alone
    yield "Convolution pads", one("Convolution", "convolution_param { num_output: 4 kernel_h: 3 kernel_w: 5 pad_h: 0 pad_w: 2 }", *conv)
    yield "Pooling pads", one("Pooling", "pooling_param { pool: AVE kernel_size: 3 stride: 2 pad_h: 1 pad_w: 0 }")
    for pool in "MAX", "AVE":
        yield f"Pooling {pool} ceil", one("Pooling", f"pooling_param {{ pool: {pool} kernel_size: 3 stride: 2 }}")
        yield f"Pooling {pool} pad", one("Pooling", f"pooling_param {{ pool: {pool} kernel_h: 2 kernel_w: 3 stride: 2 pad: 1 }}")
        yield f"Pooling {pool} floor", one("Pooling", f"pooling_param {{ pool: {pool} kernel_size: 3 stride: 2 ceil_mode: false }}")
        yield f"Pooling {pool} global", one("Pooling", f"pooling_param {{ pool: {pool} global_pooling: true }}")
    deconv = [numbers(6, 2, 4, 4), numbers(4)]
    yield "Deconvolution", one("Deconvolution", "convolution_param { num_output: 4 kernel_size: 4 stride: 2 pad: 1 group: 2 }", *deconv)
    conv = [numbers(6, 2, 3, 3)]
    yield "Convolution dilated", one(
        "Convolution", "convolution_param { num_output: 6 kernel_size: 3 dilation: 2 pad: 2 group: 3 bias_term: false }", *conv)
    yield "Axpy", behind_pooling("Axpy", ["g", "x", "x"])
    yield "ShuffleChannel", one("ShuffleChannel", "shuffle_channel_param { group: 3 }")
    yield "ArgMax", one("ArgMax", "argmax_param { axis: 1 }")
    yield "MVN", one("MVN", "mvn_param { eps: 0.000001 }")
    yield "MVN across", one("MVN", "mvn_param { across_channels: true normalize_variance: false }")
    yield "Reduction", one("Reduction", "reduction_param { operation: MEAN axis: 2 }")
    yield "Tile", one("Tile", "tile_param { axis: 2 tiles: 2 }")
    yield "Crop", behind_pooling("Crop", ["x", "p"], "crop_param { axis: 2 offset: [1, 2] }")
    yield "Interp", one("Interp", "interp_param { height: 15 width: 19 }")
    yield "Upsample", one("Upsample", "upsample_param { scale: 2 }")
    yield "ReLU slope", one("ReLU", "relu_param { negative_slope: 0.125 }")
    yield "PReLU", one("PReLU", "", numbers(6))
    yield "ELU", one("ELU", "elu_param { alpha: 0.5 }")
    yield "Power", one("Power", "power_param { power: 2 scale: 0.5 shift: 0.25 }")
    yield "BNLL", one("BNLL")
    yield "AbsVal", one("AbsVal")
    yield "Sigmoid, TanH engine", one("Sigmoid", "sigmoid_param { engine: CAFFE }")
    yield "LRN", one("LRN", "lrn_param { local_size: 3 alpha: 0.5 beta: 0.75 }")  # it reads no k
    yield "Scale of a part", one("Scale", "scale_param { axis: 1 num_axes: 1 bias_term: true }", numbers(6), numbers(6))
    yield "InnerProduct axis", one("InnerProduct", "inner_product_param { num_output: 5 axis: 1 }", numbers(5, 480), numbers(5))
    yield "Eltwise coeff", behind_pooling("Eltwise", ["x", "x"], "eltwise_param { coeff: [0.5, 2] }")
    yield "LRN within", one("LRN", "lrn_param { local_size: 3 alpha: 0.5 norm_region: WITHIN_CHANNEL }")
    yield "TanH", one("TanH", "tanh_param { engine: CUDNN }")
    yield "Exp", one("Exp", "exp_param { base: 2 scale: 0.5 shift: 0.25 }")
    yield "Power of 3", one("Power", "power_param { power: 3 scale: 0.5 shift: 2 }")
    yield "Reshape", one("Reshape", "reshape_param { shape { dim: 0 dim: -1 dim: 5 } axis: 0 num_axes: 4 }")
    yield "Reshape span", one("Reshape", "reshape_param { shape { dim: 2 dim: 3 } axis: 1 num_axes: 1 }")
    yield "Flatten span", one("Flatten", "flatten_param { axis: 1 end_axis: 2 }")
    yield "Scale by channels", behind_pooling("Scale", ["x", "g"], "scale_param { axis: 0 }")
    yield "Normalize whole", one("Normalize", "", [2.5])
    yield "InnerProduct last axis", one("InnerProduct", "inner_product_param { num_output: 5 axis: 3 }", numbers(5, 10), numbers(5))
    yield "Softmax last axis", one("Softmax", "softmax_param { axis: -1 }")
    yield "Eltwise PROD", behind_pooling("Eltwise", ["x", "x"], "eltwise_param { operation: PROD }")
    yield "Softmax", one("Softmax", "softmax_param { axis: 1 }")
    yield "Permute", one("Permute", "permute_param { order: [0, 2, 3, 1] }")
    yield "Normalize", one("Normalize", "norm_param { across_spatial: false channel_shared: false }", numbers(6))
    yield "Flatten", one("Flatten", "flatten_param { axis: 1 }")
    yield "Slice and Concat", (f'input: "x" input_shape {{ dim: [1, 6, 8, 10] }}\n'
                               'layer { name: "s" type: "Slice" bottom: "x" top: "a" top: "b" slice_param { slice_point: 2 } }\n'
                               'layer { name: "l" type: "Concat" bottom: "b" bottom: "a" top: "y" }\n', [], SHAPE)
    prior = "variance: [0.1, 0.1, 0.2, 0.2] clip: true"
    lists = "min_size: 10 aspect_ratio: 2 offset_h: [0.3, 0.7] offset_w: [0.4, 0.6]"
    yield "PriorBox offsets", behind_pooling("PriorBox", ["p", "x"], f"prior_box_param {{ {lists} {prior} }}")
    yield "PriorBox listed", behind_pooling("PriorBox", ["p", "x"], f"prior_box_param {{ width: [3, 2] height: [4, 5.5] {prior} }}")
    yield "PriorBox", behind_pooling("PriorBox", ["p", "x"], f"prior_box_param {{ min_size: 2 max_size: 5 aspect_ratio: 3 {prior} }}")


# ---- detections: one map, four boxes a cell, four classes

CLASSES, BOXES = 4, 4
LIMITS = "keep_top_k: 50 nms_param { nms_threshold: 0.45 top_k: 60 } confidence_threshold: 0.2"


def detector(param, share):
    own = 1 if share else CLASSES
    text = f'input: "x" input_shape {{ dim: [1, 3, 32, 48] }}\n'
    weights = []
    for name, count in ("loc", BOXES * 4 * own), ("conf", BOXES * CLASSES):
        text += f'layer {{ name: "{name}" type: "Convolution" bottom: "x" top: "{name}" ' \
                f'convolution_param {{ num_output: {count} kernel_size: 3 pad: 1 stride: 8 }} }}\n' \
                f'layer {{ name: "{name}_p" type: "Permute" bottom: "{name}" top: "{name}_p" permute_param {{ order: [0, 2, 3, 1] }} }}\n' \
                f'layer {{ name: "{name}_f" type: "Flatten" bottom: "{name}_p" top: "{name}_f" }}\n'
        weights.append((name, "Convolution", [numbers(count, 3, 3, 3), numbers(count)]))
    text += f'layer {{ name: "r" type: "Reshape" bottom: "conf_f" top: "r" reshape_param {{ shape {{ dim: [0, -1, {CLASSES}] }} }} }}\n' \
            'layer { name: "m" type: "Softmax" bottom: "r" top: "m" softmax_param { axis: 2 } }\n' \
            'layer { name: "s" type: "Flatten" bottom: "m" top: "s" }\n' \
            'layer { name: "b" type: "PriorBox" bottom: "loc" bottom: "x" top: "b" prior_box_param { min_size: 10 max_size: 20 ' \
            'aspect_ratio: 2 variance: [0.1, 0.1, 0.2, 0.2] clip: true } }\n' \
            'layer { name: "l" type: "DetectionOutput" bottom: "loc_f" bottom: "s" bottom: "b" top: "y" detection_output_param { ' \
            f'num_classes: {CLASSES} share_location: {str(share).lower()} {param} }} }}\n'
    return text, weights, (1, 3, 32, 48)


def detectors():
    for code in "CENTER_SIZE", "CORNER":
        for share in True, False:
            yield f"{code}, shared {share}", detector(f"{LIMITS} code_type: {code} background_label_id: 0", share)
    yield "background 2", detector(f"{LIMITS} code_type: CENTER_SIZE background_label_id: 2", True)
    yield "few", detector("keep_top_k: 10 nms_param { nms_threshold: 0.3 top_k: 5 } confidence_threshold: 0.1 "
                          "code_type: CENTER_SIZE background_label_id: 0", True)


class Box(ctypes.Structure):
    _fields_ = [(n, ctypes.c_float) for n in ("x0", "y0", "x1", "y1", "score")] + [("label", ctypes.c_int32)]


def boxes_differ(library, given, want):
    """Rows of label, score, corners; each side's sorted."""
    out = (Box * 256)()
    n = ctypes.CDLL(library).net_run(given.ctypes.data_as(ctypes.c_void_p), out, 256)
    got = sorted((b.label, -b.score, b.x0, b.y0, b.x1, b.y1) for b in out[:n])
    rows = sorted((int(r[1]), -float(r[2]), *map(float, r[3:])) for r in want[0, 0] if r[2] > 0)
    if len(got) != len(rows) or not rows:
        return f"{len(got)} detections, OpenCV has {len(rows)}"
    worst = np.abs(np.array(got) - np.array(rows)).max()
    return "" if worst <= 1e-4 else f"detections differ by {worst:.2e}"


# ---- both sides


def compiled(dssdc, work, text, model, serial):
    library = os.path.join(work, f"layer{serial}.so")
    weights = [f"--weights={model}"] if model else []
    subprocess.run([dssdc, "compile", text, *weights, "--emit=shared", "--name=net", "--quiet", "--no-check", "-o", library],
                   check=True)
    return library


def ours(dssdc, library, text, model, given):
    weights = [f"--weights={model}"] if model else []
    report = subprocess.run([dssdc, "inspect", text, *weights, "--emit=json", "--stop-after=infer_types"], check=True,
                            capture_output=True, text=True)
    out = np.empty(np.prod(json.loads(report.stdout)["layers"][-1]["shape"]), np.float32)
    pointer = lambda a: a.ctypes.data_as(ctypes.c_void_p)
    if ctypes.CDLL(library).net_run(pointer(given), pointer(out)) != 0:
        raise SystemExit("run failed")
    return out


def theirs(text, model, given):
    net = cv2.dnn.readNetFromCaffe(text, model) if model else cv2.dnn.readNetFromCaffe(text)
    net.setInput(given)
    return net.forward("l" if "l" in net.getLayerNames() else "y")  # some go by their top


def difference(dssdc, work, serial, text, layers, shape, boxes):
    """What differs, in words; "" where nothing does. cv2.error where OpenCV does not read the network."""
    path, model = os.path.join(work, f"layer{serial}.prototxt"), None
    with open(path, "w") as f:
        f.write(text)
    if layers:
        model = os.path.join(work, f"layer{serial}.caffemodel")
        with open(model, "wb") as f:
            f.write(caffemodel(layers))
    given = np.ascontiguousarray(numbers(*shape), np.float32)
    want = theirs(path, model, given.copy())
    library = compiled(dssdc, work, path, model, serial)
    if boxes:
        return boxes_differ(library, given, want)
    got = ours(dssdc, library, path, model, given)
    if got.size != want.size:
        return f"{got.size} numbers, OpenCV has {want.size}"
    share = float(np.abs(got - want.reshape(-1)).max() / max(np.abs(want).max(), 1e-30))
    return "" if share <= 1e-5 else f"{share:.2e} of the largest magnitude"


def main():
    dssdc, work = sys.argv[1:3]
    compared, failed = 0, 0
    cases = [(*c, False) for c in networks()] + [(*c, True) for c in detectors()]
    for serial, (name, (text, layers, shape), boxes) in enumerate(cases):
        try:
            found = difference(dssdc, work, serial, text, layers, shape, boxes)
        except cv2.error as error:
            print(f"    {name}: not read by OpenCV {cv2.__version__}: {str(error).strip().splitlines()[-1][:100]}")
            continue
        compared += 1
        failed += bool(found)
        if found:
            print(f"    {name}: {found}")
    print(f"    {compared} networks compared, {failed} differ")
    return failed > 0 or compared < LEAST


if __name__ == "__main__":
    sys.exit(main())
