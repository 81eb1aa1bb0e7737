"""Which machines an upload may connect to: public ones, at the address that was checked.

A web page may redirect, and a name may resolve, to a machine that only we can reach: a database,
an admin's console, a cloud's metadata service (server-side request forgery). So every connection
resolves the name once, checks *all* addresses and connects to one of those: a second look-up,
which could answer differently, never happens. The name stays in the Host header and in TLS.
"""

import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from knowledge.errors import InvalidInput, UnreadableDocument
from knowledge.sources.web_urls import DEFAULT_PORTS, WebAddress, web_address

Address = IPv4Address | IPv6Address

Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host name, as text; raises OSError."""

_UNICAST = ip_network("2000::/3")
"""All that is handed out of IPv6 for the public internet."""

_WRAPPED = tuple(map(ip_network, ("2001::/23", "2002::/16", "192.88.99.0/24")))
"""Teredo and 6to4, which lead to an IPv4 address written inside; NAT64 is outside of unicast."""

_DOCUMENTATION = tuple(map(ip_network, ("2001:db8::/32", "3fff::/20")))

_PRIVATE = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "fc00::/7",
            "::1/128",
        ),
    )
)
"""A company's own addresses, and this machine's."""

_METADATA = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",  # most clouds, and link-local anyway
            "100.100.100.200/32",  # Alibaba
            "168.63.129.16/32",  # Azure, though the range is public
            "192.0.0.192/32",  # Oracle
            "fd00:ec2::/32",  # Amazon
            "fd20:ce::/32",  # Google
            "fe80::/10",  # link-local
        ),
    )
)


def system_resolver(host: str, port: int) -> Sequence[str]:
    """The operating system's look-up; blocking, its time-out is the system's."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides about each connection; ``private_hosts`` are those an admin allowed by name.

    ``wiki.corp`` may then have private addresses, ``wiki.corp:8080`` may also use that port.
    Metadata services, link-local and multicast addresses stay refused for every name.
    """

    private_hosts: frozenset[str] = frozenset()
    resolve: Resolver = system_resolver

    @classmethod
    def allowing(cls, hosts: Iterable[str]) -> "Guard":
        """With ``HOST`` or ``HOST:PORT`` as given on the command line; raises InvalidInput."""
        return cls(frozenset(map(_allowance, hosts)))

    def check_port(self, address: WebAddress) -> None:
        """Raise UnreadableDocument unless the port is the web's, or allowed for the host."""
        named = f"{address.host}:{address.port}"
        if address.port not in DEFAULT_PORTS.values() and named not in self.private_hosts:
            raise UnreadableDocument(
                f"port {address.port} is not one of the web's: if {address.host} is your own, "
                f"add --allow-private-host {named}"
            )

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Where to connect, best first; every address the name has is fit to be connected to.

        Raises UnreadableDocument when one is not, or when there is none.
        """
        try:
            found = tuple(self.resolve(host, port))
        except (OSError, UnicodeError) as error:
            raise UnreadableDocument(f"the host {host} was not found") from error
        if not found:
            raise UnreadableDocument(f"the host {host} was not found")
        allowed = bool({host, f"{host}:{port}"} & self.private_hosts)
        for text in found:
            address = ip_address(text)
            if not (is_public(address) or (allowed and _is_private(address))):
                raise UnreadableDocument(_refusal(host, address, allowed=allowed))
        return found


def is_public(address: Address) -> bool:
    """Whether it is an address of the public internet itself, not one that leads elsewhere."""
    if _within(address, (*_METADATA, *_WRAPPED, *_DOCUMENTATION)):
        return False
    if isinstance(address, IPv6Address):
        return address in _UNICAST
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_private(address: Address) -> bool:
    return _within(address, _PRIVATE) and not _within(address, _METADATA)


def _within(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)


def _refusal(host: str, address: Address, *, allowed: bool) -> str:
    where = f"{host} is at {address}, which is not an address of the public internet"
    if allowed or not _is_private(address):
        return where
    return f"{where}: if it is your own, add --allow-private-host {host}"


def _allowance(text: str) -> str:
    address = web_address(f"http://{text}/")
    if address.target != "/":
        raise InvalidInput(f"{text!r} is not a host: use HOST or HOST:PORT")
    return (
        address.host if address.port == DEFAULT_PORTS["http"] else f"{address.host}:{address.port}"
    )
