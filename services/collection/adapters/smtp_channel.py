"""Notices by e-mail: one SMTP session each, ten seconds at the most for a step of it.

A message has its intent's id as Message-ID at each try, so that mailboxes show it once.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.collection.application.notice_ports import Message
from services.collection.domain.preferences import Addressee
from shared.kernel.errors import Rejected, Unavailable

TIMEOUT_S = 10.0
PERMANENT = 500


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. `security`: none, starttls, tls."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str | None = None
    password: str | None = None


class SmtpChannel:
    """`Channel` over SMTP. A 5xx about a recipient or a message is final, all else may pass."""

    def __init__(self, server: SmtpServer) -> None:
        """Nothing is connected before the first message."""
        self._server = server

    def reaches(self, addressee: Addressee) -> bool:
        """Say whether there is an address."""
        return addressee.email is not None

    def send(self, message: Message) -> None:
        """Hand a message in."""
        try:
            mail = self._mail(message)
        except (ValueError, IndexError, MessageError) as error:  # of an odd address
            raise Rejected("notice.address", "this address cannot be written to") from error
        with self._errors(), self._session() as session:
            session.send_message(mail)

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["Message-ID"] = f"<{message.message_id}@{self._server.sender.rpartition('@')[2]}>"
        mail["Date"] = format_datetime(message.created_at)
        mail["From"] = self._server.sender
        mail["To"] = Address(addr_spec=message.addressee.email or "")  # one, or an error
        mail["Subject"] = message.subject
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body)
        mail["Content-Language"] = message.language
        return mail

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        server = self._server
        tls = ssl.create_default_context()
        if server.security == "tls":
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=tls
            )
        else:
            session = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        try:
            if server.security == "starttls":
                session.starttls(context=tls)
            if server.user is not None:
                session.login(server.user, server.password or "")
            yield session
            with suppress(smtplib.SMTPException, OSError):  # the message is taken already
                session.quit()
        finally:
            session.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            _refuse(min(codes, default=PERMANENT), "notice.recipient_refused", error)
        except smtplib.SMTPDataError as error:
            _refuse(error.smtp_code, "notice.message_refused", error)
        except smtplib.SMTPNotSupportedError as error:
            raise Rejected("notice.address", "this address cannot be written to") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable("notice.channel_down", "mail cannot be handed in") from error


def _refuse(code: int, name: str, error: Exception) -> None:
    """Raise what an answer about one message means. The server's words may name the recipient."""
    if code >= PERMANENT:
        raise Rejected(name, "the server will not take this message") from error
    raise Unavailable("notice.deferred", "the server does not take this message yet") from error
