"""The process beside a server that reads connected systems when they are due (docs/decisions/0021)."""
