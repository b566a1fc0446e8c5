"""What must hold on a GPU; run with ``pytest -m gpu`` where there is one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxnet
from jaxnet import losses, metrics
from jaxnet.training.compiled import programs
from jaxnet.training.job import prepare
from jaxnet.training.options import Options

pytestmark = pytest.mark.gpu

NETS = {
    "mlp": (lambda: jaxnet.mlp([16, 32, 3]), (16,)),
    "dropout": (
        lambda: jaxnet.serial(jaxnet.dense(8), jaxnet.relu, jaxnet.dropout(0.3), jaxnet.dense(3)),
        (16,),
    ),
    "cnn": (
        lambda: jaxnet.serial(jaxnet.conv(4, (3, 3)), jaxnet.relu, jaxnet.flatten(), jaxnet.dense(3)),
        (4, 4, 1),
    ),
    "lstm": (lambda: jaxnet.serial(jaxnet.lstm(8), jaxnet.dense(3)), (4, 4)),
}


@pytest.fixture(autouse=True)
def gpu():
    try:
        return jax.devices("gpu")[0]
    except RuntimeError:
        pytest.skip("no GPU here")


def classes(shape, n=100):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(n, *shape)).astype(np.float32)
    return x, np.argmax(x.reshape(n, -1)[:, :3], axis=1).astype(np.int32)


@pytest.mark.parametrize("plan", ["run", "scan", "loop"])
@pytest.mark.parametrize("name", NETS)
def test_a_gpu_gives_what_the_cpu_gives(name, plan, gpu):
    make, shape = NETS[name]

    def fit(device):
        # products in TF32 would differ in the third digit
        with jax.default_device(device), jax.default_matmul_precision("highest"):
            return jaxnet.fit(
                make(), classes(shape), loss=losses.cross_entropy, epochs=3, batch_size=32, plan=plan,
                key=jax.random.key(0), validation=0.2, metrics={"accuracy": metrics.accuracy},
            )  # fmt: skip

    ours, theirs = fit(gpu), fit(jax.devices("cpu")[0])
    for left, right in zip(
        jax.tree.leaves((ours.params, ours.history)),
        jax.tree.leaves((theirs.params, theirs.history)),
        strict=True,
    ):
        np.testing.assert_allclose(left, right, rtol=2e-3, atol=2e-4)


def test_nvidias_library_gives_what_the_scan_gives(gpu):
    layers = [jaxnet.lstm(8, return_sequences=True, method=method) for method in ("scan", "cudnn")]
    params, x = layers[0].init(jax.random.key(0), (6, 3)), jax.random.normal(jax.random.key(1), (5, 6, 3))
    with jax.default_matmul_precision("highest"):
        plain, library = (
            jax.value_and_grad(lambda p, layer=layer: jnp.sum(jnp.sin(layer.apply(p, x))))(params)
            for layer in layers
        )
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-4), plain, library)


def test_many_networks_side_by_side(gpu):
    keys = jax.random.split(jax.random.key(0), 16)
    options = {"loss": losses.cross_entropy, "epochs": 3, "batch_size": 32}
    with jax.default_matmul_precision("highest"):
        many = jaxnet.fit_many(jaxnet.mlp([16, 32, 3]), classes((16,)), keys=keys, **options)
        single = jaxnet.fit(jaxnet.mlp([16, 32, 3]), classes((16,)), key=keys[11], **options)
    np.testing.assert_allclose(many.params[0]["w"][11], single.params[0]["w"], rtol=2e-3, atol=2e-4)


def test_nothing_goes_to_the_host_inside_a_chunk(gpu):
    options = Options(loss=losses.cross_entropy, key=jax.random.key(0), epochs=3, batch_size=32)
    job = prepare(jaxnet.mlp([16, 32, 3]), classes((16,)), options)
    chunk = next(job.chunks(0))
    hyper = jax.tree.map(jnp.asarray, job.hyper)
    given = (job.task, hyper, job.key, job.data, job.state, chunk.order)
    programs.run_epochs(*given)
    with jax.transfer_guard("disallow"):
        state, _, _ = programs.run_epochs(*given)
        jax.block_until_ready(state.params)


def test_bf16_learns(gpu):
    run = jaxnet.fit(
        jaxnet.mlp([16, 32, 3]), classes((16,), 500), loss=losses.cross_entropy, epochs=30, batch_size=50,
        learning_rate=0.01, key=jax.random.key(0), compute_dtype=jnp.bfloat16,
        metrics={"accuracy": metrics.accuracy},
    )  # fmt: skip
    assert run.history["accuracy"][-1] > 0.95
    assert run.params[0]["w"].dtype == jnp.float32
