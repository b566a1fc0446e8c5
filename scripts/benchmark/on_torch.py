"""The benchmark's work done by PyTorch: eager, compiled, or as a CUDA graph."""

from typing import Any

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from benchmark.works import Work, initial, initial_recurrent

nn = torch.nn


class Recurrent(nn.Module):
    """An LSTM or a GRU whose last state goes through a dense layer."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        features, units, classes = work.sizes
        self.cell = (nn.LSTM if work.kind == "lstm" else nn.GRU)(features, units, batch_first=True)
        self.out = nn.Linear(units, classes)
        held = {name: torch.from_numpy(part) for name, part in initial_recurrent(work).items()}
        with torch.no_grad():
            for parameter, value in (
                (self.cell.weight_ih_l0, held["w"].T), (self.cell.weight_hh_l0, held["u"].T),
                (self.cell.bias_ih_l0, held["b"]), (self.cell.bias_hh_l0, torch.zeros_like(held["b"])),
                (self.out.weight, held["out_w"].T), (self.out.bias, held["out_b"]),
            ):  # fmt: skip
                parameter.copy_(value)

    def forward(self, x: Any) -> Any:
        return self.out(self.cell(x)[0][:, -1])


class Contestant:
    """One work by PyTorch."""

    version = torch.__version__

    def __init__(self, name: str, work: Work, data: tuple[np.ndarray, ...], device: str) -> None:
        torch.manual_seed(0)
        torch.set_float32_matmul_precision("high")  # TF32 on a GPU, as JAX has it by default
        self.name, self.work = name, work
        self.device = "cuda" if device == "gpu" else "cpu"
        dtype = torch.bfloat16 if work.dtype == "bfloat16" else torch.float32
        self.autocast = torch.autocast(self.device, dtype, enabled=work.dtype is not None)
        self.x, self.xt = (self._inputs(part) for part in (data[0], data[2]))
        self.y = torch.from_numpy(data[1]).long().to(self.device)
        self.yt = torch.from_numpy(data[3])
        self.model = network(work).to(self.device)
        self.start = [leaf.detach().clone() for leaf in self.model.parameters()]
        self.called = torch.compile(self.model) if name == "torch-compile" else self.model
        self.replay: Any = None

    def _inputs(self, x: np.ndarray) -> Any:
        held = torch.from_numpy(x)
        return (held.permute(0, 3, 1, 2).contiguous() if self.work.kind == "cnn" else held).to(self.device)

    def _optimizer(self, capturable: bool = False) -> Any:
        return torch.optim.Adam(
            self.model.parameters(), self.work.rate, eps=1e-8, fused=True, capturable=capturable
        )

    def _step(self, optimizer: Any, x: Any, y: Any) -> None:
        optimizer.zero_grad(set_to_none=True)
        with self.autocast:
            loss = nn.functional.cross_entropy(self.called(x), y)
        loss.backward()
        optimizer.step()

    def train(self) -> None:
        with torch.no_grad():
            for leaf, value in zip(self.model.parameters(), self.start, strict=True):
                leaf.copy_(value)
        step = self._graph() if self.name == "torch-graphs" else None
        optimizer = None if step else self._optimizer()
        for _ in range(self.work.epochs):
            order = torch.randperm(len(self.x), device=self.device)
            for index in order.split(self.work.batch):
                if step and len(index) == self.work.batch:
                    step(index)
                else:  # a graph has one shape: a last batch that is smaller goes without
                    self._step(optimizer or self.rule, self.x[index], self.y[index])
        if self.device == "cuda":
            torch.cuda.synchronize()

    def _graph(self) -> Any:
        """The step as a graph, captured at the first training; each training begins with a new state."""
        if self.replay is None:
            self.x_now, self.y_now = self.x[: self.work.batch].clone(), self.y[: self.work.batch].clone()
            self.rule = self._optimizer(capturable=True)
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(3):
                    self._step(self.rule, self.x_now, self.y_now)
            torch.cuda.current_stream().wait_stream(aside)
            self.replay = torch.cuda.CUDAGraph()
            self.rule.zero_grad(set_to_none=True)
            with torch.cuda.graph(self.replay):
                self._step(self.rule, self.x_now, self.y_now)
        with torch.no_grad():
            for leaf, value in zip(self.model.parameters(), self.start, strict=True):
                leaf.copy_(value)
            for state in self.rule.state.values():
                for part in state.values():
                    part.zero_()

        def step(index: Any) -> None:
            self.x_now.copy_(self.x[index])
            self.y_now.copy_(self.y[index])
            self.replay.replay()

        return step

    def accuracy(self) -> float:
        with torch.no_grad():
            guesses = torch.cat([self.called(part).argmax(1) for part in self.xt.split(1000)])
        return float((guesses.cpu() == self.yt).float().mean())

    def facts(self) -> dict[str, Any]:
        return {"threads": torch.get_num_threads()}


def network(work: Work) -> Any:
    """The network of a work, with the weights with which everybody begins."""
    if work.kind in ("lstm", "gru"):
        return Recurrent(work)
    drawn = initial(work)
    if work.kind == "mlp":
        activation = nn.Tanh if work.activation == "tanh" else nn.ReLU
        layers = [part for a, b in zip(work.sizes, work.sizes[1:], strict=False)
                  for part in (nn.Linear(a, b), activation())][:-1]  # fmt: skip
        weights = [w.T for w, _ in drawn]
    else:
        first, second, classes = work.sizes
        layers = [
            nn.Conv2d(1, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(7 * 7 * second, classes),
        ]  # fmt: skip
        dense = drawn[2][0].reshape(7, 7, second, classes).transpose(3, 2, 0, 1).reshape(classes, -1)
        weights = [drawn[0][0].transpose(3, 2, 0, 1), drawn[1][0].transpose(3, 2, 0, 1), dense]
    model = nn.Sequential(*layers)
    with torch.no_grad():
        own = [layer for layer in layers if hasattr(layer, "weight")]
        for layer, w, (_, b) in zip(own, weights, drawn, strict=True):
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(w)))
            layer.bias.copy_(torch.from_numpy(b))
    return model
