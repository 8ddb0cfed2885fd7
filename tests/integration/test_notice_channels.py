"""The ways to reach people, against real servers on loopback: what is final, and what may pass."""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime

import pytest

from services.collection.adapters.smtp_channel import SmtpChannel, SmtpServer
from services.collection.adapters.webhook_channel import WebhookChannel
from services.collection.application.notice_ports import Message
from services.collection.domain.preferences import Addressee
from shared.kernel.errors import Rejected, Unavailable
from tests.integration.gateways import http_gateway, smtp_server
from tests.integration.service_processes import free_port

pytestmark = pytest.mark.integration

SECRET = b"a secret of the gateway"
SUBJECT, BODY = "2026年11月26日上门回收", "您的上门回收时间为8:00至12:00。"


def message(address="chen.wei@example.org"):
    return Message(
        message_id="0198-intent",
        kind="reminder_3_days",
        addressee=Addressee("p-1", address, subject="r-1"),
        language="zh-CN",
        subject=SUBJECT,
        body=BODY,
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
    )


def mail(port):
    return SmtpChannel(SmtpServer("127.0.0.1", port, "no-reply@greenloop.test", security="none"))


def posting(url):
    return WebhookChannel(url, SECRET, real_time_s=time.time)


def refusal(channel, sent=None):
    with pytest.raises((Rejected, Unavailable)) as refused:
        channel.send(sent or message())
    return type(refused.value), refused.value.code


def test_mail_arrives_in_chinese_with_the_intents_id():
    with smtp_server() as (mailbox, port):
        mail(port).send(message())
        mail(port).send(message())

    (first, _) = mailbox.messages
    assert (first["Subject"], first.get_content().strip()) == (SUBJECT, BODY)
    assert (first["To"], first["From"]) == ("chen.wei@example.org", "no-reply@greenloop.test")
    assert (first["Content-Language"], first["Auto-Submitted"]) == ("zh-CN", "auto-generated")
    assert mailbox.ids == ["<0198-intent@greenloop.test>"] * 2
    assert mailbox.raw[0] == mailbox.raw[1]


@pytest.mark.parametrize(
    ("answers", "recipient_answers", "expected"),
    [
        ([], ["550 no such mailbox"], (Rejected, "notice.recipient_refused")),
        ([], ["451 come again"], (Unavailable, "notice.deferred")),
        (["554 looks like spam"], [], (Rejected, "notice.message_refused")),
        (["452 full"], [], (Unavailable, "notice.deferred")),
    ],
)
def test_what_a_mail_server_refuses_is_final_or_passes(answers, recipient_answers, expected):
    with smtp_server() as (mailbox, port):
        mailbox.answers, mailbox.recipient_answers = answers, recipient_answers

        assert refusal(mail(port)) == expected
        mail(port).send(message())

    assert len(mailbox.messages) == 1


def test_a_mail_server_that_is_not_there_is_a_dead_channel():
    assert refusal(mail(free_port())) == (Unavailable, "notice.channel_down")


@pytest.mark.parametrize(
    "address",
    ["a@b.org\r\nBcc: c@d.org", "a@b.org, c@d.org", "nobody", "陈@example.org", "", "@"],
)
def test_an_address_that_is_none_reaches_nobody_else(address):
    with smtp_server() as (mailbox, port):
        assert refusal(mail(port), message(address)) == (Rejected, "notice.address")

    assert mailbox.messages == []


def test_a_post_is_signed_names_who_logs_in_and_no_address():
    with http_gateway() as (gateway, url):
        posting(url).send(message())

    headers, body = gateway.posts[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert headers["webhook-id"] == gateway.bodies[0]["id"] == "0198-intent"
    assert gateway.bodies[0]["recipient"] == "r-1"
    assert gateway.bodies[0]["body"] == BODY
    assert b"example.org" not in body


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (422, (Rejected, "notice.message_refused")),
        (410, (Rejected, "notice.message_refused")),
        (429, (Unavailable, "notice.deferred")),
        (404, (Unavailable, "notice.channel_down")),
        (500, (Unavailable, "notice.channel_down")),
        (302, (Unavailable, "notice.channel_down")),  # never followed
    ],
)
def test_what_a_gateway_refuses_is_final_or_passes(status, expected):
    with http_gateway() as (gateway, url):
        gateway.statuses = [status]

        assert refusal(posting(url)) == expected
        posting(url).send(message())

    assert [each["id"] for each in gateway.bodies] == ["0198-intent"] * 2


def test_a_gateway_that_is_not_there_is_a_dead_channel():
    url = f"http://127.0.0.1:{free_port()}/"

    assert refusal(posting(url)) == (Unavailable, "notice.channel_down")
