# Wörter der Mails und was die Konsole über sie sagt.

# Eröffnet eine Mail.
salutation = Guten Tag { $name },
salutation-nobody = Guten Tag,

# Eine Uhrzeit in der Zone der Person.
clock-time = { $weekday }, { $day }. { $month } { $year }, { $time } Uhr (Zeitzone { $zone })
weekday-1 = Montag
weekday-2 = Dienstag
weekday-3 = Mittwoch
weekday-4 = Donnerstag
weekday-5 = Freitag
weekday-6 = Samstag
weekday-7 = Sonntag
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember

# Was in einer Mail stehen kann, für die Liste neben dem Editor.
replacement-salutation = Ein Gruß mit dem Namen der Person, oder ohne, wenn der Name wie ein Link aussieht
replacement-full_name = Wie die Person genannt wird
replacement-given_name = Vorname; kann leer sein
replacement-family_name = Familienname; kann leer sein
replacement-display_name = Der Anzeigename der Person; kann leer sein
replacement-request_password_link = Die Seite, auf der die Person einen persönlichen Link anfordert; enthält kein Geheimnis
replacement-personal_link = Die Seite, auf der diese Person ein neues Passwort setzt; wer sie hat, kann das tun
replacement-valid_until-link = Bis wann der persönliche Link gilt, in der Zeitzone der Person
replacement-username = Womit sich die Person anmeldet
replacement-address = Die Adresse, an die diese Mail geht
replacement-language = Die Sprache der Mail, etwa de
replacement-organisation = Ihr Name, aus den Einstellungen
replacement-help_contact = Wen man fragt, aus den Einstellungen; kann leer sein
replacement-login_url = Die Adresse der Anmeldeseite
replacement-password = Das neue Passwort; nur im sichtbaren Text
replacement-valid_until = Bis wann das Passwort die Seite zum Setzen eines neuen öffnet, in der Zeitzone der Person
replacement-accent = Ihre Farbe, aus den Einstellungen
replacement-on_accent = Schwarz oder Weiß, je nachdem, was auf Ihrer Farbe besser lesbar ist

# Warum eine Mail nicht ankam.
cause-mailbox-unknown = Dieses Postfach gibt es nicht.
cause-domain-unknown = Die Domain nimmt keine Mail an.
cause-mailbox-disabled = Das Postfach ist abgeschaltet.
cause-mailbox-full = Das Postfach ist voll.
cause-needs-smtputf8 = Das Relay kann an Adressen mit Buchstaben wie ü nicht schreiben.
cause-too-large = Die Nachricht ist dem Empfänger zu groß.
cause-content-refused = Der Inhalt wurde abgelehnt.
cause-refused = Das Relay hat die Nachricht abgelehnt.
cause-later = Der Empfänger bittet um einen späteren Versuch.
cause-login-refused = Das Relay lehnt unsere Anmeldung ab.
cause-encryption-demanded = Das Relay verlangt TLS oder eine Anmeldung.
cause-sender-refused = Das Relay lehnt unsere Absenderadresse ab.
cause-policy = Eine Regel des Empfängers oder des Relays lehnt unsere Mail ab.
cause-rate-limited = Das Relay oder der Empfänger möchte weniger Nachrichten.
cause-relay-busy = Das Relay kann gerade keine Mail annehmen.
cause-protocol = Das Relay versteht uns nicht.
