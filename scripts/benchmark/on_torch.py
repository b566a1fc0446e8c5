"""PyTorch: eager, compiled, with channels last, or as a CUDA graph."""

from typing import Any

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from benchmark.workloads import Workload, initial, initial_recurrent, lengths

nn = torch.nn


class Recurrent(nn.Module):
    """An LSTM or a GRU followed by a dense layer on the last state."""

    def __init__(self, workload: Workload) -> None:
        super().__init__()
        features, units, classes = workload.sizes
        self.cell = (nn.LSTM if workload.kind == "lstm" else nn.GRU)(features, units, batch_first=True)
        self.out = nn.Linear(units, classes)
        params = {name: torch.from_numpy(part) for name, part in initial_recurrent(workload).items()}
        with torch.no_grad():
            for parameter, value in (
                (self.cell.weight_ih_l0, params["w"].T), (self.cell.weight_hh_l0, params["u"].T),
                (self.cell.bias_ih_l0, params["b"]), (self.cell.bias_hh_l0, torch.zeros_like(params["b"])),
                (self.out.weight, params["out_w"].T), (self.out.bias, params["out_b"]),
            ):  # fmt: skip
                parameter.copy_(value)

    def forward(self, x: Any, lengths: Any = None) -> Any:
        if lengths is None:
            return self.out(self.cell(x)[0][:, -1])
        packed = nn.utils.rnn.pack_padded_sequence(
            x[:, : int(lengths.max())], lengths, batch_first=True, enforce_sorted=False
        )
        last = self.cell(packed)[1]
        return self.out((last[0] if isinstance(last, tuple) else last)[-1])


class Contestant:
    """A workload in PyTorch."""

    version = torch.__version__

    def __init__(self, name: str, workload: Workload, data: tuple[np.ndarray, ...], device: str) -> None:
        torch.manual_seed(0)
        torch.set_float32_matmul_precision("high")  # TF32 on a GPU, JAX's default
        self.name, self.workload = name, workload
        self.device = "cuda" if device == "gpu" else "cpu"
        dtype = torch.bfloat16 if workload.dtype == "bfloat16" else torch.float32
        self.autocast = torch.autocast(self.device, dtype, enabled=workload.dtype is not None)
        self.x, self.xt = (self._inputs(part) for part in (data[0], data[2]))
        self.y = torch.from_numpy(data[1]).long().to(self.device)
        self.yt = torch.from_numpy(data[3])
        self.lengths, self.lengths_t = (
            torch.from_numpy(lengths(len(part))) if workload.padded else None for part in (self.x, self.xt)
        )
        self.model = network(workload).to(self.device)
        if name == "torch-channels-last":
            self.model = self.model.to(memory_format=torch.channels_last)
        self.start = [leaf.detach().clone() for leaf in self.model.parameters()]
        self.forward = torch.compile(self.model) if name == "torch-compile" else self.model
        self.replay: Any = None

    def _inputs(self, x: np.ndarray) -> Any:
        images = self.workload.kind == "cnn"
        inputs = torch.from_numpy(x)
        if images:  # (examples, height, width, channels) in memory is what PyTorch calls channels last
            inputs = inputs.permute(0, 3, 1, 2)
            inputs = inputs if self.name == "torch-channels-last" else inputs.contiguous()
        return inputs.to(self.device)

    def _optimizer(self, capturable: bool = False) -> Any:
        rate = self.workload.learning_rate
        return torch.optim.Adam(self.model.parameters(), rate, eps=1e-8, fused=True, capturable=capturable)

    def _step(self, optimizer: Any, x: Any, y: Any, *lengths: Any) -> None:
        optimizer.zero_grad(set_to_none=True)
        with self.autocast:
            loss = nn.functional.cross_entropy(self.forward(x, *lengths), y)
        loss.backward()
        optimizer.step()

    def _reset(self) -> None:
        with torch.no_grad():
            for leaf, value in zip(self.model.parameters(), self.start, strict=True):
                leaf.copy_(value)

    def train(self) -> None:
        self._reset()
        step = self._graph() if self.name == "torch-graphs" else None
        optimizer = None if step else self._optimizer()
        for _ in range(self.workload.epochs):
            for indices in self._batches():
                if self.lengths is not None:
                    self._step(optimizer, self.x[indices], self.y[indices], self.lengths[indices])
                elif step and len(indices) == self.workload.batch_size:
                    step(indices)
                else:  # a graph has fixed shapes, so a smaller last batch runs without it
                    self._step(optimizer or self.optimizer, self.x[indices], self.y[indices])
        if self.device == "cuda":
            torch.cuda.synchronize()

    def _batches(self) -> Any:
        """The indices of the batches of an epoch; "torch-sorted" batches sequences of similar length."""
        size = self.workload.batch_size
        order = torch.randperm(len(self.x), device=self.device)
        if self.name != "torch-sorted":
            return order.split(size)
        ranked = order[self.lengths[order].argsort(stable=True)].split(size)
        return [ranked[place] for place in torch.randperm(len(ranked))]

    def _graph(self) -> Any:
        """A step as a CUDA graph, captured in the first training; each call resets parameters and state."""
        if self.replay is None:
            size = self.workload.batch_size
            self.x_batch, self.y_batch = self.x[:size].clone(), self.y[:size].clone()
            self.optimizer = self._optimizer(capturable=True)
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                for _ in range(3):
                    self._step(self.optimizer, self.x_batch, self.y_batch)
            torch.cuda.current_stream().wait_stream(stream)
            self.replay = torch.cuda.CUDAGraph()
            self.optimizer.zero_grad(set_to_none=True)
            with torch.cuda.graph(self.replay):
                self._step(self.optimizer, self.x_batch, self.y_batch)
        self._reset()
        with torch.no_grad():
            for state in self.optimizer.state.values():
                for part in state.values():
                    part.zero_()

        def step(indices: Any) -> None:
            self.x_batch.copy_(self.x[indices])
            self.y_batch.copy_(self.y[indices])
            self.replay.replay()

        return step

    def accuracy(self) -> float:
        with torch.no_grad():
            parts = [self.xt.split(1000), *([self.lengths_t.split(1000)] if self.workload.padded else [])]
            predictions = torch.cat([self.forward(*part).argmax(1) for part in zip(*parts, strict=True)])
        return float((predictions.cpu() == self.yt).float().mean())

    def facts(self) -> dict[str, Any]:
        return {"threads": torch.get_num_threads()}


def network(workload: Workload) -> Any:
    """The network of a workload with the initial parameters."""
    if workload.recurrent:
        return Recurrent(workload)
    if workload.kind == "mlp":
        activation = nn.Tanh if workload.activation == "tanh" else nn.ReLU
        layers = [part for a, b in workload.layers
                  for part in (nn.Linear(a, b), activation())][:-1]  # fmt: skip
    else:
        first, second, classes = workload.sizes
        layers = [
            nn.Conv2d(1, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(7 * 7 * second, classes),
        ]  # fmt: skip
    model = nn.Sequential(*layers)
    with torch.no_grad():
        trainable = [layer for layer in layers if hasattr(layer, "weight")]
        for layer, (w, b) in zip(trainable, initial(workload, channels_first=True), strict=True):
            layer.weight.copy_(torch.from_numpy(w))
            layer.bias.copy_(torch.from_numpy(b))
    return model
