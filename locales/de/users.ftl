# Systembenutzer, Rollen und Berechtigungen.

users-lead = Wer sich an dieser Konsole anmeldet, und die Programme, die die API nutzen. Kontakte, die nur Passwörter bekommen, stehen nicht hier.
user-name = Name
user-state = Zustand
user-state-active = aktiv
user-state-blocked = gesperrt
user-state-expired = abgelaufen
user-role = Rolle
user-role-hint = Was sie erlaubt, steht unter Rollen. Sie können Rollen bis zu Ihrem eigenen Rang vergeben.
user-choose-role = Rolle wählen
user-role-needed = Wählen Sie eine Rolle.
user-type = Art
user-type-hint = Programme melden sich mit API-Schlüsseln an, die kein Passwortlauf berührt.
user-type-ui = Person
user-type-api = Programm
user-type-hybrid = Person und Programm
user-type-needed = Wählen Sie Person, Programm oder beides.
user-signed-in = Zuletzt angemeldet
user-ends = Konto endet
user-no-end = kein Ende
user-new = Neuer Systembenutzer
user-new-title = Neuer Systembenutzer
user-create = Anlegen
user-change = Ändern
user-change-hint = Eine Änderung beendet die Sitzungen dieses Benutzers.
user-address-hint = Dorthin gehen Passwörter. Ein Programm braucht keine.
user-name-needed = Ein Benutzername oder eine Adresse ist nötig.
user-last-day = Letzter Tag
user-last-day-hint = Nach diesem Tag öffnet das Konto nichts mehr. Leer: kein Ende.
user-day-wrong = Erwartet wird ein Tag wie 2027-06-30.
user-there = Diesen Benutzernamen hat schon jemand: { $who }.
user-there-take = Dieser Person die Rolle geben
user-there-hint = Das geht nur bei einem Kontakt. Name und Adresse bleiben, wie sie sind.
user-access-title = Zugang
user-no-password = Noch kein Passwort.
user-no-password-text = Niemand wählt ein Passwort für andere: Es wird erzeugt und verschickt und gilt einmal.
user-mail-password = Passwort schicken
user-no-address = Es gibt keine Adresse dafür: Tragen Sie auf der Seite der Person eine ein.
user-is-you = Das sind Sie. Ihr Passwort und zweiter Faktor stehen unter
user-sessions =
    { $count ->
        [0] nirgends angemeldet
        [one] an einer Stelle angemeldet
       *[other] an { $count } Stellen angemeldet
    }
user-end-sessions = Überall abmelden
user-factor-none = Das Passwort allein öffnet die Konsole.
user-factor-reset = Zurücksetzen
user-block-title = Sperren
user-block-text = Gesperrte können sich nicht anmelden und bekommen kein Passwort; ihre Automationen laufen nicht.
user-block = Sperren
user-unblock = Entsperren
user-remove-title = Rolle entziehen
user-remove-text = Die Person bleibt, als Kontakt.
user-remove = Zum Kontakt machen

roles-lead = Eine Rolle sagt, was man darf. Der Rang sagt, bei wem: Gegenüber anderen Systembenutzern braucht es einen echt höheren.
role-name = Name
role-new = Neue Rolle
role-new-title = Neue Rolle
role-create = Anlegen
role-change = Ändern
role-built-in = eingebaut
role-rank = Rang
role-rank-short = Rang { $rank }
role-rank-hint = Höchstens Ihr eigener.
role-rank-0 = 0, der niedrigste
role-rank-1 = 1
role-rank-2 = 2
role-rank-3 = 3, der höchste
role-rank-wrong = Erwartet wird ein Rang von 0 bis 3.
role-allows-title = Erlaubt
role-allows-all = alles
role-allows =
    { $count ->
        [0] nichts
        [one] eine Sache
       *[other] { $count } Sachen
    }
role-facts-title = Reichweite und Anmeldung
role-holders = Personen
role-holders-count =
    { $count ->
        [0] niemand
        [one] eine Person
       *[other] { $count } Personen
    }
role-factor-required = verlangt
role-factor-optional = freiwillig
role-factor-text = Wenn er verlangt wird, meldet man sich mit dieser Rolle mit Passwort und Code an. Sitzungen ohne enden sofort; eingerichtet wird er bei der nächsten Anmeldung.
role-factor-tick = Einen zweiten Faktor verlangen
role-factor-switch-on = Verlangen
role-factor-switch-off = Freistellen
role-permissions-title = Was sie erlaubt
role-not-yours = Ihnen nicht erlaubt, also nicht zu vergeben
role-remove-title = Entfernen
role-remove-text = Nur eine Rolle, die niemand hat, lässt sich entfernen.
role-remove = Entfernen

permissions-people = Personen
permission-people-view = Personen sehen, und was mit ihnen geschah
permission-people-edit = Personen anlegen, ändern, sperren und löschen
permission-people-import = Personen aus einer Datei einlesen
permission-people-export = Personen in eine Datei ausgeben
permissions-credentials = Zugangsdaten
permission-credentials-mail = Anderen ein neues Passwort oder einen Link schicken
permissions-automations = Automationen
permission-automations-view = Automationen sehen
permission-automations-edit = Automationen anlegen und ändern
permission-automations-activate = Automationen aktivieren und deaktivieren
permission-automations-run = Eine Automation jetzt einmal ausführen
permissions-runs = Läufe
permission-runs-view = Läufe und ihre Berichte sehen
permission-runs-control = Läufe anhalten, fortsetzen, abbrechen und wiederholen
permissions-selections = Auswahlen
permission-selections-view = Auswahlen sehen
permission-selections-edit = Auswahlen anlegen, ändern und veröffentlichen
permissions-mailings = Mailings
permission-mailings-view = Mailings sehen
permission-mailings-draft = Mailings entwerfen
permission-mailings-offer-link = Mailings senden, die einen Link anbieten
permission-mailings-force-password = Mailings senden, die ein neues Passwort erzwingen
permission-mailings-approve = Mailings und große Läufe freigeben
permissions-templates = Vorlagen
permission-templates-view = Die Texte der E‑Mails sehen
permission-templates-edit = Die Texte der E‑Mails ändern
permissions-events = Ereignisse
permission-events-view = Ereignisse sehen
permission-events-send = Ereignisse senden
permissions-keys = API-Schlüssel
permission-keys-edit = API-Schlüssel erstellen und widerrufen
permissions-settings = Einstellungen
permission-settings-edit = Einstellungen ändern und allen Versand auf einmal anhalten
permissions-audit = Protokoll
permission-audit-view = Lesen, wer was getan hat
permissions-roles = Systembenutzer und Rollen
permission-roles-edit = Systembenutzer anlegen, Rollen ändern

refusal-rank = Dafür braucht es einen echt höheren Rang, als die Person hat.
refusal-role-rank = Eine Rolle lässt sich nur bis zum eigenen Rang vergeben oder anlegen, und nur darunter ändern.
refusal-last-owner = Das ist der letzte Owner: Machen Sie erst jemand anderen zum Owner.
refusal-owns-automations = Der Person gehören Automationen ({ $numbers }): Sperren Sie sie stattdessen, oder entfernen Sie erst die Automationen.
refusal-owns-mailings = Der Person gehören Mailings ({ $numbers }): Sperren Sie sie stattdessen, oder entfernen Sie erst die Mailings.
refusal-in-use = Das wird noch benutzt von { $by }: Ändern Sie das zuerst.

toast-user-created = Der Systembenutzer ist angelegt.
toast-user-changed = Gespeichert.
toast-user-blocked = Gesperrt. Alle Sitzungen sind beendet.
toast-user-unblocked = Wieder zugelassen.
toast-user-sessions-ended = Überall abgemeldet.
toast-user-second-factor-reset = Der zweite Faktor ist weg, alle Sitzungen sind beendet.
toast-user-removed = Die Rolle ist entzogen; die Person ist jetzt ein Kontakt.
toast-role-saved = Die Rolle ist gespeichert.
toast-role-removed = Die Rolle ist entfernt.
toast-role-factor-on = Ab jetzt meldet sich diese Rolle mit einem zweiten Faktor an.
toast-role-factor-off = Der zweite Faktor ist für diese Rolle nun freiwillig.
