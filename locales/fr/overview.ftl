# La vue d’ensemble, et l’arrêt d’urgence
overview-next-title = À venir
overview-next-empty = Rien n’est prévu.
overview-next-empty-text = Une automatisation envoie de nouveaux mots de passe à une sélection à des moments fixés. Créez-en une, puis activez-la.
overview-open-title = En cours
overview-open-empty = Rien n’est en cours.
overview-none-over = Aucune exécution n’est terminée.
overview-runs-title = Dernières exécutions
overview-runs-all = Toutes les exécutions
overview-stopped = Tout envoi est arrêté.
overview-stopped-by = { $who }, { $time }
overview-somebody = Quelqu’un en ligne de commande

# Ce qui demande quelqu’un
attention-paused = L’exécution { $number } de « { $name } » est suspendue.
attention-automation = « { $name } » n’a pas pu s’exécuter.
attention-mailing = L’envoi « { $name } » n’a pas pu commencer.
attention-approval = « { $name } » attend l’approbation d’une seconde personne.
attention-not-run = « { $name } » a manqué ou sauté { $n } dates prévues en une semaine.
attention-relay = Le relais { $name } ne prend aucun message.
attention-no-worker = Aucun processus n’envoie : les exécutions attendent qu’un worker soit lancé.
attention-no-scheduler = Aucun processus ne surveille les calendriers : les exécutions prévues ne commencent pas.
attention-unheard = { $n } avis aux opérateurs n’ont atteint personne.
attention-account-mails = Messages sur les comptes depuis { $since } : { $given_up } abandonnés, { $bounced } revenus, { $waiting } en attente depuis longtemps.
attention-account-mails-open = Voir les messages
attention-one-owner = Il n’y a pas de second Owner : si le seul perd son mot de passe ou s’en va, personne ne peut ouvrir à d’autres.
attention-open = Ouvrir l’automatisation
attention-open-run = Ouvrir l’exécution
attention-approve = Regarder
attention-settings = Ouvrir les réglages
attention-users = En ajouter un

# Premiers pas
first-title = Premiers pas
first-done = (fait)
first-people = Importer des personnes
first-people-hint = Un fichier CSV avec noms et adresses suffit ; vous voyez ce qui se passerait avant que rien ne se passe.
first-selection = Construire une sélection
first-selection-hint = Qui doit recevoir de nouveaux mots de passe ? Une sélection est une question enregistrée, reposée à chaque exécution.
first-automation = Créer une automatisation
first-automation-hint = Elle joint une sélection à un calendrier. Rien n’est envoyé avant que vous ne l’activiez.
first-run = Suivre la première exécution
first-run-hint = Regardez l’aperçu, activez l’automatisation ou lancez-la une fois, et suivez-la ici.

# Remises
chart-title = Remises sur 30 jours
chart-summary = Barres des 30 derniers jours : { $accepted } acceptées, { $failed } échouées.
chart-day = { $day } : { $accepted } acceptées, { $failed } échouées
chart-day-label = Jour
chart-as-table = En tableau

# L’arrêt d’urgence
sending-title = Envoi
sending-stop-link = Arrêter tout envoi
sending-start-link = Relancer l’envoi
sending-stop-title = Arrêter tout envoi ?
sending-stop-lead = En cas d’urgence : plus rien qui porte un mot de passe ne part, d’aucune exécution ni d’aucun serveur, jusqu’à ce que quelqu’un relance.
sending-stop-what-1 = Les exécutions ouvertes attendent sans perdre personne : { $n }.
sending-stop-what-2 = Les exécutions prévues ne commencent pas ; leurs propriétaires sont prévenus.
sending-stop-what-3 = Les Owners de l’installation et les propriétaires des exécutions ouvertes sont avisés.
sending-why = Pourquoi
sending-why-hint = Visible par tous, et dans les avis.
sending-why-missing = Dites pourquoi, pour que d’autres sachent quand relancer.
sending-stop-button = Arrêter tout envoi
sending-start-title = Relancer l’envoi ?
sending-since = Arrêté
sending-start-what-1 = Les exécutions ouvertes reprennent d’elles-mêmes : { $n }.
sending-start-what-2 = Les exécutions suspendues le restent.
sending-start-button = Relancer l’envoi
toast-sending-stopped = Tout envoi est arrêté.
toast-sending-started = L’envoi reprend.
attention-deletions = Personnes qui demandent à être effacées : { $n }
attention-deletions-open = Voir les demandes
