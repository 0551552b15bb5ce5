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

verify-subject = Bestätigen Sie Ihre neue Adresse bei { $organisation }
verify-title = Bestätigen Sie diese Adresse
verify-lead = Jemand, der im Konto { $username } angemeldet ist, möchte, dass Mails dafür an diese Adresse gehen. Sie wird erst benutzt, wenn Sie sagen, dass sie Ihnen gehört.
verify-action = Diese Adresse gehört mir
verify-after = Sie kennen dieses Konto nicht? Dann tun Sie nichts: Ohne einen Klick ändert sich nichts, und niemand erfährt, ob diese Adresse hier benutzt wird.

object-subject = Ihre Adresse bei { $organisation } soll sich ändern
object-title = Es soll eine andere Adresse gelten
object-lead = Jemand, der das Passwort Ihres Kontos { $username } kennt, möchte, dass Mails künftig an eine andere Adresse gehen. Sobald die neue bestätigt ist, kommt hier keine Mail mehr an.
object-action = Die Änderung aufhalten
object-after = Wenn Sie das waren, tun Sie nichts. Wenn nicht, halten Sie die Änderung hier auf, auch wenn sie schon gilt, und setzen Sie danach ein anderes Passwort.

subscribe-subject = Bestätigen Sie, was Sie bei { $organisation } abonnieren
subscribe-title = Ein Klick fehlt noch
subscribe-lead = Für Ihr Konto { $username } wurde angefordert, was unten steht. Sie bekommen es, sobald Sie es hier bestätigen.
subscribe-action = Ja, das möchte ich
subscribe-fact-title = Abonnement
subscribe-after = Sie haben das nicht angefordert? Dann tun Sie nichts: Ohne einen Klick bekommen Sie nichts.
subscribe-none = Sie möchten gar keine Rundmails?
subscribe-none-action = Alles abbestellen

deletion-subject = Ihr Konto bei { $organisation } soll gelöscht werden
deletion-title = Sie haben uns gebeten, Ihr Konto zu löschen
deletion-lead = Jemand, der das Passwort Ihres Kontos { $username } kennt, hat uns gebeten, es mit allem zu löschen, was dazu gehört. Wir sehen es uns an und entscheiden dann; bis dahin ist das Konto wie zuvor.
deletion-after = Sie können die Bitte auf Ihren eigenen Seiten unter den Einstellungen zurücknehmen.
deletion-not-mine = Wenn Sie das nicht waren, nehmen Sie sie dort zurück, und setzen Sie sofort ein anderes Passwort.
