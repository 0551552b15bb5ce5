//! The network a client belongs to: what limits count and what sessions and the audit log show.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The network of an address as text: an IPv4 address as it is, an IPv6 address's /64.
///
/// A household or a rented server usually owns a whole /64, so single IPv6 addresses would be no limit
/// at all (3-safety 4.4). IPv4 in its IPv6 dress (RFC 4291 §2.5.5.2) counts as IPv4.
#[must_use]
pub fn network_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().as_ref().map_or_else(|| slash_64(v6), Ipv4Addr::to_string),
    }
}

fn slash_64(address: Ipv6Addr) -> String {
    let [a, b, c, d, ..] = address.segments();
    format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_slash_64_are_one_network() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:eeee:dddd:cccc"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("2001:db8:1:2::1"), "2001:db8:1:2::/64");
    }

    #[test]
    fn ipv4_in_ipv6_dress_is_ipv4() {
        assert_eq!(network_of("::ffff:192.0.2.7".parse().unwrap()), "192.0.2.7");
    }
}
