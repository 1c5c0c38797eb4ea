"""A WebSocket origin by the `websockets` package, and raw handshakes for what no proper client would send."""

import threading

from websockets.sync.server import serve


class WebSocketOrigin:
    """Echoes each message; `greeting` is sent first. It remembers the heads and the closing codes it saw."""

    def __init__(self, handler=None, **options):
        self.heads = []
        self.closings = []
        self.server = serve(handler or self._echo, "127.0.0.1", 0, max_size=None, **options)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def _echo(self, connection):
        self.heads.append(connection.request.headers)
        try:
            for message in connection:
                connection.send(message)
        finally:
            self.closings.append((connection.close_code, connection.close_reason))

    @property
    def port(self):
        return self.server.socket.getsockname()[1]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        self.server.shutdown()


HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def handshake(path="/chat", method="GET", version="HTTP/1.1", **fields):
    """The head of an upgrade request; fields given as `Connection="…"` replace the usual ones, `None` leaves one out."""
    lines = {**HANDSHAKE, **{name.replace("_", "-"): value for name, value in fields.items()}}
    text = f"{method} {path} {version}\r\nHost: gateway.test\r\n"
    text += "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return text.encode() + b"\r\n"


SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
