# Was um jede Seite der Konsole steht und was mehrere ihrer Seiten sagen.

menu = Menü
places = Bereiche
place-overview = Übersicht
place-people = Personen
place-selections = Selektionen
place-automations = Automationen
place-mailings = Mailings
place-runs = Läufe
place-administration = Verwaltung
place-templates = Vorlagen
place-users = Systembenutzer
place-roles = Rollen
place-keys = API-Schlüssel
place-settings = Einstellungen
place-audit = Protokoll

# Formulare
form-save = Speichern
form-cancel = Abbrechen
form-taken = Das ist schon vergeben.
form-stays = Es wurde nichts gespeichert. Berichtigen Sie das Markierte und speichern Sie noch einmal.
form-yes = Ja
form-no = Nein
form-everything = Alle
form-none = Keine
form-search = Suchen
form-show = Zeigen
form-back = Zurück

# Listen
list-next = Nächste Seite
list-first = Erste Seite
list-nothing = Nichts passt.
list-never = nie


list-previous = Vorige Seite
form-leave = So lassen
form-too-long = Höchstens { $n } Zeichen.
time-seconds = { $n } s
time-minutes = { $n } min
time-hours = { $h } h { $m } min
