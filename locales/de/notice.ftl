# Wörter der Mails an Operatoren.

notice-tone-trouble = Bitte handeln
notice-tone-warning = Bitte ansehen
notice-tone-good = Erledigt
notice-tone-info = Erinnerung

# Für jede Art: der Betreff, die Überschrift, was geschah und was zu tun ist.
notice-automation_ends-subject = „{ $name }“ endet am { $day }
notice-automation_ends-title = Eine Automation endet bald
notice-automation_ends-lead = Die Automation { $number }, „{ $name }“, geht zu Ende. Danach schreibt sie niemandem mehr.
notice-automation_ends-todo = Soll sie weitergehen, speichern Sie ihren Zeitplan mit einem späteren Ende. So sehen Sie, wie sie steht:
notice-automation_ended-subject = „{ $name }“ ist zu Ende
notice-automation_ended-title = Eine Automation ist zu Ende
notice-automation_ended-lead = Die Automation { $number }, „{ $name }“, ist zu Ende. Sie schreibt niemandem mehr. Diese Erinnerung hätte Sie 30 Tage vorher erreichen sollen; es lief kein Server, oder kein Relay nahm sie an.
notice-run_failed-subject = Der Lauf von „{ $name }“ konnte nicht beginnen
notice-run_failed-title = Ein Lauf konnte nicht beginnen
notice-run_failed-lead = Der geplante Lauf der Automation { $number }, „{ $name }“, konnte nicht beginnen. Niemandem wurde geschrieben, und jedes Passwort bleibt, wie es war.
notice-run_missed-subject = Der Lauf von „{ $name }“ wurde versäumt
notice-run_missed-title = Ein Lauf wurde versäumt
notice-run_missed-lead = Es lief kein Server, als die Automation { $number }, „{ $name }“, an der Reihe war, und nun ist es zu spät, das nachzuholen. Niemandem wurde dafür geschrieben.
notice-run_missed-lead-later = Es lief kein Server, als die Automation { $number }, „{ $name }“, an der Reihe war. Ein späterer Lauf war ebenfalls fällig und tritt an die Stelle der versäumten.
notice-run_missed-todo = Sind die Mails noch gewünscht, starten Sie sie einmal von Hand. Dies zählt zuerst, wer eine bekäme:
notice-run_skipped-subject = Der Lauf von „{ $name }“ wurde übersprungen
notice-run_skipped-title = Ein Lauf wurde übersprungen
notice-run_skipped-lead = Die Automation { $number }, „{ $name }“, war an der Reihe, aber ihr Lauf davor ist nicht zu Ende. Es gibt nie zwei zugleich.
notice-run_skipped-todo = Sehen Sie nach, worauf der Lauf davor wartet; setzen Sie ihn fort oder brechen Sie ihn ab.
notice-run_paused-subject = Lauf { $number } von „{ $name }“ hat angehalten
notice-run_paused-title = Lauf { $number } hat von selbst angehalten
notice-run_paused-lead = Der Lauf { $number } von „{ $name }“ schreibt nicht weiter und wartet auf Sie. Niemand ist vergessen: Er geht mit genau denen weiter, die übrig sind.
notice-run_finished-subject = Lauf { $number } von „{ $name }“ ist zu Ende
notice-run_finished-subject-failed = Lauf { $number } von „{ $name }“ ist zu Ende; einige Mails sind gescheitert
notice-run_finished-title = Lauf { $number } ist zu Ende
notice-run_finished-lead = Der geplante Lauf { $number } von „{ $name }“ ist vorbei. Das kam dabei heraus.
notice-run_finished-todo = Wer abgelehnt wurde oder wessen Antwort verloren ging, kann noch einmal versucht werden:
notice-mailing_failed-subject = Das Mailing „{ $name }“ konnte nicht beginnen
notice-mailing_failed-title = Ein Mailing konnte nicht beginnen
notice-mailing_failed-lead = Das Mailing { $number }, „{ $name }“, sollte beginnen und konnte es nicht. Niemand wurde angeschrieben, und jedes Passwort bleibt, wie es war.
notice-mailing_failed-todo = Sehen Sie nach, was ihm fehlt, beheben Sie es und speichern Sie die Startzeit noch einmal:

notice-sending_stopped-subject = Jeder Versand ist angehalten
notice-sending_stopped-title = Jeder Versand ist angehalten
notice-sending_stopped-lead = Jemand hat den Notschalter benutzt. Kein Lauf verschickt Passwörter, bis der Versand wieder freigegeben wird; Mitteilungen wie diese gehen weiter hinaus.
notice-sending_stopped-todo = Ist der Grund behoben, geben Sie ihn wieder frei; begonnene Läufe gehen von selbst weiter:

# Was zu tun ist, je nach Grund.
notice-failed-selection = Bringen Sie die Auswahl in Ordnung oder veröffentlichen Sie sie; starten Sie die Automation dann einmal von Hand oder warten Sie auf ihren nächsten Termin.
notice-failed-rights = Jemand mit den nötigen Rechten speichert die Automation und ihre Auswahl noch einmal, dann läuft sie.
notice-failed-limit = Sehen Sie nach, wem geschrieben würde. Machen Sie die Auswahl enger, oder heben Sie die oben genannte Grenze an.
notice-failed-approval = Bitten Sie eine zweite Person, die nicht daran beteiligt war, um die Freigabe; starten Sie die Automation dann einmal von Hand oder warten Sie auf ihren nächsten Termin.
notice-failed-stopped = Geben Sie den Versand wieder frei, wenn der Grund behoben ist; der nächste geplante Lauf findet dann statt.
notice-failed-other = So sehen Sie, wie die Automation steht:
notice-paused-refusals = Sehen Sie die abgelehnten Adressen an. Sind sie einfach falsch, setzen Sie den Lauf fort; sperrt das Relay Sie aus, sprechen Sie zuerst mit dessen Betreiber.
notice-paused-relay = Sehen Sie nach, ob das Relay erreichbar ist und unsere Anmeldung dort stimmt (passpost doctor); setzen Sie den Lauf dann fort.
notice-paused-rights = Jemand mit den nötigen Rechten speichert die Automation und ihre Auswahl noch einmal. Dieser Lauf kann nur abgebrochen werden, oder fortgesetzt, wenn die Rolle wieder da ist.
notice-paused-approval = Bitten Sie jemanden mit dem nötigen Recht um die Freigabe der Automation. Dieser Lauf kann nur abgebrochen werden, oder fortgesetzt, wenn die Rolle der freigebenden Person wieder da ist.
notice-paused-mail = Bringen Sie die Vorlage der Mail in Ordnung; setzen Sie den Lauf dann fort.

# Neben den Zahlen und Zeiten.
notice-fact-accepted = Vom Relay angenommen
notice-fact-refused = Abgelehnt
notice-fact-unknown = Antwort verloren
notice-fact-left_out = Ausgelassen
notice-fact-cancelled = Abgebrochen
notice-fact-deferred = Wird noch einmal versucht
notice-fact-waiting = Noch an der Reihe
notice-fact-planned = Geplant für
notice-fact-missed = Versäumte Läufe
notice-fact-ends = Endet
notice-fact-last = Letzter Lauf
notice-fact-no-last = kein Lauf ist übrig
notice-fact-since = Seit

notice-cause = Der Grund, in den Worten des Programms
notice-cause-operator = Warum, in den Worten dessen, der es tat
notice-todo = Was zu tun ist
notice-open-run = Lauf öffnen
notice-open-console = Konsole öffnen
notice-link = Oder öffnen Sie diese Adresse im Browser:
notice-because-owner = Sie bekommen diese Mail, weil die Automation Ihnen gehört.
notice-because-starter = Sie bekommen diese Mail, weil Sie den Lauf gestartet haben.
notice-because-reminded = Sie bekommen diese Mail, weil Sie erinnert werden sollen.
notice-because-house = Sie bekommen diese Mail als Owner dieser Installation.
notice-sent-to = Sie ging automatisch an { $address }.

# Warum jemand ausgelassen wurde.
notice-reason-higher_rank = steht im Rang über dem Eigentümer
notice-reason-api_user = Programm, keine Person
notice-reason-hybrid_user = Hybrid-Benutzer, nicht genannt
notice-reason-acting_operator = der Operator hinter dem Lauf
notice-reason-last_administrator = der letzte Owner
notice-reason-no_address = keine Mailadresse
notice-reason-undeliverable = Mail kommt nicht an
notice-reason-blocked = gesperrt
notice-reason-expired = Konto abgelaufen
notice-reason-recently_mailed = bekam erst kürzlich ein Passwort
notice-reason-already_done = hat schon ein Passwort gesetzt
notice-reason-duplicate = schon unter den Empfängern
notice-reason-gone = nicht mehr in der Datenbank
notice-reason-system_user = hat eine Systemrolle; der Auftrag ist für Kontakte
notice-reason-contact = hat keine Systemrolle; der Auftrag ist für Systembenutzer

# Warum jemand abgelehnt wurde, wo nicht das Relay es sagte.
notice-refused-not_composed = Die Mail konnte nicht verfasst werden.
notice-refused-relay_unavailable = Das Relay war nicht erreichbar.

# Ein Tag, in einem Betreff.
notice-day = { $day }. { $month } { $year }
