//! The sender domain's SPF, DKIM and DMARC records, when DNS can be reached.

use super::Finding;
use crate::settings::Settings;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

const PATIENCE: Duration = Duration::from_secs(3);
const TXT: u16 = 16;

pub(super) async fn check(settings: &Settings) -> Vec<Finding> {
    if settings.mailbox_is_relay() {
        return Vec::new();
    }
    let domain = settings.mail.from.domain().to_owned();
    let Some(server) = name_server() else {
        return vec![Finding::warning(
            "DNS",
            "no name server is known (/etc/resolv.conf)",
            "SPF, DKIM and DMARC were not checked",
        )];
    };
    // SPF is asked of the domain mails return to (RFC 7208 §2.4).
    let returns = settings.bounces.as_ref().map_or_else(|| domain.clone(), |bounces| bounces.domain.clone());
    let mut findings = Vec::new();
    match texts(server, &returns).await {
        Err(problem) => {
            let to_do = "SPF, DKIM and DMARC were not checked";
            return vec![Finding::warning("DNS", format!("{server} gave no answer: {problem}"), to_do)];
        }
        Ok(found) => findings.push(match found.iter().find(|text| text.starts_with("v=spf1")) {
            Some(record) => Finding::ok("SPF", record.clone()),
            None => Finding::warning(
                "SPF",
                format!("{returns} does not say who may send its mail"),
                format!("publish a TXT record at {returns}: v=spf1 include:<your relay> -all"),
            ),
        }),
    }
    findings.extend(dkim(settings, server).await);
    findings.push(dmarc(server, &domain).await);
    findings
}

async fn dkim(settings: &Settings, server: IpAddr) -> Option<Finding> {
    let Some(dkim) = &settings.dkim else {
        return Some(Finding::ok("DKIM", "not signed here; your relay should sign"));
    };
    let record = dkim.signer().ok()?.dns_record().ok()?;
    let to_do = format!("publish: {}", record.zone_line());
    let bare = |text: &str| text.replace([' ', '\t'], "");
    Some(match texts(server, &record.name).await {
        Ok(found) if found.iter().any(|text| bare(text) == bare(&record.value)) => {
            Finding::ok("DKIM", format!("{} is published", record.name))
        }
        Ok(found) if found.is_empty() => Finding::problem(
            "DKIM",
            format!("{} is not published: signatures will not verify", record.name),
            to_do,
        ),
        Ok(_) => Finding::problem("DKIM", format!("{} holds another key", record.name), to_do),
        Err(problem) => Finding::warning("DKIM", format!("{}: {problem}", record.name), to_do),
    })
}

async fn dmarc(server: IpAddr, domain: &str) -> Finding {
    let name = format!("_dmarc.{domain}");
    let found = texts(server, &name).await.unwrap_or_default();
    match found.iter().find(|text| text.starts_with("v=DMARC1")) {
        Some(record) => Finding::ok("DMARC", record.clone()),
        None => Finding::warning(
            "DMARC",
            format!("{name} is not published here (a parent domain may have one)"),
            "large mailbox providers ask for it; begin with: v=DMARC1; p=none",
        ),
    }
}

fn name_server() -> Option<IpAddr> {
    let text = std::fs::read_to_string("/etc/resolv.conf").ok()?;
    text.lines().find_map(|line| line.strip_prefix("nameserver")?.trim().parse().ok())
}

/// The TXT records of a name; each record's pieces joined (RFC 7208 §3.3). None is no error.
async fn texts(server: IpAddr, name: &str) -> Result<Vec<String>, String> {
    let question = question(name)?;
    let address = SocketAddr::new(server, 53);
    let asked = tokio::time::timeout(PATIENCE, async {
        let answer = by_udp(address, &question).await.map_err(|error| error.to_string())?;
        match read(&answer, &question)? {
            Answer::Texts(found) => Ok(found),
            Answer::Truncated => {
                let answer = by_tcp(address, &question).await.map_err(|error| error.to_string())?;
                match read(&answer, &question)? {
                    Answer::Texts(found) => Ok(found),
                    Answer::Truncated => Err("the answer is cut short".to_owned()),
                }
            }
        }
    });
    asked.await.map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))?
}

async fn by_udp(address: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let local: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(address).await?;
    socket.send(question).await?;
    let mut answer = vec![0; 4096];
    let length = socket.recv(&mut answer).await?;
    answer.truncate(length);
    Ok(answer)
}

async fn by_tcp(address: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&u16::try_from(question.len()).unwrap_or(0).to_be_bytes()).await?;
    stream.write_all(question).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; length.into()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// A question for TXT records (RFC 1035 §4.1).
fn question(name: &str) -> Result<Vec<u8>, String> {
    let random = crate::clock::randomness().map_err(|failure| failure.text().to_owned())?;
    // The id, "recursion desired", one question.
    let mut bytes = vec![random[0], random[1], 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let length =
            u8::try_from(label.len()).ok().filter(|length| *length < 64).ok_or("a label is too long")?;
        bytes.push(length);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend(TXT.to_be_bytes());
    bytes.extend([0, 1]);
    Ok(bytes)
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Texts(Vec<String>),
    Truncated,
}

/// Reads an answer; whatever does not fit the question is no answer.
fn read(answer: &[u8], question: &[u8]) -> Result<Answer, String> {
    let wrong = || "the answer cannot be read".to_owned();
    let header = answer.get(..12).ok_or_else(wrong)?;
    if header[..2] != question[..2] || header[2] & 0x80 == 0 {
        return Err(wrong());
    }
    if header[2] & 0x02 != 0 {
        return Ok(Answer::Truncated);
    }
    match header[3] & 0x0f {
        0 | 3 => {}
        code => return Err(format!("the name server answered with code {code}")),
    }
    let answers = u16::from_be_bytes([header[6], header[7]]);
    let mut at = question.len();
    let mut found = Vec::new();
    for _ in 0..answers {
        at = after_name(answer, at).ok_or_else(wrong)?;
        let fixed = answer.get(at..at + 10).ok_or_else(wrong)?;
        let kind = u16::from_be_bytes([fixed[0], fixed[1]]);
        let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
        let data = answer.get(at + 10..at + 10 + length).ok_or_else(wrong)?;
        if kind == TXT {
            found.push(joined(data).ok_or_else(wrong)?);
        }
        at += 10 + length;
    }
    Ok(Answer::Texts(found))
}

/// The place after a name, which may end in a pointer (RFC 1035 §4.1.4).
fn after_name(answer: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *answer.get(at)? {
            0 => return Some(at + 1),
            length if length & 0xc0 == 0xc0 => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
}

fn joined(mut data: &[u8]) -> Option<String> {
    let mut text = String::new();
    while let [length, rest @ ..] = data {
        let piece = rest.get(..usize::from(*length))?;
        text.push_str(&String::from_utf8_lossy(piece));
        data = &rest[usize::from(*length)..];
    }
    Some(text.chars().filter(|c| !c.is_control()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(question: &[u8], records: &[&[u8]]) -> Vec<u8> {
        let mut bytes = question.to_vec();
        bytes[2] = 0x81;
        bytes[7] = u8::try_from(records.len()).unwrap();
        for data in records {
            bytes.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
            bytes.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            bytes.extend(*data);
        }
        bytes
    }

    #[test]
    fn text_records_are_read_and_their_pieces_joined() {
        let question = question("example.org").unwrap();
        let bytes = answer(&question, &[b"\x06v=spf1", b"\x02ab\x01c"]);
        assert_eq!(read(&bytes, &question), Ok(Answer::Texts(vec!["v=spf1".into(), "abc".into()])));
    }

    #[test]
    fn no_such_name_is_no_record_and_a_cut_answer_is_asked_for_again() {
        let question = question("example.org").unwrap();
        let mut bytes = answer(&question, &[]);
        bytes[3] = 3;
        assert_eq!(read(&bytes, &question), Ok(Answer::Texts(Vec::new())));
        bytes[2] |= 2;
        assert_eq!(read(&bytes, &question), Ok(Answer::Truncated));
    }

    #[test]
    fn a_foreign_or_broken_answer_is_refused_and_never_read_past_its_end() {
        let question = question("example.org").unwrap();
        let good = answer(&question, &[b"\x06v=spf1"]);
        let mut foreign = good.clone();
        foreign[0] ^= 1;
        assert!(read(&foreign, &question).is_err());
        for cut in 0..good.len() {
            assert!(read(&good[..cut], &question).is_err(), "{cut}");
        }
    }
}
