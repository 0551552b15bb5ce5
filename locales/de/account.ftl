# Der zweite Schritt der Anmeldung
code-step = Zweiter Schritt
code-title = Code eingeben
code-lead = Öffnen Sie Ihre Authenticator-App und geben Sie die sechs Ziffern ein, die sie für { $organisation } zeigt.
code-label = Code
code-form = Sechs Ziffern
code-refused = Das hat nicht geklappt. Ein Code gilt etwa eine Minute und nur einmal; nach mehreren falschen hilft kurzes Warten.
code-other = Kein Telefon zur Hand? Wiederherstellungscode verwenden
code-who = Anmeldung als { $username }.
code-somebody-else = Als jemand anderes anmelden
recovery-title = Wiederherstellungscode verwenden
recovery-lead = Geben Sie einen der Codes ein, die Sie beim Einrichten aufbewahrt haben. Jeder gilt einmal.
recovery-label = Wiederherstellungscode
recovery-other = Doch den Code der App verwenden

# Einen zweiten Faktor einrichten
enrol-title = Zweiten Faktor einrichten
enrol-lead = Danach braucht die Anmeldung Ihr Passwort und einen Code von Ihrem Telefon. Ein gestohlenes Passwort allein öffnet nichts.
enrol-lead-required = Mit der Rolle { $role } meldet man sich mit Passwort und Code an. Das Einrichten dauert einmal zwei Minuten.
enrol-lead-replaces = Das neue Gerät tritt an die Stelle des bisherigen, und es gibt neue Wiederherstellungscodes.
enrol-app-title = Eine Authenticator-App bereithalten
enrol-app = Jede App für zeitabhängige Codes geht, auf dem Telefon oder im Passwortmanager: Aegis, 2FAS, Google Authenticator, Microsoft Authenticator, 1Password, Bitwarden und andere.
enrol-scan-title = Mit der App scannen
enrol-qr = QR-Code mit dem Schlüssel für Ihre Authenticator-App
enrol-type = Oder diesen Schlüssel in die App eintippen:
enrol-here = Die App ist auf diesem Gerät: öffnen
enrol-confirm-title = Die sechs Ziffern eingeben, die die App jetzt zeigt
enrol-button = Einschalten
enrol-wrong-code = Dieser Code passt nicht zum Schlüssel oben. Geben Sie den ein, den die App jetzt zeigt, und prüfen Sie, ob die Uhr Ihres Geräts stimmt.
enrol-stale = Diese Seite war zu lange offen, deshalb gibt es einen neuen Schlüssel. Scannen Sie ihn noch einmal und entfernen Sie den früheren Eintrag aus der App.

# Wiederherstellungscodes
codes-title = Bewahren Sie diese Wiederherstellungscodes auf
codes-lead = Ohne Ihr Telefon öffnet jeder von ihnen den zweiten Schritt einmal. Bewahren Sie sie getrennt vom Passwort auf: gedruckt oder in einem Tresor.
codes-once = Sie werden nur jetzt gezeigt. Frühere Codes gelten nicht mehr.
codes-save = Als Datei speichern
codes-next = Ich habe sie aufbewahrt

# Sich noch einmal ausweisen
prove-title = Sind Sie es noch?
prove-lead = Dafür brauchen wir Ihr Passwort noch einmal. Das gilt dann zehn Minuten.
prove-kept = Noch wurde nichts geändert. Was Sie gesendet haben, ist hier aufgehoben und geschieht, sobald Sie fortfahren.
prove-refused = Das hat nicht geklappt, oder es gab zu viele falsche Versuche. Prüfen Sie die Eingabe; nach mehreren Versuchen hilft kurzes Warten.
prove-code-hint = Aus Ihrer Authenticator-App, oder ein Wiederherstellungscode.
prove-button = Weiter
prove-back = Zurück zur Konsole
prove-drop = Zurück, ohne die Änderung

# Das eigene Konto
own-title = Ihr Konto
own-back = Zurück zu Ihrem Konto
own-profile-title = Wer Sie sind
own-role = Rolle
own-language = Sprache
own-language-browser = Wie der Browser es wünscht
own-zone = Zeitzone
own-zone-hint = Zum Beispiel Europe/Berlin. Leer: die der Installation.
own-safety-title = Anmeldung
own-password-text = Hier bleiben Sie angemeldet, überall sonst werden Sie abgemeldet.
own-factor-title = Zweiter Faktor
own-factor-on = an
own-factor-off = aus
own-factor-since = Eingerichtet { $time }.
own-factor-required = Die Rolle { $role } verlangt ihn.
own-factor-replace = Auf ein anderes Gerät umziehen
own-factor-remove = Ausschalten
own-codes-title = Wiederherstellungscodes
own-codes-left =
    { $left ->
        [0] Keiner mehr übrig: Ohne Ihr Telefon öffnet sich nichts mehr.
        [one] { $left } übrig.
       *[other] { $left } übrig.
    }
own-codes-renew = Neue Codes erzeugen
own-came-by-recovery =
    { $left ->
        [0] Sie haben sich mit Ihrem letzten Wiederherstellungscode angemeldet. Erzeugen Sie jetzt neue, und richten Sie den zweiten Faktor neu ein, wenn das Telefon verloren ist.
        [one] Sie haben sich mit einem Wiederherstellungscode angemeldet; { $left } ist übrig. Richten Sie den zweiten Faktor neu ein, wenn das Telefon verloren ist.
       *[other] Sie haben sich mit einem Wiederherstellungscode angemeldet; { $left } sind übrig. Richten Sie den zweiten Faktor neu ein, wenn das Telefon verloren ist.
    }
own-proof-hint = Änderungen hier verlangen Ihr Passwort noch einmal, wenn das letzte Mal mehr als zehn Minuten her ist.
own-end-all = Überall abmelden
own-session-browser = Browser
own-session-network = Netz
own-session-since = Angemeldet
own-session-seen = Zuletzt genutzt
own-session-end = Abmelden
own-session-between = noch nicht angemeldet
toast-profile-saved = Gespeichert.
toast-password-changed = Ihr Passwort ist geändert. Überall sonst sind Sie abgemeldet.
toast-session-ended = Dieser Browser ist abgemeldet.
toast-sessions-ended = Überall sonst sind Sie abgemeldet.
toast-second-factor-removed = Der zweite Faktor ist ausgeschaltet.

# Im Protokoll
action-login-password-accepted = Passwort richtig, zweiter Schritt verlangt
action-login-code-refused = Code abgelehnt
action-session-proof-refused = Identität nicht bestätigt
action-second-factor-enrolled = Zweiter Faktor eingerichtet
action-second-factor-codes-renewed = Neue Wiederherstellungscodes erzeugt
action-second-factor-removed = Zweiter Faktor ausgeschaltet
action-second-factor-reset = Zweiter Faktor zurückgesetzt
action-role-second-factor-required = Rolle: zweiter Faktor verlangt oder freigestellt
