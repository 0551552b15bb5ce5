//! A secret among the settings: it comes in from a variable or a file and never goes out again.

use domain::secret::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands for a secret wherever settings are printed.
pub(crate) const MASK: &str = "********";

/// A secret setting; it prints and serialises as [`MASK`].
#[derive(Debug, Clone)]
pub(crate) struct Masked(pub(crate) Secret);

impl Serialize for Masked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for Masked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// A URL with the password in it replaced, for printing.
pub(crate) fn mask_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let masked = match authority.rsplit_once('@') {
        Some((userinfo, host)) => match userinfo.split_once(':') {
            Some((user, _)) => format!("{user}:{MASK}@{host}"),
            None => authority.to_owned(),
        },
        None => authority.to_owned(),
    };
    // PostgreSQL also takes the password as a parameter.
    let path = match path.find("password=") {
        Some(at) => {
            let from = at + "password=".len();
            let until = path[from..].find('&').map_or(path.len(), |end| from + end);
            format!("{}{MASK}{}", &path[..from], &path[until..])
        }
        None => path.to_owned(),
    };
    format!("{scheme}://{masked}{path}")
}

/// Serialises a URL with its password masked.
pub(crate) fn serialize_url<S: Serializer>(url: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&mask_url(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_masked_wherever_it_stands() {
        for (url, shown) in [
            ("postgres://pp:hunter2@db:5432/pp", "postgres://pp:********@db:5432/pp"),
            ("postgres://pp:hun@ter2@db/pp?x=1", "postgres://pp:********@db/pp?x=1"),
            ("postgres://db/pp?user=a&password=hunter2&x=1", "postgres://db/pp?user=a&password=********&x=1"),
            ("postgres://pp@db/pp", "postgres://pp@db/pp"),
            ("sqlite:passpost.db", "sqlite:passpost.db"),
        ] {
            assert_eq!(mask_url(url), shown);
        }
    }

    #[test]
    fn a_masked_setting_does_not_print_itself() {
        let secret = Masked(Secret::new("hunter2".into()));
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert_eq!(serde_json::to_string(&secret).unwrap(), format!("\"{MASK}\""));
    }
}
