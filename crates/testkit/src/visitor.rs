//! Somebody who visits the pages of a running program: plain HTTP, cookies, and the tokens of forms.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// A browser without eyes. Its cookies stay with it.
#[derive(Debug, Clone)]
pub struct Visitor {
    port: u16,
    cookies: BTreeMap<String, String>,
    /// The address a proxy on this machine would name; empty: none.
    forwarded_for: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Page {
    /// The first header of this name, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
    }

    /// Where it sends the browser on to.
    #[must_use]
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The token of the page's form.
    ///
    /// # Panics
    /// When there is no form.
    #[must_use]
    pub fn token(&self) -> String {
        let (_, rest) =
            self.body.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("no form: {self:?}"));
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

impl Visitor {
    /// Somebody new, at the pages on this port of the loopback.
    #[must_use]
    pub fn of(port: u16) -> Self {
        Self { port, cookies: BTreeMap::new(), forwarded_for: String::new() }
    }

    /// The same, as seen through a proxy of this machine from such an address; the program must trust the proxy.
    #[must_use]
    pub fn from_address(self, address: &str) -> Self {
        Self { forwarded_for: address.to_owned(), ..self }
    }

    /// GET.
    pub fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, None)
    }

    /// POST of a form, as the page itself would.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.send("POST", path, Some(pairs.join("&")))
    }

    /// Opens the sign-in page and signs in. 303 to `/password/new` after a mailed password, to `/account` after a
    /// chosen one; 403 is a refusal.
    pub fn sign_in(&mut self, username: &str, password: &str) -> Page {
        let token = self.get("/login").token();
        self.post("/login", &[("csrf", &token), ("username", username), ("password", password)])
    }

    /// Types a new password twice on the page behind a mailed one.
    pub fn choose_password(&mut self, username: &str, password: &str) -> Page {
        let token = self.get("/password/new").token();
        let fields =
            [("csrf", &*token), ("username", username), ("password", password), ("confirmation", password)];
        self.post("/password/new", &fields)
    }

    /// Follows a personal link to the page where a password is set; `None`: the link does not work.
    ///
    /// # Panics
    /// When it leads anywhere else.
    pub fn open_link(&mut self, link: &str) -> Option<Page> {
        let hop = self.get(link);
        assert_eq!((hop.status, hop.location()), (303, "/reset/new"), "{hop:?}");
        Some(self.get("/reset/new")).filter(|page| page.status == 200)
    }

    /// GET of an answer that goes on for long: the connection, its request sent, nothing read yet.
    ///
    /// # Errors
    /// The server does not listen, or does not read.
    pub fn open(&self, path: &str) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(format!("{}\r\n", self.head("GET", path)).as_bytes())?;
        Ok(stream)
    }

    /// The first lines of a request.
    fn head(&self, method: &str, path: &str) -> String {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\n", self.port);
        if !self.forwarded_for.is_empty() {
            head.push_str(&format!("x-forwarded-for: {}\r\n", self.forwarded_for));
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.push_str(&format!("cookie: {}\r\n", pairs.join("; ")));
        }
        head
    }

    fn send(&mut self, method: &str, path: &str, form: Option<String>) -> Page {
        let host = format!("127.0.0.1:{}", self.port);
        let mut request = self.head(method, path);
        if let Some(form) = &form {
            request.push_str(&format!(
                "origin: http://{host}\r\nsec-fetch-site: same-origin\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n",
                form.len()
            ));
        }
        request.push_str("\r\n");
        request.push_str(form.as_deref().unwrap_or_default());
        let page = read_page(&exchange(self.port, request.as_bytes()));
        self.keep(&page);
        page
    }

    fn keep(&mut self, page: &Page) {
        for (_, cookie) in page.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = cookie.split_once('=').expect("a cookie has a name");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                let value = rest.split(';').next().unwrap_or_default();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn exchange(port: u16, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    stream.write_all(request).expect("the server reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    answer
}

fn read_page(answer: &[u8]) -> Page {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("not HTTP: {text:?}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let page = Page { status, headers, body: body.to_owned() };
    assert_eq!(page.header("transfer-encoding"), "", "this reader knows no chunks");
    page
}

fn encode(text: &str) -> String {
    let code = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart_and_its_cookies_are_kept() {
        let page = read_page(
            b"HTTP/1.1 303 See Other\r\nLocation: /account\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=; Max-Age=0\r\n\r\n\
              <input name=\"csrf\" value=\"t0ken\">",
        );
        assert_eq!((page.status, page.location(), page.token()), (303, "/account", "t0ken".to_owned()));
        let mut visitor = Visitor::of(1);
        visitor.cookies.insert("b".into(), "old".into());
        visitor.keep(&page);
        assert_eq!(visitor.cookies, BTreeMap::from([("a".to_owned(), "1".to_owned())]));
    }

    #[test]
    fn fields_are_encoded_octet_by_octet() {
        assert_eq!(encode("ä b&c"), "%C3%A4%20b%26c");
    }
}
