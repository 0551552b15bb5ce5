# Utilisateurs du système, rôles et autorisations.

users-lead = Les personnes qui se connectent à cette console, et les programmes qui utilisent l’API. Les contacts, qui ne reçoivent que des mots de passe, n’y figurent pas.
user-name = Nom
user-state = État
user-state-active = actif
user-state-blocked = bloqué
user-state-expired = expiré
user-role = Rôle
user-role-hint = Ce qu’il permet figure sous Rôles. Vous pouvez donner des rôles jusqu’à votre propre rang.
user-choose-role = Choisir un rôle
user-role-needed = Choisissez un rôle.
user-type = Type
user-type-hint = Les programmes utilisent des clés d’API, qu’aucun envoi de mots de passe ne touche.
user-type-ui = Personne
user-type-api = Programme
user-type-hybrid = Personne et programme
user-type-needed = Choisissez personne, programme ou les deux.
user-signed-in = Dernière connexion
user-ends = Fin du compte
user-no-end = sans fin
user-new = Nouvel utilisateur
user-new-title = Nouvel utilisateur du système
user-create = Créer
user-change = Modifier
user-change-hint = Une modification met fin aux sessions de cet utilisateur.
user-address-hint = Les mots de passe y sont envoyés. Un programme n’en a pas besoin.
user-name-needed = Il faut un nom d’utilisateur ou une adresse.
user-last-day = Dernier jour
user-last-day-hint = Après ce jour, le compte n’ouvre plus rien. Vide : sans fin.
user-day-wrong = Un jour tel que 2027-06-30 était attendu.
user-there = Quelqu’un porte déjà ce nom d’utilisateur : { $who }.
user-there-take = Donner le rôle à cette personne
user-there-hint = Possible seulement pour un contact. Le nom et l’adresse restent tels quels.
user-access-title = Accès
user-no-password = Pas encore de mot de passe.
user-no-password-text = Personne ne choisit un mot de passe pour autrui : il est créé, envoyé, et sert une fois.
user-mail-password = Envoyer un mot de passe
user-no-address = Il n’y a pas d’adresse : ajoutez-en une sur la page de la personne.
user-is-you = C’est vous. Votre mot de passe et votre second facteur se trouvent sous
user-sessions =
    { $count ->
        [0] connecté nulle part
        [one] connecté à un endroit
       *[other] connecté à { $count } endroits
    }
user-end-sessions = Déconnecter partout
user-factor-none = Le mot de passe seul ouvre la console.
user-factor-reset = Réinitialiser
user-block-title = Bloquer
user-block-text = Un utilisateur bloqué ne peut pas se connecter et ne reçoit pas de mot de passe ; ses automatisations ne s’exécutent pas.
user-block = Bloquer
user-unblock = Débloquer
user-remove-title = Retirer le rôle
user-remove-text = La personne reste, en tant que contact.
user-remove = En faire un contact

roles-lead = Un rôle dit ce que l’on peut faire. Le rang dit sur qui : agir sur un autre utilisateur du système demande un rang strictement supérieur.
role-name = Nom
role-new = Nouveau rôle
role-new-title = Nouveau rôle
role-create = Créer
role-change = Modifier
role-built-in = intégré
role-rank = Rang
role-rank-short = rang { $rank }
role-rank-hint = Au plus le vôtre.
role-rank-0 = 0, le plus bas
role-rank-1 = 1
role-rank-2 = 2
role-rank-3 = 3, le plus haut
role-rank-wrong = Un rang de 0 à 3 était attendu.
role-allows-title = Permet
role-allows-all = tout
role-allows =
    { $count ->
        [0] rien
        [one] une chose
       *[other] { $count } choses
    }
role-facts-title = Portée et connexion
role-holders = Personnes
role-holders-count =
    { $count ->
        [0] personne
        [one] une personne
       *[other] { $count } personnes
    }
role-factor-required = exigé
role-factor-optional = facultatif
role-factor-text = S’il est exigé, on se connecte avec ce rôle par mot de passe et code. Les sessions sans code prennent fin aussitôt ; il se configure à la connexion suivante.
role-factor-tick = Exiger un second facteur
role-factor-switch-on = L’exiger
role-factor-switch-off = Le rendre facultatif
role-permissions-title = Ce qu’il permet
role-not-yours = non permis pour vous, donc impossible à donner
role-remove-title = Supprimer
role-remove-text = Seul un rôle que personne n’a peut être supprimé.
role-remove = Supprimer

permissions-people = Personnes
permission-people-view = Voir les personnes et ce qui leur est arrivé
permission-people-edit = Ajouter, modifier, bloquer et effacer des personnes
permission-people-import = Importer des personnes depuis un fichier
permission-people-export = Exporter des personnes dans un fichier
permissions-credentials = Accès
permission-credentials-mail = Envoyer à d’autres un nouveau mot de passe ou un lien
permissions-automations = Automatisations
permission-automations-view = Voir les automatisations
permission-automations-edit = Créer et modifier des automatisations
permission-automations-activate = Activer et désactiver des automatisations
permission-automations-run = Exécuter une automatisation une fois, maintenant
permissions-runs = Exécutions
permission-runs-view = Voir les exécutions et leurs rapports
permission-runs-control = Suspendre, reprendre, annuler et relancer des exécutions
permissions-selections = Sélections
permission-selections-view = Voir les sélections
permission-selections-edit = Créer, modifier et publier des sélections
permissions-mailings = Envois
permission-mailings-view = Voir les envois
permission-mailings-draft = Préparer des envois
permission-mailings-offer-link = Lancer des envois qui proposent un lien
permission-mailings-force-password = Lancer des envois qui imposent un nouveau mot de passe
permission-mailings-approve = Approuver des envois, et les exécutions qui écrivent à beaucoup de monde
permissions-templates = Modèles
permission-templates-view = Voir les textes des e‑mails
permission-templates-edit = Modifier les textes des e‑mails
permissions-events = Événements
permission-events-view = Voir les événements
permission-events-send = Envoyer des événements
permissions-keys = Clés d’API
permission-keys-edit = Créer et révoquer des clés d’API
permissions-settings = Réglages
permission-settings-edit = Modifier les réglages, et arrêter tous les envois d’un coup
permissions-audit = Journal
permission-audit-view = Lire qui a fait quoi
permissions-roles = Utilisateurs du système et rôles
permission-roles-edit = Créer des utilisateurs du système, modifier les rôles

refusal-rank = Cela demande un rang strictement supérieur à celui de la personne.
refusal-role-rank = Un rôle ne peut être donné ou créé que jusqu’à votre propre rang, et modifié seulement en dessous.
refusal-last-owner = C’est le dernier Owner : nommez d’abord quelqu’un d’autre.
refusal-owns-automations = La personne possède des automatisations ({ $numbers }) : bloquez-la plutôt, ou supprimez d’abord les automatisations.
refusal-owns-mailings = La personne possède des envois ({ $numbers }) : bloquez-la plutôt, ou supprimez d’abord les envois.
refusal-in-use = Encore utilisé par { $by } : modifiez cela d’abord.

toast-user-created = L’utilisateur est créé.
toast-user-changed = Enregistré.
toast-user-blocked = Bloqué. Toutes les sessions sont terminées.
toast-user-unblocked = De nouveau admis.
toast-user-sessions-ended = Déconnecté partout.
toast-user-second-factor-reset = Le second facteur est supprimé et toutes les sessions sont terminées.
toast-user-removed = Le rôle est retiré ; la personne est maintenant un contact.
toast-role-saved = Le rôle est enregistré.
toast-role-removed = Le rôle est supprimé.
toast-role-factor-on = Désormais, ce rôle se connecte avec un second facteur.
toast-role-factor-off = Le second facteur est maintenant facultatif pour ce rôle.
