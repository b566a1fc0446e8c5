"""What Python does while the device trains: epochs, journal, checkpoints, early stopping, progress."""
