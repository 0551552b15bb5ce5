//! The cookies: their names, their attributes, and nothing that outlives the browser (3-safety 4.3).

use auth::session::Realm;
use axum::http::header::{COOKIE, HeaderMap, HeaderValue};
use domain::secret::Secret;

/// One of our cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The operators' console.
    Console,
    /// The recipients' own pages.
    Preferences,
    /// The set-a-new-password page.
    ForcedChange,
    /// The page for the second factor.
    SecondFactor,
    /// Before signing in: what the token in the sign-in form is bound to.
    Form,
    /// The one-time link's token, so that it leaves the address bar at once.
    Setup,
    /// The personal link's token, for the same reason.
    Reset,
    /// The token of a link that confirms something.
    Confirm,
}

impl Cookie {
    pub(crate) const fn of(realm: Realm) -> Self {
        match realm {
            Realm::Console => Self::Console,
            Realm::Preferences => Self::Preferences,
            Realm::ForcedChange => Self::ForcedChange,
            Realm::SecondFactor => Self::SecondFactor,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Console => "__Host-op",
            Self::Preferences => "__Host-pc",
            Self::ForcedChange => "__Host-fc",
            Self::SecondFactor => "__Host-2f",
            Self::Form => "__Host-lf",
            Self::Setup => "__Host-st",
            Self::Reset => "__Host-rs",
            Self::Confirm => "__Host-cf",
        }
    }

    /// Strict where nobody arrives from another site; people come to the others from webmail.
    const fn same_site(self) -> &'static str {
        match self {
            Self::Console | Self::SecondFactor => "Strict",
            Self::Preferences
            | Self::ForcedChange
            | Self::Form
            | Self::Setup
            | Self::Reset
            | Self::Confirm => "Lax",
        }
    }

    /// The value a browser sent, if it sent one that we may have given it. Of two cookies of one name
    /// neither counts: one of them is somebody else's.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<Secret> {
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.name())
            .map(|(_, value)| value);
        let (Some(value), None) = (found.next(), found.next()) else { return None };
        auth::random::looks_like_token(value).then(|| Secret::new(value.to_owned()))
    }

    /// The header that sets it. `None`: the value is none of ours.
    pub(crate) fn set(self, value: &Secret) -> Option<HeaderValue> {
        let text = format!("{}={}; {}", self.name(), value.expose(), self.attributes());
        let mut header = HeaderValue::from_str(&text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Whether a header that sets a cookie sets this one.
    pub(crate) fn is_named_in(self, header: &HeaderValue) -> bool {
        let rest = header.as_bytes().strip_prefix(self.name().as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b"="))
    }

    /// The header that removes it.
    pub(crate) fn remove(self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("{}=; Max-Age=0; {}", self.name(), self.attributes())).ok()
    }

    fn attributes(self) -> String {
        format!("Path=/; Secure; HttpOnly; SameSite={}", self.same_site())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_sent_twice_is_not_read() {
        let token = "a".repeat(43);
        let headers = |text: &str| HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(text).unwrap())]);
        let one = format!("other=1; __Host-pc={token}");
        assert!(Cookie::Preferences.read(&headers(&one)).is_some());
        assert!(Cookie::Console.read(&headers(&one)).is_none());
        assert!(Cookie::Preferences.read(&headers(&format!("{one}; __Host-pc={token}"))).is_none());
        assert!(Cookie::Preferences.read(&headers("__Host-pc=short")).is_none());
    }
}
