"""One module a command: plain typed arguments in, an exit code out."""
