"""`salesgauge serve`: the pages, on this machine unless told otherwise."""

from __future__ import annotations

from pathlib import Path

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings

HOST, PORT = "127.0.0.1", 8400


@click.command("serve")
@options.workspace
@click.option("--host", default=HOST, show_default=True, help="The address to listen at; only this machine can reach the default one.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="The port; 0 takes a free one.")
@click.pass_obj
def command(surroundings: Surroundings, folder: Path, host: str, port: int) -> None:
    """Serves the pages of a workspace and prints their address; ends with Ctrl-C."""
    import uvicorn

    from salesgauge.semantics.question import EVERYTHING
    from salesgauge.serving import ServedWorkspace
    from salesgauge.web.app import create_app
    from salesgauge.web.visitor import Visitor
    everyone = Visitor("Executive", "executive", "executive", EVERYTHING)
    app = create_app(ServedWorkspace(folder), who=lambda request: everyone, clock=surroundings.now)
    server = uvicorn.Server(uvicorn.Config(app, host, port, log_level="warning", server_header=False))
    click.echo(f"http://{host}:{port}/")
    server.run()
