"""Where exercises become something to read; each file is one kind of paper or screen."""
