"""A simulator over a real port: what answers requests in memory answers them over the loopback network as well."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

Handle = Callable[[httpx.Request], httpx.Response]
_OF_THE_CONNECTION = ("content-length", "content-encoding", "transfer-encoding", "connection")


class Server:
    """A served simulator: its address, and a switch that cuts the network (each request then ends without an answer)."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cut = threading.Event()


@contextmanager
def served(handle: Handle, port: int = 0) -> Iterator[Server]:
    """Serves `handle` on a port of the loopback network (0: any free one) until the block ends. Requests are answered one after another,
    as simulators expect; where `handle` raises an httpx.TransportError the connection is cut."""
    lock = threading.Lock()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = httpx.Request(self.command, made.address + self.path, headers=list(self.headers.items()), content=body)
            try:
                if made.cut.is_set():
                    raise httpx.ReadError("cut")
                with lock:
                    found = handle(request)
            except httpx.TransportError:
                self.close_connection = True
                return
            content = found.read()
            self.send_response_only(found.status_code, found.reason_phrase)
            for name, value in found.headers.multi_items():
                if name.lower() not in _OF_THE_CONNECTION:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: tests say what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
    server.daemon_threads = True
    made = Server(f"http://127.0.0.1:{server.server_address[1]}")
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    running.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        running.join()
