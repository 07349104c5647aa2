"""Addresses that somebody typed must not lead into our own network, whatever they look like and wherever they lead."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from leads import outgoing
from leads.announce import announce
from leads.models import Delivery, Endpoint, Lead
from leads.outgoing import AddressError, NoAnswerError, check_address, post
from leads.sending import send_due
from tests.conftest import SetEnv
from tests.leads.receiver import Receiver, answer, receiving

PUBLIC = "93.184.215.14"

PRIVATE = [
    "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "localhost", "１２７.0.0.1", "0", "0.0.0.0",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "169.254.169.254", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "[fe80::1]", "100.100.100.200", "168.63.129.16",
    "10.0.0.5", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "[ff02::1]",
]  # fmt: skip


class Names:
    """The name server: what each name leads to, one answer after the other, the last one for good."""

    def __init__(self) -> None:
        self.answers: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self._ask = socket.getaddrinfo

    def resolve(self, host: Any, port: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        self.asked.append(name)
        if name in self.answers:
            found = self.answers[name]
            host = found.pop(0) if len(found) > 1 else found[0]
        return self._ask(host, port, *args, **options)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.resolve)
    return names


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_when_it_is_typed(host: str) -> None:
    with pytest.raises(AddressError, match="private address"):
        check_address(f"https://{host}/leads")


@pytest.mark.parametrize("host", PRIVATE)
def test_and_again_when_it_is_connected_to(host: str) -> None:
    with pytest.raises(NoAnswerError, match=r"private address|canonical"):
        post(f"https://{host}:8443/leads", b"{}", {}, trusted=False)


@pytest.mark.parametrize(
    "text",
    ["", "crm.example.in", "ftp://example.in", "file:///etc/passwd", "https://", "https:///leads", "https://[::1",
     "javascript:alert(1)", "https://a:99999/", f"https://{'a' * 64}.in/", "https://[fe80::1%25eth0]/"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        check_address(text)


def test_each_fault_has_its_own_words(names: Names) -> None:
    names.answers = {"crm.example.in": [PUBLIC]}
    check_address("https://crm.example.in/leads")
    check_address("https://crm.example.in:5678/leads")
    for text, words in (
        ("http://crm.example.in/leads", "Use https"),
        ("https://meera:secret@crm.example.in/", "no user or password"),
        ("https://crm.example.in:25/", "Port 25"),
        ("https://nowhere.invalid/", "no such host: nowhere.invalid"),
    ):
        with pytest.raises(AddressError, match=words):
            check_address(text)


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 443)) for host in (PUBLIC, "10.0.0.5")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(AddressError, match=r"10\.0\.0\.5 is a private address"):
        check_address("https://crm.example.in/")


def test_the_operator_can_allow_a_network_and_nothing_beside_it(receiver: Receiver, set_env: SetEnv) -> None:
    set_env(outgoing_allow="10.0.0.0/8, 127.0.0.1/32")
    check_address("http://10.1.2.3:5678/webhook")
    check_address(f"http://localhost:{receiver.port}")
    assert post(receiver.url, b"{}", {}, trusted=False).status == 200
    assert post(f"http://[::ffff:127.0.0.1]:{receiver.port}", b"{}", {}, trusted=False).status == 200
    for other in ("http://127.0.0.2/", "http://192.168.1.1/", f"http://{PUBLIC}/"):
        with pytest.raises(AddressError):
            check_address(other)


def test_a_name_that_leads_elsewhere_the_second_time_is_refused_at_the_connection(
    names: Names, receiver: Receiver
) -> None:
    names.answers = {"rebind.example.in": [PUBLIC, "127.0.0.1"]}
    address = f"https://rebind.example.in:{receiver.port}/leads"
    check_address(address)
    with pytest.raises(NoAnswerError, match=r"127\.0\.0\.1 is a private address"):
        post(address, b"{}", {}, trusted=False)
    assert names.asked == ["rebind.example.in"] * 2, "once for each"
    assert receiver.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_into_our_network_is_a_failure_and_is_not_followed(
    receiver: Receiver, set_env: SetEnv, status: int
) -> None:
    with receiving("127.0.0.2") as outside:
        set_env(outgoing_allow="127.0.0.2")
        outside.respond = answer(status, Location=receiver.url)
        assert post(outside.url, b"{}", {}, trusted=False).status == status
        outside.respond = answer(status, Location=outside.url)
        assert post(outside.url, b"{}", {}, trusted=True).status == status
        assert len(outside.received) == 2
    assert receiver.received == []


def test_proxies_of_the_machine_are_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, receiver.url)
    with pytest.raises(NoAnswerError, match="private address"):
        post("http://10.0.0.5/", b"{}", {}, trusted=False)
    assert receiver.received == []


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"x" * 1_000_000, "x" * outgoing.MAX_ANSWER),
        ("हाँ".encode(), "हाँ"),
        (b"\xff\x00", "\ufffd\ufffd"),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_only_the_beginning_of_an_answer_is_kept(receiver: Receiver, body: bytes, kept: str) -> None:
    receiver.respond = answer(200, body)
    assert post(receiver.url, b"{}", {}, trusted=True).text == kept


@pytest.mark.django_db
def test_a_row_that_leads_into_our_network_is_not_sent_and_n8n_of_the_environment_is(lead: Lead, n8n: Receiver) -> None:
    typed = Endpoint.objects.create(name="typed", url=f"{n8n.url}/private")
    announce(lead, "lead.captured")
    send_due()
    assert [request.path for request in n8n.received] == ["/webhook/lead-capture"]
    refused = Delivery.objects.get(endpoint=typed)
    assert refused.status == Delivery.Status.WAITING
    assert "private address" in refused.attempts.get().fault
