"""One module a kind of system, by the kind's name."""
