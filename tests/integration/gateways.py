"""A real SMTP server and a real HTTP gateway on loopback, that keep what they are handed."""

import email
import email.policy
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
from aiosmtpd.controller import Controller

from tests.integration.service_processes import free_port


class Mailbox:
    """What an SMTP server was handed. `answers` are given first, in place of taking a message."""

    def __init__(self):
        self.messages = []
        self.raw = []
        self.answers = []
        self.recipient_answers = []

    async def handle_RCPT(self, _server, _session, envelope, *rest):  # noqa: N802 - aiosmtpd's name
        if self.recipient_answers:
            return self.recipient_answers.pop(0)
        envelope.rcpt_tos.append(rest[0])
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        self.raw.append(envelope.content)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.messages.append(message)
        return "250 taken"

    @property
    def ids(self):
        return [each["Message-ID"] for each in self.messages]


@contextmanager
def smtp_server(port=None):
    """Give a mailbox and its port."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield mailbox, controller.port
    finally:
        controller.stop()


class Gateway:
    """What an HTTP gateway was posted; `statuses` are answered first."""

    def __init__(self):
        self.posts = []
        self.statuses = []

    @property
    def bodies(self):
        return [orjson.loads(body) for _, body in self.posts]


@contextmanager
def http_gateway():
    """Give a gateway and its address."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.posts.append((dict(self.headers), body))
            self.send_response(gateway.statuses.pop(0) if gateway.statuses else 204)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield gateway, f"http://127.0.0.1:{server.server_port}/notices"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
