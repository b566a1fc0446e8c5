"""Practice: what a student should answer next, the sitting at the terminal, and the attempts so far."""
