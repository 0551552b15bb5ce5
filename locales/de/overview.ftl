# Die Übersicht, und der Notschalter
overview-next-title = Als Nächstes
overview-next-empty = Nichts ist geplant.
overview-next-empty-text = Eine Automation schickt einer Selektion zu festen Zeiten neue Passwörter. Legen Sie eine an und aktivieren Sie sie.
overview-open-title = Läuft gerade
overview-open-empty = Gerade läuft nichts.
overview-none-over = Noch kein Lauf ist zu Ende.
overview-runs-title = Letzte Läufe
overview-runs-all = Alle Läufe
overview-stopped = Aller Versand ist angehalten.
overview-stopped-by = { $who }, { $time }
overview-somebody = Jemand an der Befehlszeile

# Was jemanden braucht
attention-paused = Lauf { $number } von „{ $name }“ ist pausiert.
attention-automation = „{ $name }“ konnte nicht laufen.
attention-mailing = Das Mailing „{ $name }“ konnte nicht beginnen.
attention-approval = „{ $name }“ wartet auf die Freigabe durch eine zweite Person.
attention-not-run = „{ $name }“ hat in einer Woche { $n } geplante Zeiten verpasst oder übersprungen.
attention-relay = Das Relay { $name } nimmt keine Mail an.
attention-no-worker = Kein Prozess versendet: Läufe warten, bis ein Worker gestartet wird.
attention-no-scheduler = Kein Prozess sieht nach den Zeitplänen: Geplante Läufe beginnen nicht.
attention-unheard = { $n } Benachrichtigungen haben niemanden erreicht.
attention-account-mails = Mails zu Konten seit { $since }: { $given_up } aufgegeben, { $bounced } zurückgekommen, { $waiting } warten lange.
attention-account-mails-open = Die Mails ansehen
attention-one-owner = Es gibt keinen zweiten Owner: Verliert der einzige sein Passwort oder geht er, kann niemand andere hereinlassen.
attention-open = Automation öffnen
attention-open-run = Lauf öffnen
attention-approve = Ansehen
attention-settings = Einstellungen öffnen
attention-users = Anlegen

# Erste Schritte
first-title = Erste Schritte
first-done = (erledigt)
first-people = Personen importieren
first-people-hint = Eine CSV-Datei mit Namen und Adressen genügt; Sie sehen vorher, was geschehen würde.
first-selection = Eine Selektion bauen
first-selection-hint = Wer soll neue Passwörter bekommen? Eine Selektion ist eine gespeicherte Frage, die jeder Lauf neu stellt.
first-automation = Eine Automation anlegen
first-automation-hint = Sie verbindet eine Selektion mit einem Zeitplan. Nichts wird gemailt, bevor Sie sie aktivieren.
first-run = Dem ersten Lauf zusehen
first-run-hint = Vorschau ansehen, die Automation aktivieren oder einmal laufen lassen, und hier zusehen.

# Zustellungen
chart-title = Zustellungen in 30 Tagen
chart-summary = Balken der letzten 30 Tage: { $accepted } angenommen, { $failed } fehlgeschlagen.
chart-day = { $day }: { $accepted } angenommen, { $failed } fehlgeschlagen
chart-day-label = Tag
chart-as-table = Als Tabelle

# Der Notschalter
sending-title = Versand
sending-stop-link = Allen Versand anhalten
sending-start-link = Versand wieder starten
sending-stop-title = Allen Versand anhalten?
sending-stop-lead = Für Notfälle: Nichts, was ein Passwort trägt, geht mehr hinaus, aus keinem Lauf und von keinem Server, bis jemand wieder startet.
sending-stop-what-1 = Offene Läufe warten und verlieren niemanden: { $n }.
sending-stop-what-2 = Geplante Läufe beginnen solange nicht; ihre Besitzer erfahren es.
sending-stop-what-3 = Die Owner der Installation und die Besitzer offener Läufe werden benachrichtigt.
sending-why = Warum
sending-why-hint = Sehen alle, auch in den Benachrichtigungen.
sending-why-missing = Schreiben Sie warum, damit andere wissen, wann wieder gestartet werden darf.
sending-stop-button = Allen Versand anhalten
sending-start-title = Versand wieder starten?
sending-since = Angehalten
sending-start-what-1 = Offene Läufe gehen von selbst weiter: { $n }.
sending-start-what-2 = Pausierte Läufe bleiben pausiert.
sending-start-button = Versand starten
toast-sending-stopped = Aller Versand ist angehalten.
toast-sending-started = Der Versand geht weiter.
attention-deletions = Personen bitten um Löschung: { $n }
attention-deletions-open = Die Bitten ansehen
