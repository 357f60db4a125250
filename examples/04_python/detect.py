#!/usr/bin/env python3
"""What is in a photograph? An emitted detector, called from Python without a binding to build.

    dssdc compile models/dssd321_mobilenet.json --emit=shared -o detect.so
    python3 detect.py photo.jpg

needs numpy, and Pillow or OpenCV to read the photograph. The library is ./detect.so, or what $DETECT_LIBRARY names.
The structure and the calls below are those of detect.h, which dssdc writes beside the library.
"""
import ctypes
import os
import sys

import numpy as np


class Detection(ctypes.Structure):  # detect_detection
    _fields_ = [(name, ctypes.c_float) for name in ("x0", "y0", "x1", "y1", "score")] + [("label", ctypes.c_int32)]


RGB = 0  # DETECT_RGB
MOST = 200  # DETECT_MAX_DETECTIONS


class Detector:
    """One loaded library. It works in one buffer of its own: one thread at a time (--arena=caller lifts that)."""

    def __init__(self, path):
        self.library = ctypes.CDLL(os.path.abspath(path))
        pixels = np.ctypeslib.ndpointer(np.uint8, ndim=3, flags="C_CONTIGUOUS")
        self.library.detect_detect.argtypes = [pixels, *[ctypes.c_int] * 4, ctypes.POINTER(Detection), ctypes.c_int]
        self.library.detect_strerror.restype = ctypes.c_char_p
        first = ctypes.c_char_p.in_dll(self.library, "detect_labels")
        self.labels = ctypes.cast(ctypes.byref(first), ctypes.POINTER(ctypes.c_char_p))

    def __call__(self, picture, threshold=0.3):
        """picture: uint8 [height][width][3], RGB. Gives (label, score, (x0, y0, x1, y1)) in pixels, best first."""
        found = (Detection * MOST)()
        height, width, _ = picture.shape
        n = self.library.detect_detect(picture, width, height, 3 * width, RGB, found, MOST)
        if n < 0:
            raise RuntimeError(self.library.detect_strerror(n).decode())
        return [
            (self.labels[d.label].decode(), d.score, (d.x0, d.y0, d.x1, d.y1)) for d in found[:n] if d.score > threshold
        ]


def read_picture(path):
    """Upright, as a camera's orientation says."""
    try:
        from PIL import Image, ImageOps
    except ImportError:
        import cv2

        picture = cv2.imread(path)
        if picture is None:
            raise OSError(f"{path}: no picture that can be read")
        return np.ascontiguousarray(picture[:, :, ::-1])  # OpenCV's order is BGR
    return np.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: detect.py PHOTO...")
    detect = Detector(os.environ.get("DETECT_LIBRARY", "detect.so"))
    for path in sys.argv[1:]:
        print(path)
        for label, score, (x0, y0, x1, y1) in detect(read_picture(path)):
            print(f"{label:12} {score:.3f}  {x0:.1f} {y0:.1f} {x1:.1f} {y1:.1f}")


if __name__ == "__main__":
    main()
