"""`python -m salesgauge`: the command line."""

from salesgauge.cli import run

if __name__ == "__main__":
    run()
