# Ereignisse: das Protokoll, die Arten, das Ausprobieren; und Automationen, die mit einem Ereignis beginnen.
place-events = Ereignisse
events-log = Protokoll
events-types = Alle Arten
events-try = Ausprobieren
person-events = Ereignisse dieser Person

automation-way-time = Nach einem Zeitplan
automation-way-time-hint = Mailt allen in einer Selektion, zu den Zeiten, die Sie festlegen.
automation-way-event = Wenn etwas geschieht
automation-way-event-hint = Mailt jedes Mal einer Person: jemand Neues, ein neues Mitglied, eine Nachricht eines anderen Systems.
automations-empty-ways = Eine Automation schreibt Personen von selbst. Es gibt zwei Wege:
automation-new-event = Neue Automation zu einem Ereignis
automations-begins = Nächster Lauf oder Ereignis
automations-kind-event = Ereignis
automations-waiting = wartend: { $count }, der erste fällig { $due }
automation-listening = Aktiv, hört zu
overview-awaiting = { $name }: { $n } wartend
attention-overdue = „{ $name }“ hat Aufträge, die längst erledigt sein sollten. Wartend: { $n }, der erste seit { $due }.

events-of-people = Personen
events-of-groups = Gruppen
events-of-signing-in = Anmeldung
events-of-runs = Mail und Läufe
events-of-others = Von anderen Systemen
event-person-created = Person angelegt
event-person-created-about = jemand ist neu: durch Konsole, API oder Import
event-person-changed = Person geändert
event-person-changed-about = ein beliebiges Attribut, oder die von Ihnen gewählten
event-password-expiring = Passwort läuft ab
event-password-expiring-about = ein Passwort gilt bald nicht mehr
event-password-changed = Passwort geändert
event-password-changed-about = jemand hat ein neues Passwort gewählt
event-group-member-added = Mitglied in Gruppe aufgenommen
event-group-member-added-about = jemand kam ohne Rückfrage in eine Gruppe
event-group-member-removed = Mitglied aus Gruppe entfernt
event-group-member-removed-about = jemand wurde aus einer Gruppe genommen
event-group-subscribed = Gruppe abonniert
event-group-subscribed-about = jemand hat abonniert und, wo nötig, bestätigt
event-group-unsubscribed = Gruppe abbestellt
event-group-unsubscribed-about = jemand hat abbestellt
event-preferences-logged-in = Im Präferenzzentrum angemeldet
event-preferences-logged-in-about = ein Kontakt hat sich angemeldet
event-system-logged-on = Am System angemeldet
event-system-logged-on-about = ein Systembenutzer nutzte Konsole oder API
event-login-failed-repeatedly = Anmeldung wiederholt fehlgeschlagen
event-login-failed-repeatedly-about = falsche Passwörter, bis das Konto gebremst wurde
event-link-requested = Link angefordert
event-link-requested-about = jemand bat auf der öffentlichen Seite um einen Link
event-mail-bounced = Mail kam zurück
event-mail-bounced-about = eine Mail an jemanden kam zurück
event-import-finished = Import beendet
event-import-finished-about = eine Datei mit Personen ist eingelesen
event-run-finished = Lauf beendet
event-run-finished-about = irgendein Lauf ist zu Ende
event-automation-finished = Automation beendet
event-automation-finished-about = eine Automation hat ihren Auftrag erledigt; für Ketten
event-custom = Eigenes Ereignis
event-custom-about = was ein anderes System über die API schickt
carries-person = einen Kontakt oder Systembenutzer
carries-contact = einen Kontakt
carries-system-user = einen Systembenutzer
carries-group = eine Gruppe
carries-run = einen Lauf
carries-automation = eine Automation
event-data-origin = woher die Person kam: console, api, command_line, import oder setup
event-data-attributes = die Namen der geänderten Attribute, eine Liste
event-data-group = der Name der Gruppe
event-data-by = wo es war: console oder api
event-data-failed-logins = wie viele Versuche hintereinander scheiterten
event-data-expires-at = wann das Passwort nicht mehr gilt
event-data-how = wie es gesetzt wurde: login, link, preferences oder console
event-data-cause = warum, in den Worten des anderen Servers
event-data-status = der Code des anderen Servers, etwa 5.1.1
event-data-file = der Name der Datei
event-data-created = wie viele Personen angelegt wurden
event-data-updated = wie viele Personen geändert wurden
event-data-failed = wie viele Zeilen nicht übernommen wurden
event-data-number = die Nummer des Laufs
event-data-state = wie er endete: finished oder cancelled
event-data-total = wie viele Personen er betraf
event-data-accepted = wie viele Mails der Relay annahm
event-data-refused = wie viele Mails der Relay ablehnte
event-data-left-out = wie viele Personen ausgelassen wurden
event-data-unknown = von wie vielen Mails es niemand weiß
event-data-cancelled = wie vielen wegen des Abbruchs nicht geschrieben wurde
event-data-name = wie der Lauf heißt
event-data-run = die Id des Laufs
event-data-unchanged = wie viele Personen schon so waren

step-event = Ereignis
step-frame = Zeitrahmen
step-next-job = Speichern und weiter zum Auftrag
step-next-frame = Speichern und weiter zum Zeitrahmen
step-back-event = Speichern und zurück zum Ereignis
step-back-job = Speichern und zurück zum Auftrag
event-called = Wie sie heißt
event-when = Wann sie beginnt
event-what = Ereignis
event-choose = Auswählen…
event-letters = (C) betrifft einen Kontakt, (S) das System oder seine Benutzer, (S/C) beides.
event-look = Zeigen, was sich einstellen lässt
event-look-job = Einstellungen dieses Auftrags zeigen
event-all-types = Alle Arten und was sie mitbringen
event-carries = Es bringt { $what } mit.
event-carries-nothing = Es bringt keine Person mit.
event-custom-type = Art
event-custom-type-hint = Wie das andere System sie schreibt, etwa org.example.course.booked. Bekannte Arten werden angeboten.
event-source = Quelle
event-source-hint = Woher es kommen muss, etwa https://courses.example/. Leer: von überall.
event-group = Gruppe
event-automation = Automation
event-system-user = Systembenutzer
event-setting-any = Beliebig
event-setting-gone = Nicht mehr vorhanden
event-attributes = Attribute
event-attributes-hint = Eines der angekreuzten muss sich ändern. Keines angekreuzt: ein beliebiges.
event-attribute-username = Benutzername
event-attribute-address = Mailadresse
event-attribute-given-name = Vorname
event-attribute-family-name = Nachname
event-attribute-display-name = Anzeigename
event-attribute-language = Sprache
event-attribute-time-zone = Zeitzone
event-attribute-external-id = Externe Kennung
event-conditions = Bedingungen
event-conditions-hint = Was das Ereignis außerdem sagen muss. Alle müssen gelten; keine: Jedes solche Ereignis zählt.
event-conditions-fields = Felder:
condition-place = Bedingung { $place }
condition-field = Feld
condition-operator = Vergleich
condition-value = Wert
condition-case = Groß/klein egal
condition-case-told = { " " }(Groß/klein egal)
condition-add = Bedingung hinzufügen
condition-drop = Entfernen: Bedingung { $place }
condition-drop-short = Entfernen
condition-equals = ist gleich
condition-not-equals = ist nicht gleich
condition-starts-with = beginnt mit
condition-ends-with = endet mit
condition-matches = passt auf den Ausdruck
condition-wrong-field = Ein Feld wie course.id wird erwartet, oder $source, $subject oder ein anderes Attribut, das keine Person nennt.
condition-wrong-value = Ein Wert mit höchstens 500 Zeichen wird erwartet.
condition-wrong-expression = Ein regulärer Ausdruck wird erwartet. { $detail }
event-selection-title = Beschränkt auf
event-selection-none = Keine Selektion
event-selection-hint = Bei einem Auftrag für Kontakte: nur Kontakte darin. Bei einem für Systembenutzer: nur Ereignisse, die ein Systembenutzer darin verursacht hat. Geprüft, wenn der Auftrag ausgeführt wird.
event-selection-hint-contacts = Beschränkt, wem ihr Auftrag schreibt. Geprüft, wenn der Auftrag ausgeführt wird, nach der Verzögerung.
event-selection-hint-causer = Ihr Auftrag ist für Systembenutzer: Die Selektion sagt, wer das Ereignis verursacht haben muss. Geprüft, wenn der Auftrag ausgeführt wird, nach der Verzögerung.
event-selection-causer = Verursacht von jemandem in
event-wrong-event = Wählen Sie ein Ereignis.
event-wrong-type = 1 bis 200 Zeichen ohne Leerzeichen werden erwartet, etwa org.example.course.booked.
event-wrong-reserved = Arten, die mit passpost. beginnen, gehören Passpost: Wählen Sie eine in der Liste oben.
event-wrong-source = Eine Adresse ohne Leerzeichen wie https://courses.example/ wird erwartet, oder nichts.
event-wrong-setting = Diese Einstellungen passen nicht zu diesem Ereignis.
event-unfit-active = { $what } Sie ist aktiv: Deaktivieren Sie sie erst, dann ändern Sie Ereignis und Auftrag.
event-wrong-selection = Wählen Sie eine veröffentlichte, oder keine.
event-edits-active = Sie ist aktiv: Was Sie speichern, gilt ab jetzt, auch für das, was schon wartet.
toast-automation-event-saved = Das Ereignis ist gespeichert. Sagen Sie nun, was geschehen soll.
toast-automation-event-job-saved = Der Auftrag ist gespeichert. Sagen Sie nun, wann er ausgeführt werden darf.
toast-automation-listens = Die Automation ist aktiv: Sie hört zu, solange ihr Zeitrahmen dauert.

job-send-new-password-to-contact = Neues Passwort an Kontakt senden
job-send-new-password-to-contact-hint = Ein Kontakt bekommt per Mail ein frisches Passwort. Niemand mit Systemrolle.
job-send-new-password-to-system-user = Neues Passwort an Systembenutzer senden
job-send-new-password-to-system-user-hint = Ein Systembenutzer bekommt per Mail ein frisches Passwort. Kein Kontakt.
job-send-reset-link = Link zum Passwort senden
job-send-reset-link-hint = Die Person bekommt einen persönlichen Link und wählt ein Passwort. Das alte gilt weiter.
event-job-unusual = Ungewöhnlich bei diesem Ereignis.
event-job-wrong = Wählen Sie einen Auftrag.
event-job-meant = So ist es gemeint
event-job-confirm = Kreuzen Sie dies an, wenn es so gemeint ist; sonst wählen Sie einen anderen Auftrag oder eine andere Person.
event-job-most = Höchstens Personen in 24 Stunden
event-job-most-hint = Was darüber hinausgeht, wartet. Leer: nur die Grenzen der Installation.
event-approve = Freigabe ab mehr als (Personen in 24 Stunden)
event-remail-hint = Wie viele Ereignisse auch kommen: In so vielen Stunden höchstens eine Mail. 0: nur die 24 Stunden, die immer gelten.
event-link-hours = Link gilt (Stunden)
target-event = Die Person des Ereignisses (Ereignisparameter verwenden)
target-event-contact = Der Kontakt, den das Ereignis mitbringt.
target-event-system-user = Der Systembenutzer, den das Ereignis mitbringt.
target-event-anybody = Der Kontakt oder Systembenutzer, den das Ereignis mitbringt.
target-person = Immer diese Person:
target-search = Name, Benutzername oder Adresse
target-search-hint = Ein ganzer Benutzername meint genau diese Person.
target-found = Wer ist gemeint?
target-found-one = Gefunden: { $who }
target-wrong = Wählen Sie eines von beiden.
target-missing = Sagen Sie, wer es ist.
target-nobody = So jemanden gibt es nicht.
target-choose = Mehrere passen: Wählen Sie unten jemanden aus.
target-several = Mehrere passen; schreiben Sie den Benutzernamen von einer Person: { $names }
target-no-contact = Das ist ein Systembenutzer; der Auftrag schreibt nur Kontakten. Wählen Sie den für Systembenutzer.
target-no-system-user = Das ist ein Kontakt; der Auftrag schreibt nur Systembenutzern. Wählen Sie den für Kontakte.
target-not-yours = Ihre Rolle erlaubt Ihnen nicht, Personen zu sehen; deshalb können Sie keine auswählen.
target-unset = Noch nicht gesagt
target-told-event = Die Person des Ereignisses
event-delay = Verzögerung
delay-value = Warten, so viele
delay-unit = Einheit
delay-hint = Ab dem Ereignis gezählt, höchstens ein Jahr. Leer: sofort.
delay-wrong = Eine ganze Zahl von 1 bis { $most } (ein Jahr) wird erwartet, oder nichts.
delay-minutes = Minuten
delay-hours = Stunden
delay-days = Tage
delay-weeks = Wochen
delay-months = Monate
delay-none = Keine: sofort
delay-told-minutes =
    { $n ->
        [one] eine Minute nach dem Ereignis
       *[other] { $n } Minuten nach dem Ereignis
    }
delay-told-hours =
    { $n ->
        [one] eine Stunde nach dem Ereignis
       *[other] { $n } Stunden nach dem Ereignis
    }
delay-told-days =
    { $n ->
        [one] einen Tag nach dem Ereignis
       *[other] { $n } Tage nach dem Ereignis
    }
delay-told-weeks =
    { $n ->
        [one] eine Woche nach dem Ereignis
       *[other] { $n } Wochen nach dem Ereignis
    }
delay-told-months =
    { $n ->
        [one] einen Monat nach dem Ereignis
       *[other] { $n } Monate nach dem Ereignis
    }

frame-when = Von wann bis wann
frame-when-hint = Auf Ereignisse vor dem Beginn und nach dem Ende geschieht nichts.
frame-start = Beginn
frame-end-hint = Was dann noch wartet, entfällt. Leer: fünf Jahre nach dem Beginn.
frame-zone-hint = Alle Zeiten des Zeitrahmens gelten in ihr.
frame-days = Tage und Stunden
frame-days-hint = Ereignisse zählen jederzeit; ein Auftrag an einem anderen Tag oder zu anderer Stunde wartet auf den nächsten erlaubten Moment.
frame-from = Von
frame-until = Bis
frame-hours-hint = Beide leer: alle Stunden.
frame-until-hint = Früher als Von: über Mitternacht.
frame-wrong-hours = Zwei verschiedene Uhrzeiten wie 08:00 und 18:00 werden erwartet, oder keine.
frame-look = Die erlaubten Momente zeigen
frame-coming = Nächste erlaubte Momente
frame-coming-hint = Von jedem Tag der erste Moment, zu dem ein Auftrag ausgeführt werden darf.
frame-coming-start = Setzen Sie den Beginn, und hier erscheinen die nächsten erlaubten Momente.
frame-coming-wrong = Sobald stimmt, was markiert ist, erscheinen hier die nächsten erlaubten Momente.
frame-coming-never = Kein Moment ist mehr erlaubt: Kreuzen Sie mehr Tage an, wählen Sie andere Stunden oder ein späteres Ende.
frame-span = Von { $from } bis { $until }
frame-hours = von { $from } bis { $until } Uhr

event-edit-event = Ereignis bearbeiten
event-edit-job = Auftrag bearbeiten
event-edit-frame = Zeitrahmen bearbeiten
event-missing-job = Der zweite Schritt ist noch nicht gespeichert: was geschieht, und wem.
event-missing-frame = Der dritte Schritt ist noch nicht gespeichert: wann sie zuhört.
event-go-on = Damit weitermachen
event-went = Was aus ihren Ereignissen wurde
event-went-none = Noch kein Ereignis kam. Probieren Sie eines aus, oder warten Sie auf das erste.
event-log-of = Ihre Ereignisse im Protokoll
event-waiting = Wartende Aufträge
event-waiting-none = Nichts wartet.
event-waiting-first = Der erste ist { $due } fällig. Jeder wird vor der Ausführung noch einmal geprüft.
event-calls-off =
    { $n ->
        [one] Ein Auftrag wartet. Er entfällt und wird später nicht nachgeholt.
       *[other] { $n } Aufträge warten. Sie entfallen und werden später nicht nachgeholt.
    }
event-deactivate-sure = Deaktivieren und entfallen lassen
event-archive-sure = Archivieren und entfallen lassen
event-no-run-once = Einmal ausführen geht nicht: Ohne Ereignis gibt es niemanden, dem zu schreiben wäre. Probieren Sie stattdessen ein Ereignis aus.
event-runs-none-text = Ist sie aktiv und kommt ihr Ereignis, so erscheinen hier ihre Läufe, nach Tagen.
event-day = { $day } · Läufe: { $runs } · angenommene Mails: { $accepted }
event-activate-lead = Von da an hört sie zu: Jedes Mal, wenn das Ereignis im Zeitrahmen kommt, geschieht dies von selbst.
event-try = Ereignis ausprobieren
event-person = Person
event-due = Fällig
event-of = Ereignis

events-empty = Noch kein Ereignis ist festgehalten.
events-empty-text = Hier erscheint, was andere Systeme schicken; was in Passpost geschieht, sobald eine Automation darauf hört.
events-empty-open = Alle Arten von Ereignissen sehen
events-type = Art
events-person = Person
events-unheard = niemand hörte zu
events-nobody = Niemand heißt „{ $typed }“.
events-came-new = noch nicht angesehen
events-came-unheard = niemand hörte zu
events-came-nothing =
    { $n ->
        [one] nichts, eine Automation hörte zu
       *[other] nichts, { $n } Automationen hörten zu
    }
events-came-done =
    { $n ->
        [one] ein Auftrag in einem Lauf
       *[other] { $n } Aufträge in Läufen
    }
events-came-waiting =
    { $n ->
        [one] ein Auftrag wartet
       *[other] { $n } Aufträge warten
    }
event-about = Betrifft
event-came = Was daraus wurde
event-received = Angekommen
event-claimed = Geschehen, laut Absender
event-id = Id des Absenders
event-subject = Betreff (subject)
event-contact = Kontakt
event-actor = Verursacht von
event-nobody-called = „{ $name }“: niemand dieses Namens
event-run = Lauf { $number }
event-run-label = Lauf
event-chain = Dazu führten
event-at = Wann
event-not-routed = Es ist eben angekommen: Die Automationen werden binnen einer Minute gefragt.
event-unheard = Keine Automation hört auf diese Art.
event-unheard-text = Machen Sie eine, die beginnt, wenn etwas geschieht, und wählen Sie dieses Ereignis.
event-carried = Was es mitbrachte
event-data = Daten
event-data-none = Es brachte keine Daten mit.
event-data-hidden = Seine Daten können Personen nennen, die Ihre Rolle Sie nicht sehen lässt.
event-automation-gone = Eine gelöschte Automation
event-job-waiting = Wartet
event-job-executed = In einem Lauf
event-job-not-acted-on = Ohne Folge
event-job-cancelled = Entfallen
event-reason-inactive = Die Automation war nicht aktiv.
event-reason-outside-frame = Es kam vor dem Beginn oder nach dem Ende des Zeitrahmens.
event-reason-condition-not-met = Eine Einstellung oder Bedingung der Automation ist nicht erfüllt.
event-reason-nobody = Das Ereignis nennt niemanden, für den der Auftrag wäre.
event-reason-unknown-person = Das Ereignis nennt jemanden, den es hier nicht gibt.
event-reason-cycle = Die Automation selbst führte zu diesem Ereignis.
event-reason-chain-too-long = Zu viele Automationen führten nacheinander zu diesem Ereignis.
event-reason-not-in-selection = Die Person ist nicht in der Selektion.
event-reason-causer-not-in-selection = Wer das Ereignis verursachte, ist nicht in der Selektion, oder niemand war es.
event-reason-gone = Die Person gibt es nicht mehr.
event-reason-failed = Der Lauf konnte nicht beginnen.
event-reason-deactivated = Die Automation wurde deaktiviert.
event-reason-removed = Die Automation wurde gelöscht.
event-reason-frame-over = Es war nach dem Ende des Zeitrahmens fällig.

events-types-lead = Jedes Ereignis, mit dem eine Automation beginnen kann, und was es mitbringt. (C) betrifft einen Kontakt, (S) das System oder seine Benutzer, (S/C) beides.
events-carries = Bringt mit
events-last = Zuletzt
events-custom-text = Programme schicken eigene Ereignisse als CloudEvents 1.0 mit einem API-Schlüssel, der Ereignisse senden darf. Personen nennen sie mit den Attributen contact oder systemuser, eine Gruppe mit group; alles andere sind Daten, nach denen Bedingungen fragen können.
events-custom-none = Noch keines wurde geschickt.
events-example = Ein Beispiel

try-lead-text = Was täte dieses Ereignis jetzt? Nichts wird geändert, niemand bekommt Mail.
try-json = Das Ereignis als JSON (CloudEvents)
try-json-hint = contact oder systemuser: ein Benutzername. Quelle und Id, die es schon gab, bewirken nichts mehr.
try-person = Person
try-data-hint = Ein JSON-Objekt; Bedingungen fragen danach.
try-ask = Was täte es?
try-send = Senden
try-send-hint = Senden ist echt: Automationen handeln, als hätte es das andere System geschickt.
try-answer = Was es jetzt täte
try-answer-none = Wählen Sie ein Ereignis und fragen Sie; die Antwort erscheint hier.
try-nothing-changed = Nichts wurde geändert.
try-known = Nichts: Ein Ereignis mit dieser Quelle und Id gab es schon.
try-unheard = „{ $event }“ täte nichts: Keine Automation hört darauf.
try-lead = „{ $event }“ hätte diese Folgen:
try-the-person = die Person
try-would = Würde { $who } { $what } mailen, { $when }.
try-send-new-password-to-contact = ein neues Passwort
try-send-new-password-to-system-user = ein neues Passwort
try-send-reset-link = einen persönlichen Link
try-at-once = sofort
try-at = am { $time }
try-postponed = am { $time }, dem nächsten erlaubten Moment
try-never = doch der Zeitrahmen ist dann vorbei
try-left-out = Würde { $who } auslassen: { $why }
try-nothing = Würde nichts tun. { $why }
try-refused = Ihr Lauf könnte jetzt nicht beginnen.
event-wrong-person = Sagen Sie, wen das Ereignis betrifft.
event-wrong-group = Wählen Sie eine Gruppe.
event-wrong-data = Ein JSON-Objekt wird erwartet, oder nichts.
event-wrong-json = Das lässt sich nicht übernehmen: { $detail }
toast-event-sent = Das Ereignis ist gesendet; die Automationen werden jetzt gefragt.
toast-event-known = Nichts geschah: Ein Ereignis mit dieser Quelle und Id gab es schon.
