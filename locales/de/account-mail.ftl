# Words of the mails about one's own account: personal links, and a changed password.

account-sent-to = Diese Mail ging an { $address }.
account-help = Fragen? { $contact } hilft.
account-link = Wenn die Schaltfläche nicht geht, kopieren Sie diese Adresse in Ihren Browser:

reset-subject = Neues Passwort bei { $organisation } wählen
reset-title = Neues Passwort wählen
reset-lead = Jemand hat einen Link angefordert, um für Ihr Konto ein neues Passwort zu wählen. Bis Sie eines wählen, bleibt das alte, wie es ist.
reset-lead-many = Jemand hat einen Link angefordert, um ein neues Passwort zu wählen. { $number } Konten haben diese Adresse; jedes hat seinen eigenen Link. Bis Sie für ein Konto ein neues Passwort wählen, bleibt dessen altes, wie es ist.
reset-account = Konto { $username }
reset-account-named = Konto { $username } · { $name }
reset-action = Neues Passwort wählen
reset-fact-asked = Angefordert
reset-fact-until = Der Link gilt bis
reset-after = Danach, oder wenn der Link benutzt ist, fordern Sie hier einen neuen an: { $url }
reset-not-me = Sie haben das nicht angefordert? Dann müssen Sie nichts tun.
reset-not-me-action = Den Link ungültig machen

changed-subject = Ihr Passwort bei { $organisation } wurde geändert
changed-title = Ihr Passwort wurde geändert
changed-lead = Das Passwort Ihres Kontos { $username } wurde geändert. Alle angemeldeten Geräte wurden abgemeldet.
changed-fact-at = Geändert
changed-mine = Wenn Sie das waren, ist alles in Ordnung.
changed-not-mine = Wenn nicht, sagen Sie es sofort { $contact }, und setzen Sie auf der Anmeldeseite ein anderes Passwort.
changed-not-mine-nobody = Wenn nicht, setzen Sie sofort auf der Anmeldeseite ein anderes Passwort, und sagen Sie es denen, die sie betreiben.
