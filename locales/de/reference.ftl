# Die Referenz der API. Die Operationen selbst sind auf Englisch beschrieben.

reference-title = API-Referenz
reference-contents = Inhalt
reference-key = Ihr API-Schlüssel
reference-key-hint = Er bleibt im Speicher dieser Seite und ist weg, wenn Sie sie schließen oder neu laden.
reference-parameters = Parameter
reference-required = erforderlich
reference-body = Inhalt der Anfrage
reference-answer = Antwort
reference-example = Beispiel
reference-try = Ausprobieren
reference-send = Senden
reference-changes = Das wird wirklich ausgeführt.
reference-failed = Die Anfrage hat den Server nicht erreicht.
