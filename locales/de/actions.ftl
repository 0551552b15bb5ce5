# Was geschah, in den Worten des Protokolls.

action-person-created = Angelegt
action-person-changed = Geändert
action-person-blocked = Gesperrt
action-person-unblocked = Wieder zugelassen
action-person-erased = Gelöscht
action-person-undeliverable = Mail an die Adresse kommt nicht an
action-person-deliverable = Die Adresse wird wieder versucht
action-person-sessions-ended = Von einem Operator überall abgemeldet
action-person-credentials-revoked = Zugeschickte Passwörter zurückgezogen
action-person-limits-cleared = Grenzen aufgehoben
action-person-password-sent = Ein neues Passwort wurde angefordert
action-person-role-granted = Systemrolle erhalten
action-person-role-revoked = Systemrolle verloren
action-person-expiry-set = Ende des Kontos gesetzt
action-person-user-type-set = Benutzerart gesetzt

action-people-imported = Personen importiert
action-people-exported = Personen exportiert

action-attribute-created = Attribut angelegt
action-attribute-changed = Attribut geändert
action-attribute-removed = Attribut entfernt

action-automation-created = Automation angelegt
action-automation-job-saved = Automation: Aufgabe gespeichert
action-automation-schedule-saved = Automation: Zeitplan gespeichert
action-automation-event-saved = Automation: Ereignis gespeichert
action-automation-frame-saved = Automation: Zeitrahmen gespeichert
action-automation-activated = Automation aktiviert
action-automation-deactivated = Automation deaktiviert
action-automation-approved = Automation genehmigt
action-automation-unapproved = Genehmigung zurückgezogen
action-automation-archived = Automation archiviert
action-automation-removed = Automation entfernt
action-mailing-created = Mailing angelegt
action-mailing-saved = Mailing gespeichert
action-mailing-people-added = Mailing: Personen hinzugefügt
action-mailing-people-removed = Mailing: Personen herausgenommen
action-mailing-group-added = Mailing: Gruppe hinzugefügt
action-mailing-group-removed = Mailing: Gruppe herausgenommen
action-mailing-armed = Mailing scharf gestellt
action-mailing-disarmed = Mailing: Start zurückgenommen
action-mailing-cancelled = Mailing abgebrochen
action-mailing-approved = Mailing genehmigt
action-mailing-failed = Mailing konnte nicht beginnen
action-mailing-archived = Mailing archiviert
action-mailing-restored = Mailing zurückgeholt
action-mailing-removed = Mailing entfernt
action-mailing-exported = Personen eines Mailings exportiert
action-mailing-tested = Mailing ausprobiert
action-mailing-forgotten = Mailing: seine Personen vergessen

action-bounce-recorded = Mail kam zurück
action-bounce-ignored = Zurückgekommene Mail ignoriert

action-group-created = Gruppe angelegt
action-group-changed = Gruppe geändert
action-group-removed = Gruppe entfernt
action-group-members-added = Personen in eine Gruppe aufgenommen
action-group-members-removed = Personen aus einer Gruppe genommen

action-holiday-saved = Feiertag gespeichert
action-holiday-removed = Feiertag entfernt

action-login-succeeded = Angemeldet
action-login-refused = Anmeldung abgelehnt
action-login-verified = Passwort für eine Anwendung geprüft

action-password-changed = Passwort gewählt
action-password-refused = Passwort nach den Regeln abgelehnt
action-password-mailed-used = Zugeschicktes Passwort benutzt
action-password-reset = Passwort über einen Link gesetzt
action-password-notice-sent = Per Mail über das geänderte Passwort benachrichtigt
action-password-notice-failed = Mail über das geänderte Passwort konnte nicht verschickt werden

action-reset-asked = Ein Link wurde angefordert
action-reset-left-out = Link angefordert, aber keiner darf verschickt werden
action-reset-link-sent = Link zum Wählen eines Passworts verschickt
action-reset-link-failed = Link zum Wählen eines Passworts konnte nicht verschickt werden
action-reset-not-me = Sagt, dass der Link nicht angefordert war
action-reset-unknown-link = Ein Link wurde versucht, den es nie gab

action-role-created = Rolle angelegt
action-role-changed = Rolle geändert
action-role-removed = Rolle entfernt

action-run-started = Lauf begonnen
action-run-paused = Lauf angehalten
action-run-resumed = Lauf fortgesetzt
action-run-cancelled = Lauf abgebrochen
action-run-retried = Fehlgeschlagene noch einmal versucht
action-run-recorded = Antworten des Relays festgehalten
action-run-recounted = Lauf neu gezählt

action-selection-created = Selektion angelegt
action-selection-saved = Selektion gespeichert
action-selection-published = Selektion veröffentlicht
action-selection-archived = Selektion archiviert
action-selection-restored = Selektion wiederhergestellt
action-selection-removed = Selektion entfernt

action-sending-stopped = Alles Senden angehalten
action-sending-started = Senden wieder aufgenommen

action-session-ended = Abgemeldet
action-session-others-ended = Überall sonst abgemeldet
action-session-proved = Identität bestätigt

action-template-saved = Vorlage gespeichert
action-template-reset = Vorlage auf eingebaute Worte zurückgesetzt
action-template-tested = Testmail gesendet

actor-operator = ein Operator
actor-program = ein Programm
actor-recipient = die Person selbst
actor-system = Passpost
actor-command-line = die Befehlszeile
action-run-exported = Empfänger eines Laufs exportiert
action-bootstrap-offered = Link für den ersten Owner erzeugt
action-bootstrap-used = Wurde erster Owner
action-key-created = API-Schlüssel angelegt
action-key-revoked = API-Schlüssel widerrufen
action-request-refused = Anfrage abgelehnt

action-limit-mailbox-cleared = Grenzen eines Postfachs aufgehoben
action-limit-network-cleared = Grenzen eines Netzes aufgehoben
action-reset-absorbed = Bat um einen Link; es ging keiner ab
action-reset-bounced = Mail mit einem Link kam zurück
action-password-notice-bounced = Nachricht über ein geändertes Passwort kam zurück
action-group-offered = Gesetzt, was Empfänger von der Gruppe sehen
action-person-data-taken = Eigene Daten heruntergeladen
action-subscription-asked = Abonnement angefordert
action-subscription-started = Abonniert
action-subscription-ended = Abbestellt
action-subscription-all-ended = Alles abbestellt
action-subscription-all-allowed = Nimmt wieder Rundmails an
action-subscription-link-sent = Link zum Bestätigen von Abonnements geschickt
action-subscription-link-failed = Link zum Bestätigen von Abonnements konnte nicht geschickt werden
action-address-asked = Andere Adresse angefordert
action-address-withdrawn = Behält die alte Adresse
action-address-confirmed = Adresse durch einen Link bestätigt
action-address-objected = Das alte Postfach widersprach der Änderung der Adresse
action-address-link-sent = Link an die neue Adresse geschickt
action-address-link-failed = Link an die neue Adresse konnte nicht geschickt werden
action-address-notice-sent = Alte Adresse über die Änderung unterrichtet
action-address-notice-failed = Alte Adresse konnte nicht unterrichtet werden
action-address-unknown-link = Ein Link zum Bestätigen wurde versucht, der nie einer war
action-deletion-asked = Um Löschung gebeten
action-deletion-withdrawn = Bitte um Löschung zurückgenommen
action-deletion-declined = Löschung abgelehnt
action-deletion-notice-sent = Per Mail über die Bitte um Löschung unterrichtet
action-deletion-notice-failed = Mail über die Bitte um Löschung konnte nicht geschickt werden
action-address-link-bounced = Mail mit dem Link zum Bestätigen einer Adresse kam zurück
action-address-notice-bounced = Nachricht über eine Änderung der Adresse kam zurück
action-subscription-link-bounced = Mail mit dem Link zum Bestätigen von Abonnements kam zurück
action-deletion-notice-bounced = Nachricht über eine Bitte um Löschung kam zurück
