#!/usr/bin/env python3
"""Three trained Caffe networks, compiled, against OpenCV's DNN module: every layer's result from the same input tensor,
and detections from the same photographs.  opencv.py DSSDC DATA WORK [PHOTOGRAPHS]

Layers: |difference| <= 1e-4 * the largest magnitude of the layer's result. Detections: as many, each score, coordinate
(fraction of the image) within 1e-3 of its twin. Where a number lies within 1e-5 of a limit (threshold, overlap) either
side may decide; such cases are counted and must be rare. Exit 77: OpenCV is missing.
"""
import ctypes
import json
import os
import subprocess
import sys

try:
    import cv2
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Network:
    """Files, preprocessing, and what OpenCV's results become."""

    def __init__(self, name, text, weights, options, size, mean, divisor, rgb, photos, boxes, inner=()):
        self.name, self.text, self.weights, self.options = name, text, weights, options
        self.size, self.mean, self.divisor, self.rgb, self.photos, self.boxes = size, mean, divisor, rgb, photos, boxes
        self.inner = inner  # layers whose results `boxes` reads beside those of the network's ends


class Box(ctypes.Structure):
    _fields_ = [(n, ctypes.c_float) for n in ("x0", "y0", "x1", "y1", "score")] + [("label", ctypes.c_int32)]


# ---- what the networks' own scripts do behind the network


def centred(loc, prior):
    """Corners from offsets and default boxes (cx, cy, w, h)."""
    loc, prior = loc.astype(np.float64), prior.astype(np.float64)
    centre = loc[:, :2] * 0.1 * prior[:, 2:] + prior[:, :2]
    size = np.exp(loc[:, 2:] * 0.2) * prior[:, 2:]
    return np.concatenate([centre - size / 2, centre + size / 2], 1)


def overlaps(box, boxes):
    inner = np.maximum(0, np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])).prod(1)
    return inner / ((box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(1) - inner)


def suppressed(boxes, scores, labels, threshold, limit, most):
    """Greedy suppression of one list; rows of label, score, corners, and how near the nearest decision was."""
    order = [i for i in np.argsort(-scores, kind="stable") if scores[i] > threshold][:most]
    near = np.abs(scores - threshold).min() if len(order) < most else 1.0
    kept = []
    for i in order:
        common = overlaps(boxes[i], boxes[kept]) if kept else np.zeros(0)
        if len(common):
            near = min(near, np.abs(common - limit).min())
        if not (common > limit).any():
            kept.append(i)
    return [(int(labels[i]), float(scores[i]), *boxes[i]) for i in kept], near


def facemask_boxes(out, width, height):
    prior = []
    for n, sizes in ((33, (0.04, 0.056)), (17, (0.08, 0.11)), (9, (0.16, 0.22)), (5, (0.32, 0.45)), (3, (0.64, 0.72))):
        for y in range(n):
            for x in range(n):
                shapes = [(s, s) for s in sizes]
                shapes += [(sizes[0] * r**0.5, sizes[0] / r**0.5) for r in (0.62, 0.42)]
                prior += [((x + 0.5) / n, (y + 0.5) / n, w, h) for w, h in shapes]
    scores = out["cls_branch_concat"][0]
    boxes = centred(out["loc_branch_concat"][0], np.array(prior))
    return suppressed(boxes, scores.max(1), scores.argmax(1), 0.5, 0.4, len(boxes))


def rfb_boxes(out, width, height):
    prior = []
    levels = (8, (10, 16, 24)), (16, (32, 48)), (32, (64, 96)), (64, (128, 192, 256))
    for stride, sizes in levels:
        for y in range(-(-height // stride)):
            for x in range(-(-width // stride)):
                cx, cy = (x + 0.5) * stride / width, (y + 0.5) * stride / height
                prior += [(cx, cy, s / width, s / height) for s in sizes]
    scores = out["scores"][0][:, 1]
    boxes = centred(out["boxes"][0], np.clip(prior, 0, 1))
    return suppressed(boxes, scores, np.ones(len(scores)), 0.7, 0.3, 200)


def ssd_boxes(out, width, height):
    """The network's own last layer suppresses; how near it came to the limit is found by doing the same again."""
    prior = out["mbox_priorbox"][0, 0].reshape(-1, 4)
    prior = np.concatenate([(prior[:, :2] + prior[:, 2:]) / 2, prior[:, 2:] - prior[:, :2]], 1)
    scores = out["mbox_conf_flatten"].reshape(-1, 2)[:, 1]
    boxes = centred(out["mbox_loc"].reshape(-1, 4), prior)
    _, near = suppressed(boxes, scores, np.ones(len(scores)), 0.01, 0.45, 400)
    rows = out["detection_out"][0, 0]  # padded with zeros
    return [(int(r[1]), float(r[2]), *map(float, r[3:])) for r in rows if r[2] > 0], near


def networks(data):
    d = lambda *parts: os.path.join(data, *parts)
    yield Network("resnet10_ssd", d("resnet10_ssd/deploy.prototxt"),
                  d("resnet10_ssd/res10_300x300_ssd_iter_140000.caffemodel"), ["--prior-sizes=exact"], (300, 300),
                  (104, 117, 123), 1, False, [d("resnet10_ssd/group.jpg")], ssd_boxes,
                  ("mbox_loc", "mbox_conf_flatten", "mbox_priorbox"))
    yield Network("facemask_ssd", d("facemask_ssd/face_mask_detection.prototxt"),
                  d("facemask_ssd/face_mask_detection.caffemodel"),
                  [f"--detect={ROOT}/models/facemask_ssd.detect.json"], (260, 260), (0, 0, 0), 255, True,
                  [d("facemask_ssd/demo2.jpg")], facemask_boxes)
    folder = d("ultralight_rfb/imgs")
    yield Network("ultralight_rfb", d("ultralight_rfb/RFB-320.prototxt"), d("ultralight_rfb/RFB-320.caffemodel"),
                  [f"--detect={ROOT}/models/ultralight_rfb.detect.json"], (320, 240), (127, 127, 127), 128, True,
                  sorted(os.path.join(folder, f) for f in os.listdir(folder)), rfb_boxes)


# ---- both sides


def compiled(dssdc, net, work, name, options):
    library = os.path.join(work, name + ".so")
    subprocess.run([dssdc, "compile", net.text, "--weights=" + net.weights, "--emit=shared", "--name=" + name,
                    "--quiet", "-o", library, *options], check=True)
    return ctypes.CDLL(library)


def tensor(net, image):
    small = cv2.resize(image, net.size).astype(np.float32)
    small = small[:, :, ::-1] if net.rgb else small
    planes = ((small - np.array(net.mean, np.float32)) / np.float32(net.divisor)).transpose(2, 0, 1)
    return np.ascontiguousarray(planes[None], np.float32)


def compare_layers(dssdc, net, work, image):
    """All layers from one input. Fused pairs (BatchNorm and its Scale) are compared behind the pair."""
    report = subprocess.run([dssdc, "inspect", net.text, "--weights=" + net.weights, "--emit=json", "--stop-after=infer_types",
                             *[o for o in net.options if o.startswith("--prior")]], check=True, capture_output=True, text=True)
    ours = [n["name"] for n in json.loads(report.stdout)["layers"] if n["op"] != "detect"]
    theirs = cv2.dnn.readNetFromCaffe(net.text, net.weights)
    theirs.enableFusion(False)
    kinds = {n: theirs.getLayer(theirs.getLayerId(n)).type for n in theirs.getLayerNames()}
    order = list(theirs.getLayerNames())
    pairs = []
    for name in ours:
        if name not in kinds:
            continue
        after = order[order.index(name) + 1] if order.index(name) + 1 < len(order) else None
        merged = kinds[name] == "BatchNorm" and after and kinds[after] == "Scale" and after not in ours
        pairs.append((name, after if merged else name))
    library = compiled(dssdc, net, work, net.name + "_layers", ["--output-tensor=" + p[0] for p in pairs])
    given = tensor(net, image)
    theirs.setInput(given)
    want = theirs.forward([p[1] for p in pairs])
    got = [np.empty(w.size, np.float32) for w in want]
    run = getattr(library, net.name + "_layers_run")
    status = run(given.ctypes.data_as(ctypes.c_void_p), *[g.ctypes.data_as(ctypes.c_void_p) for g in got])
    if status != 0:
        raise SystemExit(f"{net.name}: run gave {status}")
    worst, bad = 0, []
    for (name, _), g, w in zip(pairs, got, want):
        share = float(np.abs(g - w.reshape(-1)).max() / max(np.abs(w).max(), 1e-30))
        worst = max(worst, share)
        if not share <= 1e-4:
            bad.append(f"{name}: {share:.2e}")
    print(f"    {net.name}: {len(pairs)} of {len(ours)} layers, largest difference {worst:.2e} of the largest magnitude")
    return bad if len(pairs) >= 0.8 * len(ours) else bad + [f"only {len(pairs)} of {len(ours)} layers were compared"]


def detect(library, net, image):
    out = (Box * 1024)()
    call = getattr(library, net.name + "_detect")
    height, width = image.shape[:2]
    n = call(image.ctypes.data_as(ctypes.c_void_p), width, height, width * 3, 1, out, 1024)
    if n < 0:
        raise SystemExit(f"{net.name}: detect gave {n}")
    return [(b.label, b.score, b.x0 / width, b.y0 / height, b.x1 / width, b.y1 / height) for b in out[:n]]


def twins(want, got):
    """Every box takes the nearest of the same label that is left. Largest difference, and how many have no twin."""
    left, worst, lost = list(got), 0.0, 0
    for w in want:
        same = [g for g in left if g[0] == w[0]]
        best = min(same, key=lambda g: max(abs(a - b) for a, b in zip(g[1:], w[1:])), default=None)
        gap = max(abs(a - b) for a, b in zip(best[1:], w[1:])) if best else 9.0
        if gap > 1e-3:
            lost += 1
            continue
        left.remove(best)
        worst = max(worst, gap)
    return worst, lost + len(left)


def compare_boxes(dssdc, net, work, photos):
    library = compiled(dssdc, net, work, net.name, net.options)
    theirs = cv2.dnn.readNetFromCaffe(net.text, net.weights)
    names = list(dict.fromkeys([*theirs.getUnconnectedOutLayersNames(), *net.inner]))
    total, worst, bad, near_cases = 0, 0.0, [], 0
    for path in photos:
        image = cv2.imread(path)
        theirs.setInput(tensor(net, image))
        rows, near = net.boxes(dict(zip(names, theirs.forward(names))), *net.size)
        want = [(r[0], r[1], *np.clip(r[2:], 0, 1)) for r in rows]
        gap, lost = twins(want, detect(library, net, image))
        total, worst = total + len(want), max(worst, gap)
        if lost and near < 1e-5:
            near_cases += 1
        elif lost:
            bad.append(f"{os.path.basename(path)}: {lost} boxes of {len(want)} without a twin")
    print(f"    {net.name}: {len(photos)} photographs, {total} boxes, largest difference {worst:.2e}, "
          f"{len(bad)} photographs differ, {near_cases} at a limit")
    return bad if near_cases <= 1 + len(photos) // 100 else bad + [f"{near_cases} photographs at a limit"]


def main():
    dssdc, data, work = sys.argv[1:4]
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 200
    folder = os.path.join(data, "voc2007", "JPEGImages")
    voc = [os.path.join(folder, f) for f in sorted(os.listdir(folder))[:count]]
    failed = 0
    for net in networks(data):
        bad = compare_layers(dssdc, net, work, cv2.imread(net.photos[0]))
        bad += compare_boxes(dssdc, net, work, net.photos + voc)
        for line in bad[:20]:
            print(f"    {net.name}: {line}")
        failed += bool(bad)
    return failed


if __name__ == "__main__":
    sys.exit(main())
