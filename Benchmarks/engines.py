"""Penstock's engine beside PyTorch, ONNX Runtime and OpenVINO on one checkpoint, in turns:

    python3 -m venv venv && venv/bin/pip install -r Benchmarks/requirements-engines.txt
    venv/bin/python Benchmarks/engines.py .build/release/penstock CHECKPOINT [--dtype D]... [--case C]... [--rounds N]

Each engine is a process of its own, stopped while another one runs. A round runs every case on every engine; the table
has the medians of all rounds, in tokens per second and milliseconds. The peers pad a batch to its longest sequence, as
they do in service; tokens are counted without padding. Encoders alone: no tokenizer, no head.
"""
import argparse, json, os, signal, statistics, subprocess, sys, tempfile, time

MIXED = [52, 103, 78, 10, 15, 98, 4, 87, 82, 31, 15, 13, 12, 28, 35, 41, 126, 81, 52, 125, 9, 7, 50, 4, 4, 36, 30, 108,
         53, 36, 34, 11]
SHAPES = [(1, 8), (1, 32), (1, 128), (8, 32), (32, 32), (8, 128), (32, 128), (4, 512)]
CASES = {f"{b}x{s}": [s] * b for b, s in SHAPES} | {"mixed32": MIXED}
PEERS = {
    "float32": ["torch-float32", "onnxruntime-float32", "openvino-float32"],
    "bfloat16": ["torch-bfloat16", "openvino-bfloat16"],
    "int8": ["onnxruntime-int8"],
}


def export(checkpoint, directory):
    """Writes encoder.onnx and encoder-int8.onnx."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from transformers import AutoModel

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = AutoModel.from_pretrained(checkpoint, attn_implementation="eager").eval()

        def forward(self, ids, mask, types):
            return self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state

    ids = torch.randint(1000, 2000, (2, 16))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    torch.onnx.export(
        Encoder(), (ids, torch.ones_like(ids), torch.zeros_like(ids)), f"{directory}/encoder.onnx", input_names=names,
        output_names=["hidden"], opset_version=17, dynamo=False,
        dynamic_axes={name: {0: "batch", 1: "length"} for name in names + ["hidden"]})
    quantize_dynamic(f"{directory}/encoder.onnx", f"{directory}/encoder-int8.onnx", weight_type=QuantType.QInt8,
                     per_channel=True)


def load_peer(name, checkpoint, directory):
    """A function of ids and mask that runs the encoder."""
    import numpy as np
    engine, dtype = name.split("-")
    threads = len(os.sched_getaffinity(0))
    if engine == "torch":
        import torch
        from transformers import AutoModel
        torch.set_num_threads(threads)
        model = AutoModel.from_pretrained(checkpoint, dtype=getattr(torch, dtype)).eval()

        def run(ids, mask):
            with torch.inference_mode():
                model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
        return run
    if engine == "onnxruntime":
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        path = f"{directory}/encoder{'-int8' if dtype == 'int8' else ''}.onnx"
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return lambda ids, mask: session.run(
            None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})
    import openvino
    core = openvino.Core()
    hint = {"float32": "f32", "bfloat16": "bf16"}[dtype]
    model = core.compile_model(core.read_model(f"{directory}/encoder.onnx"), "CPU",
                               {"INFERENCE_PRECISION_HINT": hint, "PERFORMANCE_HINT": "LATENCY"})
    return lambda ids, mask: model(
        {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})


def serve_peer(name, checkpoint, directory):
    """Reads names of cases, answers with median milliseconds."""
    import numpy as np
    run = load_peer(name, checkpoint, directory)
    random = np.random.default_rng(7)
    print("ready", flush=True)
    for line in sys.stdin:
        case, seconds = line.split()
        lengths = np.array(CASES[case])
        mask = (np.arange(lengths.max())[None, :] < lengths[:, None]).astype(np.int64)
        ids = random.integers(1000, 20000, mask.shape) * mask
        for _ in range(2):
            run(ids, mask)
        times = []
        while len(times) < 3 or sum(times) < float(seconds):
            start = time.perf_counter()
            run(ids, mask)
            times.append(time.perf_counter() - start)
        print(statistics.median(times) * 1e3, flush=True)


class Peer:
    def __init__(self, name, arguments, directory):
        self.process = subprocess.Popen(
            [sys.executable, __file__, arguments.penstock, arguments.checkpoint, "--peer", name, "--onnx", directory],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"{name} cannot be run here")
        self.process.send_signal(signal.SIGSTOP)

    def measure(self, case, seconds):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(f"{case} {seconds}\n")
        self.process.stdin.flush()
        milliseconds = float(self.process.stdout.readline())
        self.process.send_signal(signal.SIGSTOP)
        return milliseconds

    def close(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        self.process.wait()


def measure_penstock(binary, checkpoint, dtype, case, seconds):
    output = subprocess.run(
        [binary, "bench", checkpoint, "--dtype", dtype, "--case", case, "--seconds", str(seconds), "--json"],
        check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("penstock")
    parser.add_argument("checkpoint")
    parser.add_argument("--dtype", action="append", choices=PEERS)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="for a case of an engine in a round")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--onnx", help="where encoder.onnx and encoder-int8.onnx are, if they exist already")
    arguments = parser.parse_args()
    if arguments.peer:
        return serve_peer(arguments.peer, arguments.checkpoint, arguments.onnx)

    with tempfile.TemporaryDirectory() as temporary:
        directory = arguments.onnx or temporary
        if not arguments.onnx:
            export(arguments.checkpoint, directory)
        for dtype in arguments.dtype or PEERS:
            compare(dtype, arguments, directory)


def compare(dtype, arguments, directory):
    peers = {name: Peer(name, arguments, directory) for name in PEERS[dtype]}
    cases = arguments.case or list(CASES)
    times = {(name, case): [] for name in peers for case in cases}
    ours = {case: [] for case in cases}
    for _ in range(arguments.rounds):
        for case in cases:
            ours[case].append(
                measure_penstock(arguments.penstock, arguments.checkpoint, dtype, case, arguments.seconds))
            for name, peer in peers.items():
                times[name, case].append(peer.measure(case, arguments.seconds))
    for peer in peers.values():
        peer.close()

    def median(case, key):
        return statistics.median(line[key] for line in ours[case])

    print(f"\n{dtype}: tokens per second (milliseconds), medians of {arguments.rounds} rounds")
    print("| case | Penstock | of the peak | of the bandwidth | " + " | ".join(peers) + " | ahead of the best |")
    print("|---" * (5 + len(peers)) + "|")
    for case in cases:
        tokens = sum(CASES[case])
        best = min(statistics.median(times[name, case]) for name in peers)
        # Each round's ratio is of neighbours in time.
        ratio = statistics.median(
            min(times[name, case][i] for name in peers) / ours[case][i]["milliseconds"]
            for i in range(arguments.rounds))
        def cell(milliseconds):
            return f"{tokens / milliseconds * 1e3:,.0f} ({milliseconds:.2f})"
        print(f"| {case} | {cell(median(case, 'milliseconds'))} | {median(case, 'share_of_peak'):.1%} | "
              f"{median(case, 'share_of_bandwidth'):.1%} | "
              + " | ".join(cell(statistics.median(times[name, case])) for name in peers) + f" | {ratio:.2f}× |",
              flush=True)


if __name__ == "__main__":
    main()
