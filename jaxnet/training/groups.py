"""How many networks train at once: groups side by side in one program, on the CPU several groups at once."""

import functools
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import jax
import numpy as np

from jaxnet._validation import count_of, example_shape, frozen_shape, params_of
from jaxnet.training.compiled import programs
from jaxnet.training.compiled.fingerprint import Pure
from jaxnet.training.compiled.plan import Cost, Plan, platform, seconds_of_step
from jaxnet.training.compiled.task import Hyper, State, empty_tally
from jaxnet.training.feed import chunks, lengths
from jaxnet.training.feed.order import EVALUATION_BATCH, key_bits
from jaxnet.training.host.execution import execute
from jaxnet.training.host.interrupts import noted_interrupts
from jaxnet.training.host.journal import EvaluationData
from jaxnet.training.host.stopping import EarlyStopping
from jaxnet.training.host.watch import Watch, means
from jaxnet.training.job import Job
from jaxnet.training.run import Run, whole_numbers

Rows = Sequence[tuple[np.ndarray, np.ndarray]]  # for each network: rows to train on, rows held out

_GROUP = (
    4  # networks side by side on the CPU: 64 small ones took 2.8 s one by one, 2.1 s by fours, 2.5 s by 32
)
_LARGE = 2e7  # operations in the forward pass of a batch: from here on one network keeps all cores busy
_ORDER_BYTES = 64 << 20  # for the orders of a group in one call
_COMPILING = threading.Lock()


def begin(job: Job, net: Any, hyper: Hyper, keys: jax.Array, params: Any) -> State:
    """The states of all networks before the first step, on the host, with a leading axis of networks."""
    if params is None:
        in_shape = frozen_shape(example_shape(job.examples[0]))
        return _host(programs.start_many(job.task, Pure(net.init), in_shape, hyper, keys))
    params = params_of("fit_many", params)
    states = [programs.start(job.task, _entry(hyper, i), params) for i in range(len(keys))]
    return jax.tree.map(lambda *leaves: np.stack(leaves), *states)


def train(
    job: Job,
    hyper: Hyper,
    keys: jax.Array,
    state: State,
    rows: Rows | None,
    early: EarlyStopping | None = None,
) -> Run:
    """Train all networks.

    Args:
        job: what they share.
        hyper: (n,) numbers.
        keys: (n,) keys.
        state: from :func:`begin`.
        rows: where the networks train on different examples.
        early: when a network stops.

    Returns:
        The run; each array has a leading axis of networks.
    """
    count, data, hyper, epochs = len(keys), job.data, _host(hyper), job.epochs
    bits = [key_bits(key) for key in keys]
    trained = [count_of(data.x) if rows is None else len(rows[i][0]) for i in range(count)]
    held = _held_orders(job, rows, count)
    feed = _Feed(job, rows, bits, trained, held)
    stop = threading.Event()

    single = functools.partial(_single, job, hyper, keys, state, feed, early, stop)

    def group(members: list[int]) -> tuple[State, Any, Any]:
        """Side by side in one program."""
        now, parts = _entry(state, members), []
        inside = None if held is None or job.validation is None else (job.validation.data, held[members])
        watch = None if early is None else Watch(job.task, early, len(members))
        at_once = 1 if watch or job.whole else _epochs_at_once(job, epochs, len(members), max(trained))
        for first in range(0, epochs, at_once):
            if stop.is_set():
                break
            orders = np.stack([feed.order(i, first, min(first + at_once, epochs)) for i in members])
            given = (_entry(hyper, members), keys[np.array(members)], data, now, orders, inside)
            now, tally, measured = _host(_program(job.task, given)(*given))
            of_sets = _whole(job, held, members, now.learned)
            parts.append((tally, measured, of_sets))
            if watch is not None and not watch.look(tally, measured, of_sets, now.learned):
                break
        stacked = jax.tree.map(lambda *pieces: np.concatenate(pieces, axis=1), *parts) if parts else None
        return _ended(watch, now, stacked)

    # under jax.disable_jit there is no program to compile for a group
    uncompiled = getattr(jax.config, "jax_disable_jit")  # noqa: B009, made while JAX runs
    if job.plan.kind == "loop" or uncompiled:
        groups, plan = [[i] for i in range(count)], job.plan
        results = _gathered(single, range(count), 0, stop)
    else:
        groups, workers, plan = _divide([-(-n // job.batch_size) for n in trained], job.cost)
        # a last group is filled up with copies, which are dropped later, so that all groups share one program
        filled = [members + members[-1:] * (len(groups[0]) - len(members)) for members in groups]
        results = _gathered(group, filled, workers, stop)
    return _joined(job, groups, plan, results, early is not None, stop.is_set())


def _single(
    job: Job, hyper: Hyper, keys: jax.Array, state: State, feed: "_Feed", early: EarlyStopping | None,
    stop: threading.Event, i: int,
) -> tuple[State, Any, Any]:  # fmt: skip
    """Step by step: a convolution on the CPU."""
    own, now, figures = _entry(hyper, i), _entry(state, i), []
    watch = None if early is None else Watch(job.task, early, 1)
    try:
        for epoch in range(job.epochs):
            if stop.is_set():
                break
            sums, measured = empty_tally(job.task), None
            for chunk in feed.of_epoch(i, epoch):
                now, found, measured = execute(job.task, own, keys[i], chunk, now, "loop", feed.held(i))
                sums = jax.tree.map(np.add, sums, found[0])
            learned = jax.tree.map(lambda leaf: np.asarray(leaf)[None], now.learned)
            whole = {name: v[0, 0] for name, v in _whole(job, feed.orders, [i], learned).items()}
            measured = None if measured is None else measured[0]
            figures.append((sums, measured, whole))
            if watch is not None and not watch.look(sums, measured, whole, learned):
                break
    except KeyboardInterrupt:
        stop.set()
    stacked = jax.tree.map(lambda *parts: np.stack(parts)[None], *figures) if figures else None
    return _ended(watch, jax.tree.map(lambda leaf: np.asarray(leaf)[None], now), stacked)


def _joined(
    job: Job, groups: list[list[int]], plan: Plan, results: list[Any], early: bool, interrupted: bool
) -> Run:
    """The results of the groups as one run, in the order of the networks."""
    results, done = _same_length(results)
    whole = jax.tree.map(lambda *leaves: np.concatenate(leaves), *results)
    size, count = len(groups[0]), sum(map(len, groups))
    places = {i: g * size + j for g, members in enumerate(groups) for j, i in enumerate(members)}
    final, figures, best = _entry(whole, np.array([places[i] for i in range(count)]))
    final = jax.device_put(final)
    tally, measured, of_sets = figures or (None, None, {})
    history = {name: np.zeros((count, 0)) for name in job.figures}
    history |= {} if tally is None else means(job.task, tally, "")
    history |= {} if measured is None else means(job.task, measured, "val_")
    history |= of_sets
    ended = "interrupted" if interrupted else "finished"
    return Run(final.learned, history, plan, final.opt_state, done, best if early else done, ended)


def _whole(job: Job, held: Any, members: list[int], learned: Any) -> dict[str, np.ndarray]:
    """The metrics of the whole validation set after an epoch, each (networks, 1)."""
    if not job.whole or job.validation is None:
        return {}
    data, found = job.validation.data, {}
    for place, i in enumerate(members):
        if i not in found:  # a group may be filled up with copies
            rows = held[i][held[i] < count_of(data.x)]
            x, y = jax.tree.map(lambda part, rows=rows: part[rows], (data.x, data.y))
            found[i] = whole_numbers("fit_many", job.task, job.whole, x, y, _entry(learned, place))
    return {f"val_{name}": np.array([[found[i][name]] for i in members], float) for name, _ in job.whole}


def _ended(watch: Watch | None, state: State, figures: Any) -> tuple[State, Any, np.ndarray]:
    if watch is not None:
        return watch.ended(state, figures)
    return state, figures, np.zeros(len(state.step), int)


def _gathered(
    work: Callable[[Any], Any], items: Sequence[Any], workers: int, stop: threading.Event
) -> list[Any]:
    """The results of the work on all items, in threads; after Ctrl-C what there is until then."""
    with noted_interrupts() as pressed:
        if not workers:
            results = [work(item) for item in items]
        else:
            with ThreadPoolExecutor(workers) as pool:
                futures = [pool.submit(work, item) for item in items]
                try:
                    while wait(futures, timeout=0.1).not_done and not pressed():
                        pass
                except KeyboardInterrupt:
                    stop.set()
                if pressed():
                    stop.set()
                results = [future.result() for future in futures]
        if pressed():
            stop.set()
    return results


def _same_length(results: list[Any]) -> tuple[list[Any], int]:
    """The results with as many epochs each: those that an interrupt took from a network are NaN."""
    lengths = [0 if figures is None else jax.tree.leaves(figures)[0].shape[1] for _, figures, _ in results]
    longest = max(lengths)
    if min(lengths) == longest:
        return results, longest
    like = results[lengths.index(longest)][1]
    filled = []
    for (state, figures, best), length in zip(results, lengths, strict=True):
        own = jax.tree.map(lambda part: part[:, :0], like) if figures is None else figures
        gap = ((0, 0), (0, longest - length))
        filled.append(
            (state, jax.tree.map(lambda part, gap=gap: np.pad(part, gap, constant_values=np.nan), own), best)
        )
    return filled, longest


def concatenated(runs: list[Run]) -> Run:
    """The runs of one network each as one run of many."""
    longest = max(run.epochs for run in runs)

    def together(*parts: Any) -> np.ndarray:
        return np.concatenate([np.asarray(part) for part in parts])

    history = {
        name: together(
            *(
                np.pad(
                    run.history[name],
                    ((0, 0), (0, longest - run.history[name].shape[1])),
                    constant_values=np.nan,
                )
                for run in runs
            )
        )
        for name in runs[0].history
    }
    params, opt_state = (
        jax.tree.map(together, *parts) for parts in zip(*((r.params, r.opt_state) for r in runs), strict=True)
    )
    ended = "interrupted" if any(run.interrupted for run in runs) else "finished"
    best: Any = np.concatenate([np.broadcast_to(run.best_epoch, 1) for run in runs])
    return runs[0]._replace(
        params=params, history=history, opt_state=opt_state, epochs=longest, best_epoch=best, ended=ended
    )


class _Feed:
    """Which examples each network gets when: those that ``fit`` would give it."""

    def __init__(self, job: Job, rows: Rows | None, bits: list[Any], trained: list[int], held: Any):
        self.job, self.rows, self.bits, self.trained, self.orders = job, rows, bits, trained, held
        self.padded: tuple[int, tuple[lengths.Group, ...]] = (-1, ())  # the rows that were grouped last

    def order(self, i: int, first: int, last: int) -> np.ndarray:
        """The order of some epochs, (epochs, steps, batch)."""
        job, own = self.job, None if self.rows is None else self.rows[i][0]
        done = first * -(-self.trained[i] // job.batch_size)
        plan = Plan("run", 0, "")
        return next(chunks.resident(job.data, own, self.bits[i], job.batch_size, last, plan, done)).order

    def held(self, i: int) -> EvaluationData | None:
        """The validation data of a network."""
        data = self.job.validation
        return None if self.orders is None or data is None else data._replace(order=self.orders[i][None])

    def of_epoch(self, i: int, epoch: int) -> Iterable[chunks.Chunk]:
        """The chunks of an epoch: one, or of sequences of different lengths several."""
        job = self.job
        if not lengths.has_lengths(job.data.x):
            return (chunks.Chunk(job.data, self.order(i, epoch, epoch + 1), epoch, True),)
        place = 0 if self.rows is None else i
        if self.padded[0] != place:
            own = None if self.rows is None else self.rows[i][0]
            self.padded = place, lengths.grouped(job.data, own, job.batch_size, job.placement)
        groups = self.padded[1]
        done = epoch * sum(group.steps for group in groups)
        return lengths.by_length(
            groups, self.bits[i], job.batch_size, epoch + 1, job.plan.chunk, job.placement, done
        )


def _epochs_at_once(job: Job, epochs: int, networks: int, examples: int) -> int:
    """Epochs in one program: about a second, so that Ctrl-C is answered, and equally many each time."""
    step = networks * seconds_of_step(job.cost, platform())
    most = min(1.0 / (step * -(-examples // job.batch_size)), _ORDER_BYTES / (4 * networks * examples))
    most = max(1, min(epochs, int(most)))
    return next(count for count in range(most, 0, -1) if epochs % count == 0)


def _host(tree: Any) -> Any:
    return jax.tree.map(np.asarray, tree)


def _entry(tree: Any, index: Any) -> Any:
    return jax.tree.map(lambda leaf: leaf[index], tree)


def _held_orders(job: Job, rows: Rows | None, count: int) -> Any:
    """The order of each network's validation data, (networks, steps, batch)."""
    if job.validation is None:
        return None
    if rows is None:
        return np.broadcast_to(np.asarray(job.validation.order), (count, *job.validation.order.shape[1:]))
    longest = max(len(out) for _, out in rows)
    steps, absent = -(-longest // EVALUATION_BATCH), count_of(job.data.x)
    orders = np.full((count, steps * min(longest, EVALUATION_BATCH)), absent, np.int32)
    for order, (_, out) in zip(orders, rows, strict=True):
        order[: len(out)] = out
    return orders.reshape(count, steps, -1)


def _program(task: Any, given: Any) -> Any:
    """The compiled program for a group, under a lock: two threads in ``jit`` at once would compile twice."""
    leaves, tree = jax.tree.flatten(given)
    with _COMPILING:
        return _compiled(task, tree, tuple((jax.typeof(leaf), _place(leaf)) for leaf in leaves))


def _place(leaf: Any) -> Any:
    """The sharding of an array that was put on a device by the user."""
    return leaf.sharding if isinstance(leaf, jax.Array) and leaf.committed else None


@functools.lru_cache(maxsize=64)
def _compiled(task: Any, tree: Any, leaves: tuple[Any, ...]) -> Any:
    shapes = [
        jax.ShapeDtypeStruct(kind.shape, kind.dtype, weak_type=kind.weak_type, sharding=place)
        for kind, place in leaves
    ]
    return programs.run_many.lower(task, *jax.tree.unflatten(tree, shapes)).compile()


def _divide(steps: Sequence[int], cost: Cost) -> tuple[list[list[int]], int, Plan]:
    """Divide the networks into groups; how many groups run at once, and why."""
    count = len(steps)
    if platform() != "cpu":
        workers, size, why = 1, count, "all side by side in one program"
    elif cost.flops >= _LARGE:
        workers, size, why = 1, 1, "one by one, each keeps all cores busy"
    else:
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        size = max(1, min(_GROUP, -(-count // workers)))
        why = f"groups of {size} side by side, {workers} groups at once"
    groups: list[list[int]] = []
    for alike in sorted(set(steps)):  # all networks of a group must make the same number of steps
        members = [i for i, own in enumerate(steps) if own == alike]
        groups += [members[first : first + size] for first in range(0, len(members), size)]
    return sorted(groups, key=len, reverse=True), workers, Plan("run", max(steps), f"{count} networks: {why}")
