# Ce qui entoure chaque page de la console, et ce que disent plusieurs de ses pages.

menu = Menu
places = Rubriques
place-overview = Vue d’ensemble
place-people = Personnes
place-selections = Sélections
place-automations = Automatisations
place-mailings = Envois
place-runs = Exécutions
place-administration = Administration
place-templates = Modèles
place-users = Utilisateurs système
place-roles = Rôles
place-keys = Clés d’API
place-settings = Réglages
place-audit = Journal d’audit

# Formulaires
form-save = Enregistrer
form-cancel = Annuler
form-taken = Cette valeur est déjà prise.
form-stays = Rien n’a été enregistré. Corrigez ce qui est signalé, puis enregistrez à nouveau.
form-yes = Oui
form-no = Non
form-everything = Tous
form-none = Aucun
form-search = Rechercher
form-show = Afficher
form-back = Retour

# Listes
list-next = Page suivante
list-first = Première page
list-nothing = Aucun résultat.
list-never = jamais


list-previous = Page précédente
form-leave = Laisser tel quel
form-too-long = { $n } caractères au plus.
time-seconds = { $n } s
time-minutes = { $n } min
time-hours = { $h } h { $m } min
