# The preference center: what recipients get, how they are written to, at which address; links that confirm.

preferences-title = Ihre Einstellungen
preferences-lead = Was Sie von uns bekommen, und wie. Mails zu Ihrem Konto und Ihrem Passwort kommen immer.
preferences-open = Was Sie bekommen und wie
preferences-back = Zurück zu Ihren Einstellungen
preferences-subscriptions = Was Sie bekommen
preferences-nothing-offered = Zurzeit gibt es nichts zu abonnieren.
preferences-waits = wartet auf Ihre Bestätigung
preferences-waiting = Folgen Sie dem Link in Ihrem Postfach. Keine Mail? Haken weg, speichern, und etwas später wieder anhaken.
preferences-asks = Wir schicken Ihnen zuerst einen Link; es gilt, sobald Sie ihm gefolgt sind.
preferences-reason = Sie nehmen einen Haken weg? Sie können uns sagen, warum
preferences-reason-label = Warum
preferences-how = Wie wir Ihnen schreiben
preferences-language = Sprache
preferences-language-any = Wie mein Browser es möchte
preferences-time-zone = Zeitzone
preferences-time-zone-hint = Für Uhrzeiten in Mails. Leer: { $zone }
preferences-about = Über Sie
preferences-save = Speichern
preferences-not-saved = Noch ist nichts gespeichert. Sehen Sie sich an, was unten markiert ist.
preferences-wait = Es wurden zu viele Mails angefordert, darum ist nichts gespeichert. Versuchen Sie es in { $number ->
    [one] einer Minute
   *[other] { $number } Minuten
 } noch einmal.

preferences-confirmed = bestätigt
preferences-unconfirmed = nicht bestätigt
preferences-undeliverable = Mail kommt nicht an
preferences-no-address = Wir haben keine Adresse von Ihnen.
preferences-address-waiting = { $address } wartet auf die Bestätigung: Folgen Sie bis { $until } dem Link, den wir dorthin geschickt haben. Bis dahin geht alles an die alte Adresse.
preferences-address-change = Adresse ändern
preferences-address-again = Noch einmal schicken, oder andere Adresse
preferences-address-withdraw = Alte Adresse behalten
preferences-address-lead = Wir schicken einen Link an die neue Adresse. Sie gilt, sobald Sie ihm gefolgt sind; auch die alte Adresse erfährt es.
preferences-address-now = Bisher
preferences-address-new = Neue Adresse
preferences-address-button = Link schicken
preferences-address-hint = Sie melden sich weiter als { $username } an.
preferences-password-missing = Geben Sie Ihr aktuelles Passwort ein.

preferences-stop = Gar keine Rundmails
preferences-stop-lead = Sie verlassen alles oben und bekommen nur noch, was Ihr Konto betrifft: Passwörter, angeforderte Links, Änderungen.
preferences-stop-button = Alles abbestellen
preferences-stopped = Seit { $since } bekommen Sie keine Rundmails, nur was Ihr Konto betrifft.
preferences-allow = Rundmails wieder annehmen

preferences-data = Ihre Daten
preferences-data-lead = Was wir von Ihnen haben, als Datei oder für immer weg.
preferences-data-take = Meine Daten herunterladen
preferences-deletion-ask = Um Löschung bitten
preferences-deletion-withdraw = Bitte zurücknehmen
preferences-deletion-waiting = Sie haben am { $time } um Löschung gebeten. Wir sehen es uns an; bis dahin geht alles wie zuvor.
preferences-declined = Sie haben am { $time } um Löschung gebeten. Das konnten wir nicht tun:

deletion-title = Um Löschung bitten
deletion-lead = Wir löschen Ihr Konto mit allem, was dazu gehört. Jede Bitte sieht sich zuerst jemand an.
deletion-what = Namen, Adresse, Abonnements, Passwort und Sitzungen sind dann für immer weg.
deletion-until = Bis zur Entscheidung können Sie die Bitte zurücknehmen.
deletion-data = Wenn Sie Ihre Daten behalten möchten, laden Sie sie vorher herunter.
deletion-button = Darum bitten

saved-subscribed = Gespeichert: Sie haben abonniert.
saved-unsubscribed = Gespeichert: Sie haben abbestellt.
saved-waiting = Sehen Sie in Ihr Postfach: Ihr neues Abonnement gilt, sobald Sie dem Link in der Mail gefolgt sind.
saved-language = Gespeichert: Ihre Sprache.
saved-time-zone = Gespeichert: Ihre Zeitzone.
saved-record = Gespeichert: die Angaben über Sie.
saved-nothing = Alles ist, wie es war: Nichts war anders.
saved-stopped = Erledigt: Sie bekommen keine Rundmails mehr, nur was Ihr Konto betrifft.
saved-allowed = Sie nehmen wieder Rundmails an. Haken Sie an, was Sie bekommen möchten.
saved-address-asked = Sehen Sie in das Postfach der neuen Adresse: Sie gilt, sobald Sie dort dem Link gefolgt sind.
saved-address-withdrawn = Die alte Adresse bleibt.
saved-deletion-asked = Wir haben Ihre Bitte. Eine Mail bestätigt sie, und wir sehen sie uns an.
saved-deletion-withdrawn = Ihre Bitte ist zurückgenommen. Nichts wird gelöscht.

confirm-until = Der Link gilt bis { $time }, einmal.
confirm-stale = Diese Seite war zu lange offen, oder Sie sind inzwischen einem anderen Link gefolgt. Hier steht, wofür der neueste Link ist.
confirm-gone-lead = Er wurde benutzt, ist abgelaufen, oder inzwischen hat sich etwas geändert. Melden Sie sich an, um zu sehen, wie es steht.
confirm-address-title = Gehört diese Adresse Ihnen?
confirm-address-lead = Mails für das Konto { $username } gehen dann an { $address }.
confirm-address-button = Ja, diese Adresse benutzen
confirm-address-done-title = Die Adresse ist bestätigt
confirm-address-done-lead = Mails für das Konto { $username } gehen jetzt an { $address }. Sie melden sich an wie bisher.
confirm-subscription-title = Möchten Sie das bekommen?
confirm-subscription-lead = Für das Konto { $username }:
confirm-subscription-button = Ja, abonnieren
confirm-subscription-done-title = Sie haben abonniert
confirm-subscription-done-lead = Abbestellen können Sie jederzeit unter Ihren Einstellungen.
confirm-objection-title = Die Änderung der Adresse aufhalten?
confirm-objection-lead = Mails für das Konto { $username } kommen weiter an die Adresse, die Sie kennen.
confirm-objection-button = Die Änderung aufhalten
confirm-objection-done-title = Die Änderung ist aufgehalten
confirm-objection-done-lead = Mails für das Konto { $username } kommen weiter an die Adresse, die Sie kennen. Wenn nicht Sie es waren, kennt jemand Ihr Passwort: Wählen Sie jetzt ein anderes.
confirm-objection-made-title = Die Änderung der Adresse zurücknehmen?
confirm-objection-made-lead = Das Konto { $username } hat schon eine neue Adresse. Sie können die alte zurückhaben; alle, die angemeldet sind, werden abgemeldet.
confirm-objection-made-button = Zurücknehmen
confirm-objection-made-done-title = Die alte Adresse gilt wieder
confirm-objection-made-done-lead = Mails für das Konto { $username } gehen wieder an die alte Adresse, und alle wurden abgemeldet. Jemand kennt Ihr Passwort: Wählen Sie jetzt ein anderes.

unsubscribe-title = Abbestellen?
unsubscribe-one = Sie bekommen „{ $title }“ dann nicht mehr.
unsubscribe-all = Sie bekommen dann keine Rundmails mehr, nur was Ihr Konto betrifft.
unsubscribe-button = Abbestellen
unsubscribe-done-title = Sie haben abbestellt
unsubscribe-done-one = Sie bekommen „{ $title }“ nicht mehr.
unsubscribe-done-all = Sie bekommen keine Rundmails mehr, nur was Ihr Konto betrifft.
unsubscribe-change-mind = Doch nicht?
