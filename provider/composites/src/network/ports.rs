//! Protocols and ports, as rules of security groups and network ACLs write them.

use super::spec::Protocol;

/// First and last port, where the rule says ports.
pub(super) fn range(port: Option<u32>, from: Option<u32>, to: Option<u32>) -> Option<(u32, u32)> {
    match (port, from, to) {
        (Some(port), _, _) => Some((port, port)),
        (None, Some(from), Some(to)) => Some((from, to)),
        _ => None,
    }
}

/// The name that the EC2 API uses.
pub(super) fn name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
        Protocol::Icmpv6 => "icmpv6",
        Protocol::All => "-1",
    }
}

/// The protocol's number at IANA; -1 for all of them.
pub(super) fn number(protocol: Protocol) -> i64 {
    match protocol {
        Protocol::Tcp => 6,
        Protocol::Udp => 17,
        Protocol::Icmp => 1,
        Protocol::Icmpv6 => 58,
        Protocol::All => -1,
    }
}

/// Protocol and ports inside an address: `tcp/443`, `udp/8000-8080`, `all`.
pub(super) fn segment(protocol: Protocol, ports: Option<(u32, u32)>) -> String {
    let protocol = match protocol {
        Protocol::All => "all",
        other => name(other),
    };
    match ports {
        None => protocol.to_owned(),
        Some((from, to)) if from == to => format!("{protocol}/{from}"),
        Some((from, to)) => format!("{protocol}/{from}-{to}"),
    }
}

/// Protocol and ports inside a sentence.
pub(super) fn sentence(protocol: Protocol, ports: Option<(u32, u32)>) -> String {
    let protocol = match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Icmp => "ICMP",
        Protocol::Icmpv6 => "ICMPv6",
        Protocol::All => "any protocol",
    };
    match ports {
        None => protocol.to_owned(),
        Some((from, to)) if from == to => format!("{protocol} {from}"),
        Some((from, to)) => format!("{protocol} {from} to {to}"),
    }
}
