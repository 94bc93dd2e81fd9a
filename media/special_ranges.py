"""Addresses that are nobody's on the public internet, or lead to some that are not: a relay has no peer there.

The special-purpose registries of IANA (RFC 6890), with the blocks of each in its order, whatever the registry says
about their being reachable: none of them is where a person's browser is. A block inside another is left out.
"""

from __future__ import annotations

# https://www.iana.org/assignments/iana-ipv4-special-registry
_IPV4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
)
# https://www.iana.org/assignments/iana-ipv6-special-registry
_IPV6 = (
    "::1/128",
    "::/128",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
)
# Not in the registries: multicast (RFC 5771, RFC 4291 section 2.7), and forms of IPv6 addresses that RFC 4291
# (section 2.5.5.1), RFC 3879 and RFC 2765 gave up or left to translators, which hide an IPv4 address or a site's own.
_FURTHER = (
    "224.0.0.0/4",
    "ff00::/8",
    "::/96",
    "fec0::/10",
    "::ffff:0:0:0/96",
)

SPECIAL_RANGES: tuple[str, ...] = (*_IPV4, *_IPV6, *_FURTHER)
