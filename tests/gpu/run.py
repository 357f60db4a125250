"""run.py -- see run.sh. Every step has a name, a result and a time of its own; a step that fails does not stop the others."""
import argparse
import concurrent.futures
import json
import os
import re
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.abspath(os.environ.get("OUT", os.path.join(ROOT, "build", "gpu")))
DSSDC = os.environ["DSSDC"]
CUDNN = os.environ.get("DSSDC_CUDNN_FLAGS", "").split()
BUDGET = 470.0  # seconds of everything
START = time.monotonic()
RESULTS = {"steps": {}, "times": [], "sanitizer": {}, "accuracy": {}}

TRAINED = os.path.join(ROOT, "models", "dssd321_mobilenet.json")
NETWORKS = {  # name: card, options
    "trained": (TRAINED, []),
    "dssd321": (os.path.join(ROOT, "models", "dssd321_voc.json"), ["--random-weights=1"]),
    "dssd513": (os.path.join(ROOT, "models", "dssd513_voc.json"), ["--random-weights=1"]),
}


def left():
    return BUDGET - (time.monotonic() - START)


def run(command, limit=None, **kw):
    limit = min(limit or 1e9, max(left(), 1))
    return subprocess.run(command, capture_output=True, text=True, timeout=limit, **kw)


def must(command, limit=None, **kw):
    p = run(command, limit, **kw)
    if p.returncode:
        raise RuntimeError("%s: %s" % (" ".join(command[:3]), (p.stderr or p.stdout)[-1500:]))
    return p.stdout


def step(name, function, *arguments):
    begin = time.monotonic()
    try:
        value, state = function(*arguments), "done"
    except Exception as e:  # the others go on
        value, state = None, "%s: %s" % (type(e).__name__, str(e)[:1500])
    RESULTS["steps"][name] = {"state": state, "seconds": round(time.monotonic() - begin, 2)}
    print("%-44s %7.1f s  %s" % (name, time.monotonic() - begin, state if state != "done" else "done"), flush=True)
    save()
    return value


def save():
    with open(os.path.join(OUT, "results.json"), "w") as f:
        json.dump(RESULTS, f, indent=1)


def architecture():
    cap = must(["nvidia-smi", "--query-gpu=compute_cap,name,driver_version", "--format=csv,noheader"]).splitlines()[0]
    number, name, driver = [x.strip() for x in cap.split(",")]
    RESULTS["device"] = {"name": name, "driver": driver, "compute": number, "nvcc": must(["nvcc", "--version"]).splitlines()[-1]}
    return "sm_" + number.replace(".", "") + ("a" if number == "9.0" else "")


def flags(target):
    return (["--cflags=" + " ".join(CUDNN)] if CUDNN and target == "cuda" else [])


def stem(case):
    return "_".join([case["network"], case["target"].replace("-", "_"), case["precision"], "b%d" % case["batch"]] + case.get("tag", []))


def build(case, arch):
    """An emitted detector as an object, and the driver around it."""
    card, options = NETWORKS[case["network"]]
    name = stem(case)
    folder = os.path.join(OUT, name)
    os.makedirs(folder, exist_ok=True)
    must([DSSDC, "compile", card, *options, "--target=" + case["target"], "--precision=" + case["precision"], "--batch=%d" % case["batch"],
          "--arch=" + arch, "--emit=obj", "--name=net", *flags(case["target"]), *case.get("options", []), "-o", os.path.join(folder, "net.o")], 200)
    must(["nvcc", "-O2", "-std=c++17", "-arch=" + arch, "-I" + folder, '-DHEADER="net.h"', "-DNAME=net", "-DUPPER=NET",
          os.path.join(ROOT, "tests", "cuda", "driver.cu"), os.path.join(folder, "net.o"), *CUDNN,
          *(["-lcudnn"] if case["target"] == "cuda" else []), "-o", os.path.join(folder, "driver")], 120)
    return os.path.join(folder, "driver")


def verify(target, precision, arch):
    out = must([DSSDC, "verify", TRAINED, "--target=" + target, "--precision=" + precision, "--arch=" + arch, *flags(target)], 150)
    return out.strip().splitlines()[-1]


def detections(driver, photos):
    """A list for each photograph, all by one process: to open a program of cuDNN takes seconds."""
    rows = [[]]
    for line in must([driver, "photos", *(str(word) for photo in photos for word in photo)], 120).splitlines():
        v = line.split()
        if v[0] == "end":
            rows.append([])
        else:
            rows[-1].append((int(v[0]), *map(float, v[1:])))
    if len(rows) != len(photos) + 1:
        raise RuntimeError("%d photographs, %d answers" % (len(photos), len(rows) - 1))
    return rows[:-1]


def twins(want, got, score, pixels, threshold=0.3):
    """How many of the boxes above the threshold have their twin: class, score and corners near."""
    strong = [w for w in want if w[1] > threshold]
    found = sum(any(g[0] == w[0] and abs(g[1] - w[1]) <= score and max(abs(a - b) for a, b in zip(g[2:], w[2:])) <= pixels for g in got)
                for w in strong)
    return found, len(strong)


def photographs():
    try:
        from PIL import Image
    except ImportError:
        return []
    folders = [os.environ.get("DSSDC_PHOTOS", "")]
    for shared in (os.path.join(ROOT, "shared"), os.path.join(ROOT, "..", "shared")):
        folders.append(os.path.join(shared, "data", "voc2007", "JPEGImages"))
    folders.append(os.path.join(ROOT, "examples", "photos"))
    for folder in folders:
        if folder and os.path.isdir(folder):
            names = sorted(n for n in os.listdir(folder) if n.endswith((".jpg", ".png")) and n != "detected.jpg")[:200]
            break
    found = []
    for name in names:
        image = Image.open(os.path.join(folder, name)).convert("RGB")
        raw = os.path.join(OUT, "photos", name + ".raw")
        os.makedirs(os.path.dirname(raw), exist_ok=True)
        with open(raw, "wb") as f:
            f.write(image.tobytes())
        found.append((image.width, image.height, raw))
    return found


def cpu_program():
    folder = os.path.join(OUT, "cpu")
    os.makedirs(folder, exist_ok=True)
    must([DSSDC, "compile", TRAINED, "--emit=shared", "--name=net", "-o", os.path.join(folder, "net.so")], 120)
    import ctypes

    class Detection(ctypes.Structure):
        _fields_ = [(n, ctypes.c_float) for n in ("x0", "y0", "x1", "y1", "score")] + [("label", ctypes.c_int32)]

    library = ctypes.CDLL(os.path.join(folder, "net.so"))

    def detect(photo):
        width, height, raw = photo
        out = (Detection * 200)()
        with open(raw, "rb") as f:
            n = library.net_detect(f.read(), width, height, 3 * width, 0, out, 200)
        return [(d.label, d.score, d.x0, d.y0, d.x1, d.y1) for d in out[:n]]

    return detect


BOUNDS = {"f32": (1e-4, 0.5, 1.0), "tf32": (0.03, 2, 0.97), "f16": (0.03, 2, 0.97), "bf16": (0.03, 2, 0.75), "mixed": (0.03, 2, 0.95)}


def accuracy(drivers, photos):
    detect = cpu_program()
    want = [detect(p) for p in photos]
    for name, driver in drivers.items():
        precision = name.split("/")[1]
        score, pixels, bound = BOUNDS[precision]
        got = detections(driver, photos)
        pairs = [twins(w, g, score, pixels) for w, g in zip(want, got)]
        found, total = sum(p[0] for p in pairs), sum(p[1] for p in pairs)
        RESULTS["accuracy"][name] = {"boxes": total, "with_twin": found, "bound": bound, "holds": found >= bound * total}
        print("    %-40s %d of %d boxes have their twin (bound %.0f %%)" % (name, found, total, 100 * bound), flush=True)


def times(name, driver, count=200):
    t = json.loads(must([driver, "time", str(count)], 60))
    RESULTS["times"].append({"name": name, **t})
    print("    %-44s %8.3f ms, p95 %.3f" % (name, t["median"], t["p95"]), flush=True)


def sanitize(driver, tool):
    p = run(["compute-sanitizer", "--tool", tool, "--error-exitcode", "9", driver, "device"], 120)
    last = [l for l in p.stdout.splitlines() if "SUMMARY" in l]
    RESULTS["sanitizer"][tool] = {"clean": p.returncode == 0, "summary": last[-1] if last else p.stderr[-300:]}
    if p.returncode:
        raise RuntimeError(RESULTS["sanitizer"][tool]["summary"])


# ---- peers ----


def torch_times(name, batch, half):
    import torch

    sys.path.insert(0, os.path.join(ROOT, "tests", "gpu"))
    from network import Network

    card, options = NETWORKS[name]
    text = must([DSSDC, "inspect", card, *options, "--emit=ir", "--stop-after=fold_norm", "-o", "-"], 120)
    torch.backends.cudnn.benchmark = True
    dtype = torch.float16 if half else torch.float32
    model = Network(text).to("cuda", dtype).to(memory_format=torch.channels_last).eval()
    x = torch.randn([batch] + model.shape[1:], device="cuda", dtype=dtype).to(memory_format=torch.channels_last)

    def measure(f, label):
        with torch.no_grad():
            for _ in range(10):
                f(x)
            torch.cuda.synchronize()
            ms = []
            for _ in range(60):
                a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
                a.record()
                f(x)
                b.record()
                b.synchronize()
                ms.append(a.elapsed_time(b))
        t = {"name": label, "batch": batch, "runs": len(ms), "min": min(ms), "median": statistics.median(ms), "max": max(ms)}
        RESULTS["times"].append(t)
        print("    %-44s %8.3f ms" % (label, t["median"]), flush=True)

    kind = "f16" if half else "f32"
    measure(model, "%s PyTorch eager %s batch %d, no NMS" % (name, kind, batch))
    compiled = torch.compile(model, mode="max-autotune" if left() > 200 else "reduce-overhead")
    measure(compiled, "%s torch.compile %s batch %d, no NMS" % (name, kind, batch))
    return model, x


def onnx_times(name):
    import torch

    sys.path.insert(0, os.path.join(ROOT, "tests", "gpu"))
    from network import Network
    import onnxruntime  # noqa: absent on most machines

    card, options = NETWORKS[name]
    text = must([DSSDC, "inspect", card, *options, "--emit=ir", "--stop-after=fold_norm", "-o", "-"], 120)
    model = Network(text).eval()
    path = os.path.join(OUT, name + ".onnx")
    torch.onnx.export(model, torch.randn(model.shape), path)
    session = onnxruntime.InferenceSession(path, providers=["CUDAExecutionProvider"])
    feed = {session.get_inputs()[0].name: torch.randn(model.shape).numpy()}
    ms = []
    for i in range(40):
        begin = time.perf_counter()
        session.run(None, feed)
        ms.append(1e3 * (time.perf_counter() - begin))
    RESULTS["times"].append({"name": name + " onnxruntime f32, host to host", "batch": 1, "median": statistics.median(ms[10:])})


def tensorrt_times(name, half):
    onnx = os.path.join(OUT, name + ".onnx")
    if not os.path.exists(onnx):
        raise RuntimeError("no ONNX file")
    out = must(["trtexec", "--onnx=" + onnx, *(["--fp16"] if half else []), "--useCudaGraph", "--iterations=100"], 150)
    median = re.search(r"GPU Compute Time:.*median = ([\d.]+)", out)
    RESULTS["times"].append({"name": name + " TensorRT, no NMS", "batch": 1, "median": float(median[1])})


# ---- all ----


def cases(quick):
    made = []
    for target in ("cuda-standalone", "cuda"):
        for precision in ("f32", "tf32", "f16", "bf16", "mixed"):
            made.append({"network": "trained", "target": target, "precision": precision, "batch": 1})
        if quick:
            break
        made.append({"network": "trained", "target": target, "precision": "f16", "batch": 32})
        for network in ("dssd321", "dssd513"):
            made.append({"network": network, "target": target, "precision": "bf16", "batch": 1})
        made.append({"network": "dssd321", "target": target, "precision": "bf16", "batch": 32})
        # what queues give: all kernels one after another
        for network, precision in (("trained", "f16"), ("dssd321", "bf16")):
            made.append({"network": network, "target": target, "precision": precision, "batch": 1, "tag": ["chain"], "options": ["--disable-pass=schedule"]})
        # what it gives to launch kernels early
        for network, precision in (("trained", "f16"), ("dssd321", "bf16"), ("dssd513", "bf16")):
            made.append({"network": network, "target": target, "precision": precision, "batch": 1, "tag": ["early"], "options": ["--early-launch"]})
        # the paper's Table 7: batch normalisation folded or not
        made.append({"network": "dssd321", "target": target, "precision": "f32", "batch": 1, "tag": ["bn"], "options": ["--disable-pass=fold_norm"]})
        made.append({"network": "dssd321", "target": target, "precision": "f32", "batch": 1, "tag": ["folded"]})
    return made


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    arch = step("device", architecture) or "sm_80"
    all_cases = cases(quick)
    drivers = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        futures = {pool.submit(build, c, arch): c for c in all_cases}
        for f in concurrent.futures.as_completed(futures):
            name = stem(futures[f])
            drivers[name] = step("build " + name, f.result)
    for target in ("cuda-standalone", "cuda")[: 1 if quick else 2]:
        for precision in ("f32", "tf32", "f16", "bf16", "mixed"):
            step("verify %s %s" % (target, precision), lambda: RESULTS.setdefault("verify", {}).__setitem__(target + "/" + precision, verify(target, precision, arch)))
    trained = {"/".join([c["target"], c["precision"], *c.get("tag", [])]): drivers[stem(c)] for c in all_cases
               if c["network"] == "trained" and c["batch"] == 1 and c.get("tag") in (None, ["early"]) and drivers.get(stem(c))}
    photos = step("photographs", photographs) or []
    step("detections", accuracy, trained, photos)
    for name, driver in list(trained.items()):
        step("same bits, own stream, own graph: " + name, must, [driver, "device"], 60)
    for c in all_cases:
        if c["batch"] > 1 and drivers.get(stem(c)) and c["network"] == "trained":
            step("batch " + stem(c), must, [drivers[stem(c)], "batch"], 120)
    for c in all_cases:  # alone on the device
        if drivers.get(stem(c)):
            step("time " + stem(c), times, stem(c), drivers[stem(c)])
    if not quick:
        one = trained.get("cuda-standalone/f16")
        for tool in ("memcheck", "racecheck", "initcheck"):
            if one:
                step("compute-sanitizer " + tool, sanitize, one, tool)
        for name, batch, half in (("dssd321", 1, True), ("trained", 1, True), ("dssd513", 1, True), ("dssd321", 32, True)):
            if left() > 60:
                step("PyTorch %s batch %d" % (name, batch), torch_times, name, batch, half)
        if left() > 60:
            step("onnxruntime", onnx_times, "dssd321")
        if left() > 60:
            step("TensorRT", tensorrt_times, "dssd321", True)
    print("\n%-58s %10s" % ("", "median ms"))
    for t in sorted(RESULTS["times"], key=lambda t: (t["name"].split()[0].split("_")[0], t["median"])):
        print("%-58s %10.3f" % (t["name"], t["median"]))
    RESULTS["seconds"] = round(time.monotonic() - START, 1)
    save()
    bad = [n for n, s in RESULTS["steps"].items() if s["state"] != "done"] + [n for n, a in RESULTS["accuracy"].items() if not a["holds"]]
    print("\n%d steps, %d failed%s; %.0f s; %s" % (len(RESULTS["steps"]), len(bad), ": " + ", ".join(bad) if bad else "", RESULTS["seconds"],
                                              os.path.join(OUT, "results.json")))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
