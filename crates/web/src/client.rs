//! Who a request came from: the peer itself, or whom a configured proxy says it came from.

use axum::http::HeaderMap;
use std::net::IpAddr;

/// Networks such as `10.0.0.0/8`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u8)>);

impl Networks {
    /// Reads addresses and networks.
    ///
    /// # Errors
    /// Names the one that is wrong.
    pub fn parse(texts: &[impl AsRef<str>]) -> Result<Self, String> {
        let network = |text: &str| {
            let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
            Some((address, bits))
        };
        let parsed = texts.iter().map(AsRef::as_ref).map(|text| {
            network(text.trim())
                .ok_or_else(|| format!("expected an address or a network such as 10.0.0.0/8, not {text:?}"))
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address belongs to one of them.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                same_head(u128::from(network.to_bits()) << 96, u128::from(address.to_bits()) << 96, *bits)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                same_head(network.to_bits(), address.to_bits(), *bits)
            }
            _ => false,
        })
    }
}

fn same_head(one: u128, other: u128, bits: u8) -> bool {
    bits == 0 || (one ^ other) >> (128 - u32::from(bits)) == 0
}

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// On this machine, without anybody in between.
    pub(crate) is_loopback: bool,
}

const FORWARDING: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

impl Client {
    /// From the right end of `X-Forwarded-For`, each address counts that a trusted proxy put there.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &Networks) -> Self {
        let mut address = peer.to_canonical();
        let list: Vec<&str> = headers
            .get_all(FORWARDING[0])
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for entry in list.iter().rev() {
            if !trusted.contain(address) {
                break;
            }
            let Ok(named) = entry.trim().parse::<IpAddr>() else { break };
            address = named.to_canonical();
        }
        // A proxy on this machine that nobody configured must not make the whole world local.
        let passed_on = !trusted.contain(peer) && FORWARDING.iter().any(|name| headers.contains_key(*name));
        Self { address, is_loopback: address.is_loopback() && !passed_on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> (String, bool) {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDING[0], axum::http::HeaderValue::from_static(value));
        }
        let client = Client::of(peer.parse().unwrap(), &headers, &Networks::parse(trusted).unwrap());
        (client.address.to_string(), client.is_loopback)
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        assert_eq!(client("192.0.2.1", &["198.51.100.9"], &[]), ("192.0.2.1".into(), false));
        assert_eq!(client("10.0.0.1", &["198.51.100.9"], &["10.0.0.0/8"]), ("198.51.100.9".into(), false));
        assert_eq!(
            client("10.0.0.1", &["6.6.6.6, 198.51.100.9", "10.2.2.2"], &["10.0.0.0/8"]).0,
            "198.51.100.9"
        );
        assert_eq!(client("10.0.0.1", &["nonsense"], &["10.0.0.0/8"]).0, "10.0.0.1");
    }

    #[test]
    fn an_unknown_proxy_on_this_machine_is_not_this_machine() {
        assert_eq!(client("127.0.0.1", &[], &[]), ("127.0.0.1".into(), true));
        assert!(!client("127.0.0.1", &["127.0.0.1"], &[]).1);
        assert!(!client("127.0.0.1", &["198.51.100.9"], &["127.0.0.1"]).1);
    }

    #[test]
    fn a_wrong_network_is_named() {
        for bad in ["10.0.0.0/33", "10.0.0/8", "::1/129", "proxy"] {
            assert!(Networks::parse(&[bad]).unwrap_err().contains(bad));
        }
        assert!(Networks::parse(&["2001:db8::/32"]).unwrap().contain("2001:db8:5::1".parse().unwrap()));
    }
}
