//! Invented people, made row by row as a CSV file that is never written: a million fit in no memory.

use std::io::Read;

/// Given names, each with the spelling of its user name.
const GIVEN: [(&str, &str); 47] = [
    ("Ada", "ada"),
    ("Zoë", "zoe"),
    ("Łukasz", "lukasz"),
    ("Søren", "soeren"),
    ("İpek", "ipek"),
    ("Мария", "maria"),
    ("Αλέξης", "alexis"),
    ("美咲", "misaki"),
    ("Nguyệt", "nguyet"),
    ("Amélie", "amelie"),
    ("Jürgen", "juergen"),
    ("François", "francois"),
    ("Siobhán", "siobhan"),
    ("أمينة", "amina"),
    ("Óscar", "oscar"),
    ("Chidi", "chidi"),
    ("Priya", "priya"),
    ("Tomáš", "tomas"),
    ("Håkon", "haakon"),
    ("Leilani", "leilani"),
    ("Grace", "grace"),
    ("Matteo", "matteo"),
    ("Yusuf", "yusuf"),
    ("Inês", "ines"),
    ("Björk", "bjoerk"),
    ("Wanjiru", "wanjiru"),
    ("Dmytro", "dmytro"),
    ("Élodie", "elodie"),
    ("Noah", "noah"),
    ("Hannah", "hannah"),
    ("Käthe", "kaethe"),
    ("Pedro", "pedro"),
    ("Aroha", "aroha"),
    ("Ravi", "ravi"),
    ("Žofia", "zofia"),
    ("Mehmet", "mehmet"),
    ("Olivia", "olivia"),
    ("Jean-Luc", "jean-luc"),
    ("Sana", "sana"),
    ("Niamh", "niamh"),
    ("Kofi", "kofi"),
    ("Ángela", "angela"),
    ("Erik", "erik"),
    ("Thuận", "thuan"),
    ("Rosa", "rosa"),
    ("明", "akira"),
    ("Lena", "lena"),
];

/// Family names, likewise.
const FAMILY: [(&str, &str); 59] = [
    ("Lovelace", "lovelace"),
    ("Müller", "mueller"),
    ("Nowak", "nowak"),
    ("Østergård", "oestergaard"),
    ("Yılmaz", "yilmaz"),
    ("Иванова", "ivanova"),
    ("Παπαδάκης", "papadakis"),
    ("佐藤", "sato"),
    ("Trần", "tran"),
    ("Lefèvre", "lefevre"),
    ("Weiß", "weiss"),
    ("d’Arcy", "darcy"),
    ("Ó Briain", "obriain"),
    ("الحداد", "haddad"),
    ("Núñez", "nunez"),
    ("Okonkwo", "okonkwo"),
    ("Sharma", "sharma"),
    ("Dvořák", "dvorak"),
    ("Ångström", "aangstroem"),
    ("Kealoha", "kealoha"),
    ("Hopper", "hopper"),
    ("Rossi", "rossi"),
    ("Demir", "demir"),
    ("Gonçalves", "goncalves"),
    ("Jónsdóttir", "jonsdottir"),
    ("Kamau", "kamau"),
    ("Шевченко", "shevchenko"),
    ("Béranger", "beranger"),
    ("Smith", "smith"),
    ("van der Berg", "vanderberg"),
    ("Köhler", "koehler"),
    ("Ferreira", "ferreira"),
    ("Ngata", "ngata"),
    ("Patel", "patel"),
    ("Kováč", "kovac"),
    ("Çelik", "celik"),
    ("O’Neill", "oneill"),
    ("Moreau", "moreau"),
    ("Malik", "malik"),
    ("Byrne", "byrne"),
    ("Mensah", "mensah"),
    ("Martínez", "martinez"),
    ("Lindqvist", "lindqvist"),
    ("Phạm", "pham"),
    ("Schneider", "schneider"),
    ("田中", "tanaka"),
    ("Haas", "haas"),
    ("Delacroix", "delacroix"),
    ("Wójcik", "wojcik"),
    ("Fischer", "fischer"),
    ("Brontë", "bronte"),
    ("Silva", "silva"),
    ("Novák", "novak"),
    ("Kim", "kim"),
    ("Popescu", "popescu"),
    ("Hughes", "hughes"),
    ("Sørensen", "soerensen"),
    ("Çınar", "cinar"),
    ("Zhang", "zhang"),
];

const PLACES: [(&str, &str); 6] = [
    ("en", "Europe/London"),
    ("de", "Europe/Berlin"),
    ("fr", "Europe/Paris"),
    ("en", "America/New_York"),
    ("de-AT", "Europe/Vienna"),
    ("fr-CA", "America/Toronto"),
];

/// Domains nobody has (RFC 2606), one of them international.
const DOMAINS: [&str; 4] = ["members.example", "post.example", "bücher.example", "mail.example"];

/// Rows that an import refuses, to show how it says so.
const BROKEN: [&str; 3] = ["not-an-address", "two@at@members.example", "with space@members.example"];

/// Whether somebody is without an address: a few in a thousand.
const fn has_no_address(number: u64) -> bool {
    number % 250 == 41
}

/// One invented person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invented {
    pub(super) username: String,
    pub(super) address: Option<String>,
    given: &'static str,
    family: &'static str,
    language: &'static str,
    zone: &'static str,
    staff: bool,
}

/// The person with a number from 0; the same every time.
pub(super) fn person(number: u64) -> Invented {
    let (given_count, family_count) = (GIVEN.len() as u64, FAMILY.len() as u64);
    let pairs = given_count * family_count;
    // 1,009 shares no divisor with 47 · 59: every pair comes once before any comes twice.
    let pair = (number % pairs) * 1_009 % pairs;
    let place = |value: u64| usize::try_from(value).unwrap_or(0);
    let (given, given_ascii) = GIVEN[place(pair % given_count)];
    let (family, family_ascii) = FAMILY[place(pair / given_count)];
    let round = match number / pairs {
        0 => String::new(),
        round => format!(".{round}"),
    };
    let username = format!("{given_ascii}.{family_ascii}{round}");
    let (language, zone) = PLACES[place(number % PLACES.len() as u64)];
    let domain = DOMAINS[place(number % DOMAINS.len() as u64)];
    Invented {
        address: (!has_no_address(number)).then(|| format!("{username}@{domain}")),
        username,
        given,
        family,
        language,
        zone,
        staff: number.is_multiple_of(8),
    }
}

/// The file: a header, everybody, and a few broken rows.
#[derive(Debug)]
pub(super) struct File {
    next: u64,
    people: u64,
    line: Vec<u8>,
    at: usize,
}

impl File {
    pub(super) fn new(people: u64) -> Self {
        let header = "username,address,given_name,family_name,language,time_zone,groups,attributes.tier\n";
        Self { next: 0, people, line: header.as_bytes().to_vec(), at: 0 }
    }

    fn next_line(&mut self) -> bool {
        let number = self.next;
        self.next += 1;
        let line = if number < self.people {
            let one = person(number);
            let groups = if one.staff { "members|staff" } else { "members" };
            let tier = ["bronze", "silver", "gold"][usize::try_from(number % 3).unwrap_or(0)];
            let address = one.address.unwrap_or_default();
            format!(
                "{},{address},{},{},{},{},{groups},{tier}\n",
                one.username, one.given, one.family, one.language, one.zone
            )
        } else if let Some(broken) = usize::try_from(number - self.people).ok().and_then(|n| BROKEN.get(n)) {
            format!("broken{number},{broken},Broken,Address,en,UTC,members,bronze\n")
        } else {
            return false;
        };
        (self.line, self.at) = (line.into_bytes(), 0);
        true
    }
}

impl Read for File {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.at == self.line.len() && !self.next_line() {
                break;
            }
            let piece = (self.line.len() - self.at).min(buffer.len() - filled);
            buffer[filled..filled + piece].copy_from_slice(&self.line[self.at..self.at + piece]);
            (self.at, filled) = (self.at + piece, filled + piece);
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn nobody_is_invented_twice() {
        let names: HashSet<String> = (0..10_000).map(|number| person(number).username).collect();
        assert_eq!(names.len(), 10_000);
    }

    #[test]
    fn every_address_can_be_written_to() {
        for number in 0..3_000 {
            if let Some(address) = person(number).address {
                assert!(domain::address::Address::parse(&address).is_ok(), "{address}");
            }
        }
    }

    #[test]
    fn the_file_has_a_line_for_everybody_whatever_the_buffer() {
        let mut whole = String::new();
        File::new(500).read_to_string(&mut whole).unwrap();
        assert_eq!(whole.lines().count(), 1 + 500 + BROKEN.len());
        let (mut small, mut file, mut buffer) = (Vec::new(), File::new(500), [0; 7]);
        loop {
            match file.read(&mut buffer).unwrap() {
                0 => break,
                read => small.extend_from_slice(&buffer[..read]),
            }
        }
        assert_eq!(small, whole.as_bytes());
    }
}
