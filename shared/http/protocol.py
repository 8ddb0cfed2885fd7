"""Uvicorn's HTTP/1.1, whose refusal of what is no HTTP is a problem like every other."""

import h11
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.http.problems import problem

CLOSING = (b"connection", b"close")


class Http11Protocol(H11Protocol):
    """`H11Protocol` that answers in `application/problem+json` (http.malformed) and closes."""

    def send_400_response(self, msg: str) -> None:
        """Refuse bytes that h11 cannot read as a request; no application sees them."""
        refusal: Response = problem(400, "http.malformed", detail=msg)
        head = h11.Response(status_code=400, headers=[*refusal.raw_headers, CLOSING])
        for event in (head, h11.Data(data=bytes(refusal.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
