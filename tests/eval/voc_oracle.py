"""Average precision by the rules of the PASCAL VOC devkit, written from its description and independent of dssdc.

voc_oracle.py TABLE DETECTIONS.jsonl voc07|voc10   prints CLASS AP lines. TABLE: FILE<tab>...<tab>CLASS X0 Y0 X1 Y1;..."""
import json
import sys
from fractions import Fraction


def truth(path):
    boxes = {}
    for line in open(path):
        if line.startswith("#") or not line.strip():
            continue
        columns = line.rstrip("\n").split("\t")
        for word in columns[-1].split(";"):
            if word:
                name, *edges = word.split()
                boxes.setdefault(name, {}).setdefault(columns[0], []).append(tuple(map(int, edges)))
    return boxes


def found(path):
    rows = {}
    for line in open(path):
        photo = json.loads(line)
        for d in photo["detections"]:
            x0, y0, x1, y1 = d["box"]
            # the devkit counts pixels from 1 and includes the last: the distance x0..x1 is pixels x0 + 1 .. x1
            box = (x0 + 1, y0 + 1, x1, y1)
            rows.setdefault(d["label"], []).append((photo["file"].split("/")[-1], d["score"], box))
    return rows


def overlap(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0]) + 1
    h = min(a[3], b[3]) - max(a[1], b[1]) + 1
    if w <= 0 or h <= 0:
        return 0
    union = (a[2] - a[0] + 1) * (a[3] - a[1] + 1) + (b[2] - b[0] + 1) * (b[3] - b[1] + 1) - w * h
    return w * h / union


def points(boxes, rows):
    used, hits = set(), []
    for photo, _, box in sorted(rows, key=lambda r: -r[1]):
        candidates = [(overlap(box, t), -i) for i, t in enumerate(boxes.get(photo, []))]
        best, i = max(candidates, default=(0, 0))
        right = best >= 0.5 and (photo, i) not in used
        if right:
            used.add((photo, i))
        hits.append(right)
    total, right, curve = sum(map(len, boxes.values())), 0, []
    for n, hit in enumerate(hits, 1):
        right += hit
        curve.append((Fraction(right, total), Fraction(right, n)))
    return curve


def average(curve, protocol):
    if protocol == "voc07":
        return sum(max((p for r, p in curve if r * 10 >= t), default=0) for t in range(11)) / Fraction(11)
    area, last = 0, 0
    for i, (r, _) in enumerate(curve):
        if r > last:
            area += (r - last) * max(p for _, p in curve[i:])
            last = r
    return area


boxes, rows = truth(sys.argv[1]), found(sys.argv[2])
for name in sorted(boxes):
    print(name, "%.12f" % float(average(points(boxes[name], rows.get(name, [])), sys.argv[3])))
