"""What runs on the device: the compiled programs, what shapes them, and the plan of where the steps run."""
