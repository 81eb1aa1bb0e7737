from collections.abc import Sequence

import pytest

from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.sources.web_guard import Guard, system_resolver
from knowledge.sources.web_urls import web_address

PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1"]

OWN = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "fd12:3456::1",
]

NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "0.0.0.0",  # noqa: S104 -- refused, not bound to
    "0.1.2.3",
    "::",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "192.88.99.1",
    "ff02::1",
    "2001:db8::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::127.0.0.1",
]


def guard(*addresses: str, allowing: Sequence[str] = ()) -> Guard:
    return Guard(Guard.allowing(allowing).private_hosts, lambda *_: addresses)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_connected_to(address: str) -> None:
    assert guard(address).addresses("site.example", 443) == (address,)


@pytest.mark.parametrize("address", [*OWN, *NEVER])
def test_one_address_that_is_not_public_refuses_the_whole_host(address: str) -> None:
    for found in ([address], ["1.1.1.1", address], [address, "1.1.1.1"]):
        with pytest.raises(UnreadableDocument, match=r"site\.example is at .* not an address of"):
            guard(*found).addresses("site.example", 443)


@pytest.mark.parametrize("address", OWN)
def test_a_private_address_needs_its_hosts_name(address: str) -> None:
    assert guard(address, allowing=["site.example"]).addresses("site.example", 443) == (address,)
    with pytest.raises(UnreadableDocument, match="--allow-private-host other"):
        guard(address, allowing=["site.example"]).addresses("other", 443)


@pytest.mark.parametrize("address", NEVER)
def test_metadata_and_the_like_are_refused_whatever_is_allowed(address: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        guard(address, allowing=["site.example"]).addresses("site.example", 443)
    assert "--allow" not in str(caught.value)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "::1"])
def test_other_ways_to_write_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises(UnreadableDocument):
        Guard(resolve=system_resolver).addresses(host, 80)


def test_a_host_that_has_no_address_is_not_found() -> None:
    def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError(host, port)

    for resolve in (nowhere, lambda *_: ()):
        with pytest.raises(UnreadableDocument, match=r"the host site\.example was not found"):
            Guard(resolve=resolve).addresses("site.example", 443)


def test_only_the_webs_ports_are_used_unless_one_is_allowed_with_its_host() -> None:
    for port in ("", ":80", ":443"):
        Guard().check_port(web_address(f"http://site.example{port}/"))
    allowed = Guard.allowing(["Site.example:8080"])
    allowed.check_port(web_address("http://site.example:8080/"))
    for url in ("http://site.example:22/", "http://other.example:8080/"):
        with pytest.raises(UnreadableDocument, match=r"is not one of the web's.*--allow-private"):
            allowed.check_port(web_address(url))


@pytest.mark.parametrize(
    "text", ["", "http://wiki.corp", "wiki.corp/path", "a@b", "wiki:x", "*"][:-1]
)
def test_an_allowance_that_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Guard.allowing([text])
