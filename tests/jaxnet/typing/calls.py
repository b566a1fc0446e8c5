"""Calls that a type checker must accept, then calls that it must flag, one per line; none of them runs."""

import jax
import numpy as np
import optax

import jaxnet
from jaxnet import losses, metrics, optimizers


def calls():
    key, keys = jax.random.key(0), jax.random.split(jax.random.key(0))
    x, y = np.zeros((8, 4)), np.zeros(8, int)
    net = jaxnet.mlp("4-8-2")

    # --- right
    run = jaxnet.fit(net, (x, y), loss="cross_entropy", key=key)
    jaxnet.fit(net, (x, y), loss=losses.cross_entropy, key=key)
    jaxnet.fit(net, (x, y), loss=lambda outputs, targets: outputs - targets, key=key)
    jaxnet.fit(net, ({"a": x}, {"b": y}), loss={"b": "mse"}, loss_weights={"b": 0.1}, key=key)
    jaxnet.fit(net, (x, y), loss="mse", optimizer="sgd", learning_rate=0.1, key=key)
    jaxnet.fit(net, (x, y), loss="mse", optimizer=optax.adam(1e-3), key=key)
    jaxnet.fit(net, (x, y), loss="mse", optimizer=optax.lion, learning_rate=0.1, key=key)
    jaxnet.fit(net, (x, y), loss="mse", learning_rate=optimizers.one_cycle(0.1), key=key)
    jaxnet.fit(net, [(x, y), (x, y)], loss="mse", key=key)
    jaxnet.fit(net, (x, y), loss="mse", metrics={"a": metrics.accuracy}, key=key)
    jaxnet.fit(net, (x, y), loss="mse", metrics={"b": {"a": metrics.accuracy}}, key=key)
    jaxnet.fit(net, (x, y), loss="mse", validation=0.2, early_stopping=3, key=key)
    jaxnet.fit(net, (x, y), loss="mse", early_stopping=jaxnet.EarlyStopping(3), key=key)
    jaxnet.fit(net, (x, y), loss="mse", freeze=0, clip=1.0, average=0.99, key=key)
    jaxnet.fit(net, (x, y), loss="mse", freeze=["dense 1", -1, slice(0, 2)], key=key)
    jaxnet.fit(net, (x, y), loss="mse", layer_rates={"dense": 0.1, 0: 0.5}, key=key)
    jaxnet.fit(net, (x, y), loss="mse", plan="loop", params=run.params, key=key)
    jaxnet.fit_many(net, (x, y), keys=keys, loss="mse", epochs=3, learning_rate=[0.1, 0.2])
    print(jaxnet.fit_many(net, (x, y), keys=keys, loss="mse", early_stopping=3).best("val_loss").params)
    jaxnet.cross_validate(net, (x, y), key=key, loss="mse", folds=3, learning_rate=0.1, l2=0.1)
    jaxnet.search(net, (x, y), {"l2": [0.0, 0.1]}, key=key, folds=3, loss="mse")
    jaxnet.evaluate(net, run, (x, y), loss="mse", sample_weights=y)
    jaxnet.predict(net, run.params, x, batch_size=4)
    jaxnet.mlp([4, 8, 2], activation="tanh", output="sigmoid")
    jaxnet.mlp("4-2", activation=jax.numpy.sin)
    jaxnet.serial(jaxnet.dense(3), jaxnet.relu).activations([], x)
    jaxnet.parallel({"a": jaxnet.dense(3)}, merge=None)
    print(jaxnet.summary(net).parameters + 1)
    jaxnet.load_network("a.safetensors", custom={"own": net})[0].apply([], x)
    jaxnet.Layer(lambda key, in_shape: {}, lambda params, x: x, name="own")

    # --- wrong
    jaxnet.fit(net, (x, y), loss="cross_entropie", key=key)
    jaxnet.fit(net, (x, y), loss=3, key=key)
    jaxnet.fit(net, (x, y), loss={"b": "msee"}, key=key)
    jaxnet.fit(net, (x, y), key=key)
    jaxnet.fit(net, (x, y), loss="mse")
    jaxnet.fit((x, y), loss="mse", key=key)
    jaxnet.fit("net", (x, y), loss="mse", key=key)
    jaxnet.fit(net, (x, y), "mse", key=key)
    jaxnet.fit(net, (x, y), loss="mse", optimizer="Adam", key=key)
    jaxnet.fit(net, (x, y), loss="mse", optimizer=0.1, key=key)
    jaxnet.fit(net, (x, y), loss="mse", epochs="3", key=key)
    jaxnet.fit(net, (x, y), loss="mse", batch_size=0.5, key=key)
    jaxnet.fit(net, (x, y), loss="mse", plan="fast", key=key)
    jaxnet.fit(net, (x, y), loss="mse", metrics=metrics.accuracy, key=key)
    jaxnet.fit(net, (x, y), loss="mse", metrics={"a": "accuracy"}, key=key)
    jaxnet.fit(net, (x, y), loss="mse", epoch=3, key=key)
    jaxnet.fit(net, (x, y), loss="mse", clip="1", key=key)
    jaxnet.fit(net, (x, y), loss="mse", freeze=0.5, key=key)
    jaxnet.fit(net, (x, y), loss="mse", layer_rates=0.1, key=key)
    jaxnet.fit(net, (x, y), loss="mse", early_stopping="yes", key=key)
    jaxnet.fit_many(net, (x, y), keys=keys)
    jaxnet.fit_many(net, (x, y), keys=keys, loss="mse", epoch=3)
    jaxnet.fit_many(net, (x, y), keys=keys, loss="mse", optimizer="Adam")
    jaxnet.cross_validate(net, (x, y), key=key, loss="mse", fold=3)
    jaxnet.cross_validate(net, (x, y), key=key, loss="maee")
    jaxnet.search(net, (x, y), [0.1], key=key, folds=3, loss="mse")
    jaxnet.predict("net", run.params, x)
    jaxnet.mlp("4-2", activation="Relu")
    print(jaxnet.summary(net).parameter)
    print(run.param)
