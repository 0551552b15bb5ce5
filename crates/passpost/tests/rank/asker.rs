//! The program with a thousand people, and somebody who asks it from ever other networks and takes the time.

use auth::hashing::{Costs, Hasher, LoginRealm};
use auth::keys::Keys;
use auth::typed::TypedPassword;
use domain::secret::Secret;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use store::{Location, Store};
use testkit::inspection;
use testkit::program::{Program, Serving};

/// The name of somebody who is there; as long as those that are not.
pub(crate) fn known(n: usize) -> String {
    format!("known{n:04}@members.example")
}

/// The name of nobody.
pub(crate) fn unknown(n: usize) -> String {
    format!("noone{n:04}@members.example")
}

/// The installation.
pub(crate) struct House {
    pub(crate) serving: Serving,
    pub(crate) port: u16,
    _program: Program,
}

impl House {
    /// With so many people, the first half of them with a password.
    pub(crate) async fn furnished(url: Option<String>, relay: u16, people: usize) -> Self {
        let mut program = Program::new(env!("CARGO_BIN_EXE_passpost"));
        let port = program.choose_port();
        std::fs::create_dir(program.data()).unwrap();
        let database = url.as_ref().map_or_else(String::new, |url| format!("[database]\nurl = \"{url}\"\n"));
        let settings = format!(
            "trusted_proxies = [\"127.0.0.1\"]\n{database}[[smtp]]\nurl = \"smtp://127.0.0.1:{relay}\"\n\
             tls = \"none\"\n[mail]\nfrom = \"passwords@portal.example\"\n"
        );
        std::fs::write(program.path().join("passpost.toml"), settings).unwrap();
        let mut file = String::from("address\n");
        (0..people).for_each(|n| file.push_str(&format!("{}\n", known(n))));
        std::fs::write(program.path().join("people.csv"), file).unwrap();
        program.run("people import people.csv").ok();
        let location =
            Location::parse(url.as_deref().unwrap_or("sqlite:passpost.db"), &program.data()).unwrap();
        let keys = Keys::read_or_create(&program.data().join("keys")).unwrap();
        let hasher = Hasher::new(keys, Costs::default(), 1).unwrap();
        let typed = TypedPassword::new(&Secret::new("the old password of everyone".into())).expect("fits");
        let hash = hasher.hash(&typed, LoginRealm::Contacts).await.unwrap();
        let store = Store::open(&location).await.unwrap();
        let before: &'static str = Box::leak(known(people / 2).into_boxed_str());
        inspection::give_old_password(&store, hash, before).await;
        drop(store);
        let mut serving = program.serve(port, Some(&program.data().join("passpost.log")));
        serving.wait_ready();
        Self { serving, port, _program: program }
    }
}

/// Somebody with a form that stands open.
pub(crate) struct Asker {
    port: u16,
    cookie: String,
    token: String,
}

impl Asker {
    /// Opens the page for asking; its cookie and token are good for every form before a sign-in.
    pub(crate) fn new(port: u16) -> Self {
        let request = format!("GET /reset HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
        let (answer, _) = exchange(port, &request);
        let after = |begin: &str, end: char| {
            let (_, rest) = answer.split_once(begin).unwrap_or_else(|| panic!("{begin}: {answer}"));
            rest.split(end).next().unwrap().to_owned()
        };
        Self { port, cookie: after("set-cookie: ", ';'), token: after("name=\"csrf\" value=\"", '"') }
    }

    /// Sends a form from the network of this number; gives the status and the time until the last octet came.
    pub(crate) fn post(&self, path: &str, network: usize, fields: &[(&str, &str)]) -> (u16, Duration) {
        let mut body = format!("csrf={}", self.token);
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", value.replace('@', "%40").replace(' ', "+")));
        }
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncookie: {}\r\n\
             x-forwarded-for: 10.{}.{}.{}\r\norigin: http://127.0.0.1:{}\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.port,
            self.cookie,
            network / 65_536,
            network / 256 % 256,
            network % 256,
            self.port,
            body.len()
        );
        let (answer, took) = exchange(self.port, &request);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, took)
    }
}

fn exchange(port: u16, request: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_nodelay(true).expect("an option");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    let mut answer = Vec::with_capacity(1 << 16);
    let began = Instant::now();
    stream.write_all(request.as_bytes()).expect("the server reads");
    stream.read_to_end(&mut answer).expect("the server answers");
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}
