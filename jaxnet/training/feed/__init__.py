"""How the examples get to the device: their order, their weights, chunk by chunk."""
