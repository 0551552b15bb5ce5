# Événements : le journal, les types, les essais ; et les automatisations qui commencent par un événement.
place-events = Événements
events-log = Journal
events-types = Tous les types
events-try = Essayer
person-events = Événements de cette personne

automation-way-time = Selon un calendrier
automation-way-time-hint = Écrit à toute une sélection, aux moments que vous fixez.
automation-way-event = Quand quelque chose se produit
automation-way-event-hint = Écrit à une personne chaque fois : quelqu’un de nouveau, un nouveau membre, un message d’un autre système.
automations-empty-ways = Une automatisation écrit aux personnes d’elle-même. Il y a deux manières de commencer :
automation-new-event = Nouvelle automatisation sur événement
automations-begins = Prochaine exécution ou événement
automations-kind-event = Événement
automations-waiting = en attente : { $count }, le premier dû { $due }
automation-listening = Active, à l’écoute
overview-awaiting = { $name } : { $n } en attente
attention-overdue = « { $name } » a des tâches qui devraient être faites. En attente : { $n }, la première depuis { $due }.

events-of-people = Personnes
events-of-groups = Groupes
events-of-signing-in = Connexion
events-of-runs = Courriels et exécutions
events-of-others = D’autres systèmes
event-person-created = Personne créée
event-person-created-about = quelqu’un est nouveau : par la console, l’API ou un import
event-person-changed = Personne modifiée
event-person-changed-about = n’importe quel attribut, ou ceux que vous choisissez
event-password-expiring = Mot de passe bientôt expiré
event-password-expiring-about = un mot de passe ne sera bientôt plus valable
event-password-changed = Mot de passe changé
event-password-changed-about = quelqu’un a choisi un nouveau mot de passe
event-group-member-added = Membre ajouté à un groupe
event-group-member-added-about = quelqu’un a été mis dans un groupe sans être consulté
event-group-member-removed = Membre retiré d’un groupe
event-group-member-removed-about = quelqu’un a été retiré d’un groupe
event-group-subscribed = Abonnement à un groupe
event-group-subscribed-about = quelqu’un s’est abonné, et l’a confirmé si c’est demandé
event-group-unsubscribed = Désabonnement d’un groupe
event-group-unsubscribed-about = quelqu’un s’est désabonné
event-preferences-logged-in = Connexion au centre de préférences
event-preferences-logged-in-about = un contact s’est connecté
event-system-logged-on = Connexion au système
event-system-logged-on-about = un utilisateur système a utilisé la console ou l’API
event-login-failed-repeatedly = Échecs répétés de connexion
event-login-failed-repeatedly-about = mauvais mots de passe jusqu’au blocage temporaire du compte
event-link-requested = Lien demandé
event-link-requested-about = quelqu’un a demandé un lien sur la page publique
event-mail-bounced = Courriel revenu
event-mail-bounced-about = un courriel à quelqu’un est revenu
event-import-finished = Import terminé
event-import-finished-about = un fichier de personnes est traité
event-run-finished = Exécution terminée
event-run-finished-about = une exécution quelconque est finie
event-automation-finished = Automatisation terminée
event-automation-finished-about = une automatisation a fait sa tâche ; pour les enchaîner
event-custom = Événement personnalisé
event-custom-about = ce qu’un autre système envoie par l’API
carries-person = un contact ou un utilisateur système
carries-contact = un contact
carries-system-user = un utilisateur système
carries-group = un groupe
carries-run = une exécution
carries-automation = une automatisation
event-data-origin = d’où vient la personne : console, api, command_line, import ou setup
event-data-attributes = les noms des attributs modifiés, une liste
event-data-group = le nom du groupe
event-data-by = où c’était : console ou api
event-data-failed-logins = combien d’essais de suite ont échoué
event-data-expires-at = quand le mot de passe n’est plus valable
event-data-how = comment il a été choisi : login, link, preferences ou console
event-data-cause = pourquoi, dans les mots de l’autre serveur
event-data-status = le code de l’autre serveur, p. ex. 5.1.1
event-data-file = le nom du fichier
event-data-created = combien de personnes ont été créées
event-data-updated = combien de personnes ont été modifiées
event-data-failed = combien de lignes n’ont pu être reprises
event-data-number = le numéro de l’exécution
event-data-state = comment elle a fini : finished ou cancelled
event-data-total = combien de personnes elle concernait
event-data-accepted = combien de courriels le relais a pris
event-data-refused = combien de courriels le relais a refusés
event-data-left-out = combien de personnes ont été écartées
event-data-unknown = de combien de courriels on ne sait rien
event-data-cancelled = à combien on n’a pas écrit à cause de l’annulation
event-data-name = le nom de l’exécution
event-data-run = l’identifiant de l’exécution
event-data-unchanged = combien de personnes étaient déjà ainsi

step-event = Événement
step-frame = Période
step-next-job = Enregistrer et passer à la tâche
step-next-frame = Enregistrer et passer à la période
step-back-event = Enregistrer et revenir à l’événement
step-back-job = Enregistrer et revenir à la tâche
event-called = Son nom
event-when = Quand elle commence
event-what = Événement
event-choose = Choisir…
event-letters = (C) concerne un contact, (S) le système ou ses utilisateurs, (S/C) l’un ou l’autre.
event-look = Montrer les réglages
event-look-job = Montrer les réglages de cette tâche
event-all-types = Tous les types et ce qu’ils portent
event-carries = Il porte { $what }.
event-carries-nothing = Il ne porte aucune personne.
event-custom-type = Type
event-custom-type-hint = Tel que l’autre système l’écrit, p. ex. org.example.course.booked. Les types déjà vus sont proposés.
event-source = Source
event-source-hint = D’où il doit venir, p. ex. https://courses.example/. Vide : de partout.
event-group = Groupe
event-automation = Automatisation
event-system-user = Utilisateur système
event-setting-any = N’importe lequel
event-setting-gone = N’existe plus
event-attributes = Attributs
event-attributes-hint = L’un de ceux cochés doit changer. Aucun coché : n’importe lequel.
event-attribute-username = Nom d’utilisateur
event-attribute-address = Adresse de courriel
event-attribute-given-name = Prénom
event-attribute-family-name = Nom de famille
event-attribute-display-name = Nom affiché
event-attribute-language = Langue
event-attribute-time-zone = Fuseau horaire
event-attribute-external-id = Identifiant externe
event-conditions = Conditions
event-conditions-hint = Ce que l’événement doit dire en plus. Toutes doivent être remplies ; aucune : chaque événement compte.
event-conditions-fields = Champs :
condition-place = Condition { $place }
condition-field = Champ
condition-operator = Comparaison
condition-value = Valeur
condition-case = ignorer la casse
condition-case-told = { " " }(sans tenir compte de la casse)
condition-add = Ajouter une condition
condition-drop = Retirer la condition { $place }
condition-drop-short = Retirer
condition-equals = est égal à
condition-not-equals = n’est pas égal à
condition-starts-with = commence par
condition-ends-with = se termine par
condition-matches = correspond à l’expression
condition-wrong-field = Un champ tel que course.id est attendu, ou $source, $subject ou un autre attribut qui ne nomme personne.
condition-wrong-value = Une valeur d’au plus 500 caractères est attendue.
condition-wrong-expression = Une expression régulière est attendue. { $detail }
event-selection-title = Limitée à
event-selection-none = Aucune sélection
event-selection-hint = Pour une tâche aux contacts : seulement ceux de la sélection. Pour une tâche aux utilisateurs système : seulement les événements causés par l’un d’eux. Vérifié au moment de la tâche.
event-selection-hint-contacts = Limite les personnes à qui la tâche écrit. Vérifié au moment de la tâche, après le délai.
event-selection-hint-causer = Sa tâche est pour les utilisateurs système : la sélection dit qui doit avoir causé l’événement. Vérifié au moment de la tâche, après le délai.
event-selection-causer = Causé par quelqu’un de
event-wrong-event = Choisissez un événement.
event-wrong-type = 1 à 200 caractères sans espace sont attendus, p. ex. org.example.course.booked.
event-wrong-reserved = Les types qui commencent par passpost. sont ceux de Passpost : choisissez-en un dans la liste ci-dessus.
event-wrong-source = Une adresse sans espace telle que https://courses.example/ est attendue, ou rien.
event-wrong-setting = Ces réglages ne vont pas avec cet événement.
event-unfit-active = { $what } Elle est active : désactivez-la d’abord, puis changez l’événement et la tâche.
event-wrong-selection = Choisissez-en une publiée, ou aucune.
event-edits-active = Elle est active : ce que vous enregistrez compte dès maintenant, aussi pour ce qui attend déjà.
toast-automation-event-saved = L’événement est enregistré. Dites maintenant ce qu’il faut faire.
toast-automation-event-job-saved = La tâche est enregistrée. Dites maintenant quand elle peut être faite.
toast-automation-listens = L’automatisation est active : elle écoute pendant sa période.

job-send-new-password-to-contact = Envoyer un nouveau mot de passe au contact
job-send-new-password-to-contact-hint = Un contact reçoit un mot de passe neuf par courriel. Jamais quelqu’un qui a un rôle système.
job-send-new-password-to-system-user = Envoyer un nouveau mot de passe à l’utilisateur système
job-send-new-password-to-system-user-hint = Un utilisateur système reçoit un mot de passe neuf par courriel. Jamais un contact.
job-send-reset-link = Envoyer un lien de réinitialisation
job-send-reset-link-hint = La personne reçoit un lien personnel et choisit un mot de passe. L’ancien reste valable.
event-job-unusual = Inhabituel avec cet événement.
event-job-wrong = Choisissez une tâche.
event-job-meant = C’est bien ce que je veux
event-job-confirm = Cochez si c’est voulu ; sinon choisissez une autre tâche ou personne.
event-job-most = Personnes au plus en 24 heures
event-job-most-hint = Le surplus attend. Vide : seulement les limites de l’installation.
event-approve = Approbation au-delà de (personnes en 24 heures)
event-remail-hint = Quel que soit le nombre d’événements : un courriel au plus en tant d’heures. 0 : seulement les 24 heures qui valent toujours.
event-link-hours = Lien valable (heures)
target-event = La personne de l’événement (paramètre d’événement)
target-event-contact = Le contact que porte l’événement.
target-event-system-user = L’utilisateur système que porte l’événement.
target-event-anybody = Le contact ou l’utilisateur système que porte l’événement.
target-person = Toujours cette personne :
target-search = Nom, nom d’utilisateur ou adresse
target-search-hint = Un nom d’utilisateur entier désigne exactement cette personne.
target-found = De qui s’agit-il ?
target-found-one = Trouvé : { $who }
target-wrong = Choisissez l’un des deux.
target-missing = Dites qui c’est.
target-nobody = Il n’y a personne de tel.
target-choose = Plusieurs personnes correspondent : choisissez-en une ci-dessous.
target-several = Plusieurs personnes correspondent ; écrivez le nom d’utilisateur de l’une : { $names }
target-no-contact = C’est un utilisateur système ; la tâche n’écrit qu’aux contacts. Choisissez celle pour utilisateurs système.
target-no-system-user = C’est un contact ; la tâche n’écrit qu’aux utilisateurs système. Choisissez celle pour contacts.
target-not-yours = Votre rôle ne permet pas de voir les personnes ; vous ne pouvez pas en choisir.
target-unset = Pas encore dit
target-told-event = La personne de l’événement
event-delay = Délai
delay-value = Attendre tant de
delay-unit = Unité
delay-hint = Compté depuis l’événement, un an au plus. Vide : tout de suite.
delay-wrong = Un nombre entier de 1 à { $most } (un an) est attendu, ou rien.
delay-minutes = Minutes
delay-hours = Heures
delay-days = Jours
delay-weeks = Semaines
delay-months = Mois
delay-none = Aucun : tout de suite
delay-told-minutes =
    { $n ->
        [one] une minute après l’événement
       *[other] { $n } minutes après l’événement
    }
delay-told-hours =
    { $n ->
        [one] une heure après l’événement
       *[other] { $n } heures après l’événement
    }
delay-told-days =
    { $n ->
        [one] un jour après l’événement
       *[other] { $n } jours après l’événement
    }
delay-told-weeks =
    { $n ->
        [one] une semaine après l’événement
       *[other] { $n } semaines après l’événement
    }
delay-told-months =
    { $n ->
        [one] un mois après l’événement
       *[other] { $n } mois après l’événement
    }

frame-when = De quand à quand
frame-when-hint = Les événements avant le début et après la fin restent sans suite.
frame-start = Début
frame-end-hint = Ce qui attend encore est abandonné. Vide : cinq ans après le début.
frame-zone-hint = Toutes les heures de la période s’y lisent.
frame-days = Jours et heures
frame-days-hint = Les événements comptent à tout moment ; une tâche hors de ces jours et heures attend le prochain moment permis.
frame-from = De
frame-until = À
frame-hours-hint = Vides tous deux : toutes les heures.
frame-until-hint = Plus tôt que De : au-delà de minuit.
frame-wrong-hours = Deux heures différentes telles que 08:00 et 18:00 sont attendues, ou aucune.
frame-look = Montrer les moments permis
frame-coming = Prochains moments permis
frame-coming-hint = De chaque jour le premier moment où une tâche peut être faite.
frame-coming-start = Fixez le début, et les prochains moments permis apparaissent ici.
frame-coming-wrong = Dès que ce qui est marqué est juste, les prochains moments permis apparaissent ici.
frame-coming-never = Plus aucun moment n’est permis : cochez plus de jours, choisissez d’autres heures ou une fin plus tardive.
frame-span = De { $from } à { $until }
frame-hours = de { $from } à { $until } heures

event-edit-event = Modifier l’événement
event-edit-job = Modifier la tâche
event-edit-frame = Modifier la période
event-missing-job = La deuxième étape n’est pas encore enregistrée : quoi faire, et à qui.
event-missing-frame = La troisième étape n’est pas encore enregistrée : quand elle écoute.
event-go-on = Continuer
event-went = Ce que ses événements sont devenus
event-went-none = Aucun événement n’est encore venu. Essayez-en un, ou attendez le premier.
event-log-of = Ses événements dans le journal
event-waiting = Tâches en attente
event-waiting-none = Rien n’attend.
event-waiting-first = La première est due { $due }. Chacune est vérifiée encore une fois avant d’être faite.
event-calls-off =
    { $n ->
        [one] { $n } tâche attend. Elle sera abandonnée et ne sera pas rattrapée plus tard.
       *[other] { $n } tâches attendent. Elles seront abandonnées et ne seront pas rattrapées plus tard.
    }
event-deactivate-sure = Désactiver et les abandonner
event-archive-sure = Archiver et les abandonner
event-no-run-once = On ne peut pas l’exécuter une fois : sans événement, il n’y a personne à qui écrire. Essayez plutôt un événement.
event-runs-none-text = Une fois active, dès que son événement vient, ses exécutions apparaissent ici, par jour.
event-day = { $day } · exécutions : { $runs } · courriels acceptés : { $accepted }
event-activate-lead = Dès lors elle écoute : chaque fois que l’événement vient pendant la période, ceci se fait tout seul.
event-try = Essayer un événement
event-person = Personne
event-due = Due
event-of = Événement

events-empty = Aucun événement n’est encore conservé.
events-empty-text = Ici apparaît ce que d’autres systèmes envoient ; ce qui se passe dans Passpost, dès qu’une automatisation l’écoute.
events-empty-open = Voir tous les types d’événements
events-type = Type
events-person = Personne
events-unheard = personne n’écoutait
events-nobody = Personne ne s’appelle « { $typed } ».
events-came-new = pas encore examiné
events-came-unheard = personne n’écoutait
events-came-nothing =
    { $n ->
        [one] rien, une automatisation écoutait
       *[other] rien, { $n } automatisations écoutaient
    }
events-came-done =
    { $n ->
        [one] une tâche dans une exécution
       *[other] { $n } tâches dans des exécutions
    }
events-came-waiting =
    { $n ->
        [one] une tâche attend
       *[other] { $n } tâches attendent
    }
event-about = Concerne
event-came = Ce qui en est sorti
event-received = Arrivé
event-claimed = Survenu, selon l’expéditeur
event-id = Identifiant de l’expéditeur
event-subject = Objet
event-contact = Contact
event-actor = Causé par
event-nobody-called = « { $name } » : personne de ce nom
event-run = Exécution { $number }
event-run-label = Exécution
event-chain = Amené par
event-at = Quand
event-not-routed = Il vient d’arriver : les automatisations sont consultées dans la minute.
event-unheard = Aucune automatisation n’écoute ce type.
event-unheard-text = Faites-en une qui commence quand quelque chose se produit, et choisissez cet événement.
event-carried = Ce qu’il portait
event-data = Données
event-data-none = Il ne portait pas de données.
event-data-hidden = Ses données peuvent nommer des personnes que votre rôle ne permet pas de voir.
event-automation-gone = Une automatisation supprimée
event-job-waiting = En attente
event-job-executed = Dans une exécution
event-job-not-acted-on = Sans suite
event-job-cancelled = Abandonnée
event-reason-inactive = L’automatisation n’était pas active.
event-reason-outside-frame = Il est venu avant le début ou après la fin de la période.
event-reason-condition-not-met = Un réglage ou une condition de l’automatisation n’est pas rempli.
event-reason-nobody = L’événement ne nomme personne à qui la tâche s’adresserait.
event-reason-unknown-person = L’événement nomme quelqu’un qui n’existe pas ici.
event-reason-cycle = L’automatisation elle-même a mené à cet événement.
event-reason-chain-too-long = Trop d’automatisations ont mené à cet événement, l’une après l’autre.
event-reason-not-in-selection = La personne n’est pas dans la sélection.
event-reason-causer-not-in-selection = Qui a causé l’événement n’est pas dans la sélection, ou personne ne l’a causé.
event-reason-gone = La personne n’existe plus.
event-reason-failed = L’exécution n’a pas pu commencer.
event-reason-deactivated = L’automatisation a été désactivée.
event-reason-removed = L’automatisation a été supprimée.
event-reason-frame-over = Elle était due après la fin de la période.

events-types-lead = Chaque événement par lequel une automatisation peut commencer, et ce qu’il porte. (C) concerne un contact, (S) le système ou ses utilisateurs, (S/C) l’un ou l’autre.
events-carries = Porte
events-last = Dernier
events-custom-text = Les programmes envoient leurs événements en CloudEvents 1.0 avec une clé d’API qui peut envoyer des événements. Ils nomment les personnes par les attributs contact ou systemuser, un groupe par group ; tout le reste est des données que les conditions peuvent examiner.
events-custom-none = Aucun n’a encore été envoyé.
events-example = Un exemple

try-lead-text = Que ferait cet événement maintenant ? Rien n’est changé et personne ne reçoit de courriel.
try-json = L’événement en JSON (CloudEvents)
try-json-hint = contact ou systemuser : un nom d’utilisateur. Une source et un id déjà envoyés ne font plus rien.
try-person = Personne
try-data-hint = Un objet JSON ; les conditions l’examinent.
try-ask = Que ferait-il ?
try-send = L’envoyer
try-send-hint = L’envoi est réel : les automatisations agissent comme si l’autre système l’avait envoyé.
try-answer = Ce qu’il ferait maintenant
try-answer-none = Choisissez un événement et demandez ; la réponse apparaît ici.
try-nothing-changed = Rien n’a été changé.
try-known = Rien : un événement avec cette source et cet id a déjà été envoyé.
try-unheard = « { $event } » ne ferait rien : aucune automatisation ne l’écoute.
try-lead = « { $event } » aurait ces conséquences :
try-the-person = la personne
try-would = Enverrait à { $who } { $what }, { $when }.
try-send-new-password-to-contact = un nouveau mot de passe
try-send-new-password-to-system-user = un nouveau mot de passe
try-send-reset-link = un lien personnel
try-at-once = tout de suite
try-at = le { $time }
try-postponed = le { $time }, prochain moment permis
try-never = mais la période est alors terminée
try-left-out = Écarterait { $who } : { $why }
try-nothing = Ne ferait rien. { $why }
try-refused = Son exécution ne pourrait pas commencer maintenant.
event-wrong-person = Dites qui l’événement concerne.
event-wrong-group = Choisissez un groupe.
event-wrong-data = Un objet JSON est attendu, ou rien.
event-wrong-json = Ceci ne peut être repris : { $detail }
toast-event-sent = L’événement est envoyé ; les automatisations sont consultées maintenant.
toast-event-known = Rien n’a été fait : un événement avec cette source et cet id a déjà été envoyé.
