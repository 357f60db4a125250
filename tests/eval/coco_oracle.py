"""COCO's own evaluation (pycocotools). coco_oracle.py ANNOTATIONS.json DETECTIONS.jsonl prints the twelve numbers."""
import contextlib
import json
import os
import sys

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

with contextlib.redirect_stdout(open(os.devnull, "w")):
    truth = COCO(sys.argv[1])
    image = {i["file_name"]: i["id"] for i in truth.dataset["images"]}
    category = {c["name"]: c["id"] for c in truth.dataset["categories"]}
    results = []
    for line in open(sys.argv[2]):
        photo = json.loads(line)
        for d in photo["detections"]:
            x0, y0, x1, y1 = d["box"]
            results.append({"image_id": image[photo["file"].split("/")[-1]], "category_id": category[d["label"]],
                            "bbox": [x0, y0, x1 - x0, y1 - y0], "score": d["score"]})
    evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
for x in evaluation.stats:
    print("%.12f" % x)
