# Texte der Seiten für Empfänger und des Wegs in die Konsole.

skip = Zum Inhalt springen
help-label = Fragen?
optional = (freiwillig)
username-label = Benutzername oder E‑Mail-Adresse
password-label = Passwort
reveal-show = Zeigen
reveal-hide = Verbergen

# Anmelden
login-title = Anmelden
login-lead = Mit dem Passwort aus der E‑Mail oder, falls schon gewählt, mit Ihrem eigenen.
login-button = Anmelden
login-mailed-hint = Ein zugeschicktes Passwort gilt einmal. Gleich danach wählen Sie Ihr eigenes.
login-refused = Das hat nicht geklappt. Prüfen Sie Benutzernamen und Passwort. Ein zugeschicktes Passwort gilt einmal und nur für begrenzte Zeit; nach mehreren falschen Versuchen hilft kurzes Warten.
login-stale = Diese Seite war zu lange offen, oder Ihr Browser speichert keine Cookies. Bitte versuchen Sie es noch einmal.

# Nach einem zugeschickten Passwort
forced-step = Noch ein Schritt
forced-title = Wählen Sie Ihr Passwort
forced-lead = Willkommen, { $name }. Das Passwort aus der E‑Mail ist nun verbraucht. Wählen Sie Ihr eigenes, dann geht es weiter.
forced-button = Passwort speichern
forced-leave = Ohne neues Passwort abmelden
new-label = Neues Passwort
new-again-label = Dasselbe noch einmal
new-rule = Mindestens { $least } Zeichen.
new-advice = Einige Wörter, die nichts miteinander zu tun haben, sind stark und gut zu merken. Einfügen aus einem Passwortmanager geht.
new-refused = Dieses Passwort geht nicht:
new-same = Beide sind gleich.
new-differs = Noch nicht gleich.

done-title = Ihr Passwort ist gespeichert
done-lead = Melden Sie sich ab jetzt mit Ihrem eigenen Passwort an. Überall sonst sind Sie abgemeldet.
done-next = Weiter

# Ändern
change-title = Passwort ändern
change-lead = Hier bleiben Sie angemeldet, überall sonst werden Sie abgemeldet.
change-current-label = Bisheriges Passwort
change-wrong-current = Das bisherige Passwort stimmt nicht, oder es gab zu viele falsche Versuche. Warten Sie kurz und versuchen Sie es noch einmal.
change-button = Passwort ändern
change-back = Zurück zum Konto

# Das Konto
account-title = Ihr Konto
account-greeting = Guten Tag, { $name }
account-username = Benutzername
account-address = E‑Mail-Adresse
account-change-password = Passwort ändern
account-sessions = Wo Sie angemeldet sind
account-this = dieser Browser
account-seen = zuletzt genutzt { $time }
account-unknown-browser = Unbekannter Browser
account-end-others = Überall sonst abmelden
account-leave = Abmelden

# Ein Link, um ein anderes Passwort zu wählen
reset-forgotten = Passwort vergessen?
reset-ask-title = Ein anderes Passwort wählen
reset-ask-lead = Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein. Wir schicken Ihnen einen Link, mit dem Sie ein neues Passwort wählen.
reset-ask-button = Link zuschicken
reset-ask-hint = Bis Sie den Link verwenden, bleibt Ihr Passwort, wie es ist.
reset-ask-empty = Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.
reset-ask-too-long = Das ist länger als { $most } Zeichen. Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.
reset-ask-control = Darin steht ein Zeichen, das in keinem Namen und keiner Adresse stehen kann. Geben Sie es neu ein.
reset-ask-wait-seconds = Es wurden zu viele Links angefordert. Versuchen Sie es in { $number ->
    [one] einer Sekunde
   *[other] { $number } Sekunden
 } noch einmal.
reset-ask-wait-minutes = Aus Ihrem Netz wurden zu viele Links angefordert. Versuchen Sie es in { $number ->
    [one] einer Minute
   *[other] { $number } Minuten
 } noch einmal.
reset-asked-title = Sehen Sie in Ihr Postfach
reset-asked-lead = Wenn es ein Konto gibt, ist eine E-Mail mit einem Link unterwegs. Darin steht, bis wann der Link gilt.
reset-asked-nothing = Nach einigen Minuten nichts da?
reset-asked-spam = Sehen Sie in den Ordner für unerwünschte E-Mails.
reset-asked-spelling = Prüfen Sie Ihre Eingabe, oder versuchen Sie Ihre andere Adresse.
reset-asked-help = Fragen Sie die Stelle unten: Vielleicht ist für Sie eine andere Adresse hinterlegt oder keine.
reset-asked-help-nobody = Fragen Sie, wer Ihnen das Konto gegeben hat: Vielleicht ist für Sie eine andere Adresse hinterlegt oder keine.
reset-asked-again = Noch einen Link zuschicken
reset-asked-wait = Noch ein Link in { $seconds } s
reset-new-title = Neues Passwort wählen
reset-new-lead = Für das Konto { $username }. Wenn es gespeichert ist, sind Sie überall abgemeldet.
reset-new-until = Der Link gilt bis { $time }, einmal.
reset-new-stale = Diese Seite war zu lange offen, oder Sie sind inzwischen einem anderen Link gefolgt. Dies ist das Konto des neuesten Links; geben Sie das Passwort noch einmal ein.
reset-new-too-many = Mit diesem Link wurden zu viele Passwörter versucht, die nicht gehen. Wählen Sie ein langes, das sonst niemand hat, oder fordern Sie einen anderen Link an.
reset-done-lead = Melden Sie sich mit dem neuen Passwort an. Sie wurden überall abgemeldet, und eine E-Mail meldet Ihnen die Änderung.
reset-gone-title = Dieser Link gilt nicht
reset-gone-lead = Er wurde verwendet, ist abgelaufen oder durch einen neueren ersetzt. Ein neuer kommt in einer Minute.
reset-gone-button = Neuen Link zuschicken
reset-gone-hint = Nur die Links der neuesten E-Mails gelten. Kopieren Sie die ganze Adresse, wenn Ihr E-Mail-Programm sie zerteilt hat.
reset-report-title = Das waren nicht Sie?
reset-report-lead = Jemand hat hier Ihren Benutzernamen oder Ihre Adresse eingegeben, vielleicht aus Versehen. Ihr Passwort wurde nicht geändert. Sie können die Links jener E-Mail ungültig machen.
reset-report-button = Links ungültig machen
reset-report-done-title = Die Links sind ungültig
reset-report-done-lead = Die Links jener E-Mail gelten nicht mehr, und wer diesen Dienst betreibt, kann Ihre Meldung sehen. Ihr Passwort ist, wie es war.
reset-report-advice = Wenn solche E-Mails öfter kommen, stellen Sie sicher, dass niemand sonst Ihre E-Mails liest.

# Wie stark ein Passwort ist
strength-good = Gut: schwer zu erraten.
strength-very-good = Sehr gut: sehr schwer zu erraten.

# Warum ein Passwort nicht geht
problem-too-short = Es hat { $length } Zeichen; mindestens { $least } sind nötig.
problem-too-long = Es ist länger als 256 Zeichen.
problem-blocklisted = Es steht auf einer Liste bekannter Passwörter.
problem-service-name = Es ist kaum mehr als der Name dieses Dienstes oder der Organisation.
problem-own-name = Es ist kaum mehr als Ihr Name, Benutzername oder Ihre Adresse.
problem-repeated = Es wiederholt ein kurzes Stück.
problem-sequence = Es ist vor allem eine Reihe wie abcdef, 123456 oder eine Tastenreihe.
problem-easy-to-guess = Es ist leicht zu erraten.
problem-not-new = Es ist das Passwort, das Sie schon hatten.
problem-different = Die beiden Felder sind verschieden. Geben Sie zweimal dasselbe Passwort ein.
hint-more-words = Ein oder zwei weitere seltene Wörter helfen.
hint-not-common = Es ähnelt einem Passwort, das viele benutzen.
hint-no-keyboard-rows = Tastenreihen werden zuerst probiert.
hint-no-repeats = Ein Stück zu wiederholen bringt fast nichts.
hint-no-sequences = Reihen wie abc oder 6543 bringen fast nichts.
hint-no-dates = Jahre und Tage sind leicht zu erraten.
hint-no-names = Namen sind leicht zu erraten.
hint-no-tricks = Großbuchstaben, umgedrehte Wörter und Zeichen statt Buchstaben bringen fast nichts.

# Der Weg in die Konsole
console-name = Konsole
console-login-title = Anmeldung für Betreiber
console-login-welcome = Der erste Eigentümer ist eingerichtet. Melden Sie sich an, um zu beginnen.
console-login-recipients = Haben Sie ein Passwort per E‑Mail bekommen?
console-login-recipients-link = Hier anmelden
setup-title = Ersten Eigentümer einrichten
setup-lead = Der Eigentümer darf hier alles und lässt andere hinein. Dieser Link gilt einmal.
setup-given-name = Vorname
setup-family-name = Nachname
setup-address = E‑Mail-Adresse
setup-username-hint = Leer lassen, um sich mit der Adresse anzumelden.
setup-button = Eigentümer anlegen
setup-gone-title = Dieser Link gilt nicht
setup-gone-text = Er wurde benutzt, ist älter als eine Stunde, oder es gibt schon einen Eigentümer. Einen neuen gibt der Befehl

# Wenn etwas schiefgeht
failure-id = Anfrage { $id }
failure-next-login = Zur Anmeldung
failure-next-console = Zur Konsole
failure-next-mailbox = Zum Postfach
failure-bad-request-title = Das war nicht lesbar
failure-bad-request-text = Die Anfrage war nicht so, wie diese Seite sie schickt. Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es noch einmal.
failure-forbidden-title = Nicht erlaubt
failure-forbidden-text = Entweder erlaubt Ihre Rolle das nicht, oder die Seite war zu lange offen. Laden Sie sie neu und versuchen Sie es noch einmal.
failure-not-found-title = Hier ist nichts
failure-not-found-text = Vielleicht ist die Adresse vertippt, oder die Seite gibt es nicht mehr.
failure-method-title = So nicht
failure-method-text = Diese Seite lässt sich so nicht benutzen. Beginnen Sie bei der Anmeldung.
failure-too-large-title = Zu groß
failure-too-large-text = Es wurde mehr geschickt, als diese Seite annimmt.
failure-misdirected-title = Eine andere Adresse
failure-misdirected-text = Unter der benutzten Adresse antwortet dieser Server nicht. Seine eigene ist diese:
failure-too-many-title = Etwas zu schnell
failure-too-many-text = Es gab zu viele Versuche. Warten Sie einen Augenblick und versuchen Sie es noch einmal.
failure-internal-title = Unser Fehler
failure-internal-text = Bei uns ist etwas schiefgegangen. Versuchen Sie es noch einmal und nennen Sie die Nummer unten, wenn es so bleibt.
failure-unavailable-title = Viel los
failure-unavailable-text = Gerade sind viele Leute hier. Warten Sie einige Sekunden und versuchen Sie es noch einmal.
