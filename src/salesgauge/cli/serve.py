"""`salesgauge serve`: the pages, on this machine unless told otherwise."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import click

from salesgauge.cli import options
from salesgauge.cli.program import Surroundings

HOST, PORT = "127.0.0.1", 8400
LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")


@click.command("serve")
@options.workspace
@click.option("--host", default=HOST, show_default=True, help="The address to listen at; only this machine can reach the default one.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="The port; 0 takes a free one.")
@click.option("--name", "names", multiple=True, metavar="NAME",
              help="A name by which browsers reach it, as behind a proxy: sales.example.org; may be repeated. At the default address only "
                   "localhost and these are answered.")
@options.lang
@click.pass_obj
def command(surroundings: Surroundings, folder: Path, host: str, port: int, names: tuple[str, ...], lang: str) -> None:
    """Serves the pages of a workspace and prints their address; ends with Ctrl-C. As long as nobody has an account it also prints a link
    that sets up the first one, once. Connections with a schedule are read when they are due, by a process beside it."""
    import uvicorn

    from salesgauge.language import language
    from salesgauge.serving import ServedWorkspace
    from salesgauge.state import Actor, State
    from salesgauge.web.access import with_access
    from salesgauge.web.settling import Settling
    from salesgauge.web.warming import Warming, settle
    from salesgauge.worker.keeping import Keeping
    with (closing(ServedWorkspace(folder)) as workspace, closing(State.open(folder, surroundings.now)) as state,
          socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as listening):
        app = with_access(workspace, state, clock=surroundings.now, hosts=allowed(host, names))
        settling, warming = Settling(workspace, state, surroundings.now), Warming(workspace, surroundings.now, settle)
        keeping = Keeping(folder)
        app.state.site.noted = settling.note
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False))
        address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        click.echo(f"{address}/")
        with state.change() as unit:
            secret = unit.links.set_up(Actor(None, "console"))
        if secret is not None:
            click.echo(language(lang).message("set_up_here", link=f"{address}/enter/{secret}"))
        beside = (settling, warming, keeping)
        for thread in beside:
            thread.start()
        try:
            server.run([listening])
        finally:
            for thread in beside:
                thread.end()
            for thread in beside:
                thread.join()


def allowed(host: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that a request may give for this server: at an address of this machine its own, elsewhere any unless some are named."""
    return (*LOCAL, *names) if host in LOCAL else names
