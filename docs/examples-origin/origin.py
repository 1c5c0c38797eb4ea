#!/usr/bin/env python3
"""A small origin to try a gateway against: it answers with what it was sent.

    python3 docs/examples-origin/origin.py [--port 9000]

    any method, any path    JSON: the method, the target, the header fields in order, the size of the body
    /status/418             the same with that status
    /events                 server-sent events, one a second, until the client leaves (`/events?count=3` ends by itself)

It speaks HTTP/1.1 with keep-alive, one thread for each connection, and needs nothing beyond Python's standard library.
"""
import argparse
import json
import signal
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

stopping = threading.Event()


class Origin(ThreadingHTTPServer):
    daemon_threads = True
    # A restart must not wait until the connections of the last run have left TIME_WAIT.
    allow_reuse_address = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        """A client that leaves early is nobody's error here."""


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The head and the body go out in two writes; without this the second would wait for the first one's acknowledgement.
    disable_nagle_algorithm = True

    def answer(self):
        body_bytes = self.read_body()
        target = urllib.parse.urlsplit(self.path)
        words = [word for word in target.path.split("/") if word]
        if words[-1:] == ["events"]:
            return self.send_events(urllib.parse.parse_qs(target.query))
        status = 200
        if len(words) >= 2 and words[-2] == "status" and words[-1].isdigit() and 200 <= int(words[-1]) <= 599:
            status = int(words[-1])
        self.send_echo(status, body_bytes)

    def send_echo(self, status, body_bytes):
        echo = {
            "origin": self.server.server_address[1],
            "method": self.command,
            "target": self.path,
            "headers": [f"{name}: {value}" for name, value in self.headers.items()],
            "bodyBytes": body_bytes,
        }
        body = (json.dumps(echo, indent=2) + "\n").encode()
        self.send_response(status)
        if status in (204, 304):
            return self.end_headers()
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_events(self, query):
        limit = int(query["count"][0]) if query.get("count", [""])[0].isdigit() else None
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        number = 0
        while limit is None or number < limit:
            number += 1
            event = f"id: {number}\ndata: tick {number}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            if number != limit and stopping.wait(1.0):
                break
        self.wfile.write(b"0\r\n\r\n")

    def read_body(self):
        """Reads the whole request body and returns its size; the body itself is of no interest."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self.read_chunks()
        expected = int(self.headers.get("Content-Length", 0))
        return self.skip(expected)

    def read_chunks(self):
        total = 0
        while size := int(self.rfile.readline(1024).split(b";")[0], 16):
            total += self.skip(size)
            self.rfile.readline(8)
        while self.rfile.readline(65536).strip():
            pass
        return total

    def skip(self, count):
        left = count
        while left:
            piece = self.rfile.read(min(left, 65536))
            if not piece:
                raise ConnectionError("the request body ended early")
            left -= len(piece)
        return count

    def version_string(self):
        return "martlet-demo-origin"

    def log_message(self, format, *arguments):
        """Silent: the gateway's access log is the one to read."""

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer


def main():
    parser = argparse.ArgumentParser(description="A small origin that answers with what it was sent.")
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free one")
    port = parser.parse_args().port
    try:
        origin = Origin(("127.0.0.1", port), Echo)
    except OSError as error:
        sys.exit(f"origin: cannot listen on 127.0.0.1:{port}: {error.strerror}")

    def stop(signal_number, frame):
        stopping.set()
        # `shutdown` waits for `serve_forever`, which this handler interrupts; so another thread calls it.
        threading.Thread(target=origin.shutdown).start()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    print(f"origin: listening on http://127.0.0.1:{origin.server_address[1]}", flush=True)
    origin.serve_forever()


if __name__ == "__main__":
    main()
