"""network.py -- a network as dssdc prints it (inspect --emit=ir --stop-after=fold_norm), as a PyTorch module: the peer of
the timings. Weights are made up. The post-processing is left out: the module returns offsets and scores."""
import re

import torch
import torch.nn.functional as F

LINE = re.compile(r'^%(\d+)(?: "[^"]*")? = (\w+) "([^"]*)"((?: %\d+| -)*)(.*?) : (\w+)\[([\d,]*)\]')
CONST = re.compile(r'^const %(\d+)(?: "[^"]*")? : (\w+)\[([\d,]*)\]')
INPUT = re.compile(r'^input %(\d+)(?: "[^"]*")? : (\w+)\[([\d,]*)\]')


def numbers(text):
    return [int(x) for x in text.split(",") if x]


def attributes(text):
    found = dict(re.findall(r"(\w+)=([^\s]+)", text.split(" ;")[0]))
    return {k: v for k, v in found.items()}


class Network(torch.nn.Module):
    def __init__(self, text, seed=1):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.steps, self.last = [], None
        self.weights = torch.nn.ParameterDict()
        shapes = {}
        lines = text.splitlines()
        for line in lines:
            m = CONST.match(line)
            if m:
                shapes[m[1]] = numbers(m[3])
            m = INPUT.match(line)
            if m:
                self.input, self.shape = m[1], numbers(m[3])
        for line in lines:
            m = LINE.match(line)
            if not m:
                continue
            inputs = [None if x == "-" else x[1:] for x in m[4].split()]
            if m[2] == "detect":
                self.last = inputs[:2]
                break
            self.steps.append((m[1], m[2], inputs, attributes(m[5]), numbers(m[7])))
            for i in inputs:
                if i in shapes and i not in self.weights:
                    shape = shapes[i]
                    fan = 1
                    for n in shape[1:]:
                        fan *= n
                    scale = (2.0 / fan) ** 0.5 if len(shape) > 1 else 0.01
                    self.weights[i] = torch.nn.Parameter(torch.randn(shape, generator=generator) * scale, requires_grad=False)

    def value(self, values, i):
        return None if i is None else values[i] if i in values else self.weights[i]

    def forward(self, x):
        values = {self.input: x}
        for out, op, inputs, a, shape in self.steps:
            v = [self.value(values, i) for i in inputs]
            values[out] = STEPS[op](v, a, shape)
        return tuple(values[i] for i in self.last)


def pair(a, name, standard):
    v = numbers(a.get(name, "")) or [standard]
    return tuple(v) if len(v) > 1 else (v[0], v[0])


def conv2d(v, a, shape):
    top, left, bottom, right = numbers(a.get("pad", "0,0,0,0"))
    x = v[0]
    if top != bottom or left != right:
        x, top, left = F.pad(x, (left, right, top, bottom)), 0, 0
    return F.conv2d(x, v[1], v[2] if len(v) > 2 else None, pair(a, "stride", 1), (top, left), pair(a, "dilation", 1), int(a.get("group", 1)))


def deconv2d(v, a, shape):
    top, left = numbers(a.get("pad", "0,0,0,0"))[:2]
    return F.conv_transpose2d(v[0], v[1], v[2] if len(v) > 2 else None, pair(a, "stride", 1), (top, left), 0, int(a.get("group", 1)))


def pool2d(v, a, shape):
    top, left = numbers(a.get("pad", "0,0,0,0"))[:2]
    return F.max_pool2d(v[0], pair(a, "kernel", 1), pair(a, "stride", 1), (top, left), 1, a.get("ceil_mode") in ("true", "1"))


def eltwise(v, a, shape):
    fn = a.get("fn", "identity")
    if fn == "add":
        return v[0] + v[1]
    if fn == "mul":
        return v[0] * v[1]
    if fn == "relu":
        return F.relu(v[0])
    if fn == "relu6":
        return F.relu6(v[0])
    raise ValueError("eltwise " + fn)


def l2norm(v, a, shape):
    return v[1].view(1, -1, 1, 1) * v[0] / torch.sqrt((v[0] * v[0]).sum(1, keepdim=True) + float(a.get("eps", 1e-10)))


def with_batch(shape, x):
    return [x.shape[0]] + shape[1:]


STEPS = {
    "conv2d": conv2d,
    "deconv2d": deconv2d,
    "pool2d": pool2d,
    "eltwise": eltwise,
    "l2norm": l2norm,
    "permute": lambda v, a, shape: v[0].permute(numbers(a["order"])),
    "reshape": lambda v, a, shape: v[0].reshape(with_batch(shape, v[0])),
    "concat": lambda v, a, shape: torch.cat(v, int(a["axis"])),
    "softmax": lambda v, a, shape: torch.softmax(v[0].float(), int(a["axis"])),
}
