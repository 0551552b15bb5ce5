# Les mots des messages aux opérateurs.

notice-tone-trouble = Action requise
notice-tone-warning = À regarder
notice-tone-good = Terminé
notice-tone-info = Rappel

# Pour chaque sorte : l’objet, le titre, ce qui s’est passé et que faire.
notice-automation_ends-subject = « { $name } » prend fin le { $day }
notice-automation_ends-title = Une automatisation prend bientôt fin
notice-automation_ends-lead = L’automatisation { $number }, « { $name } », arrive à sa fin. Ensuite, elle n’écrira plus à personne.
notice-automation_ends-todo = Si elle doit continuer, enregistrez son calendrier avec une fin plus tardive. Pour voir où elle en est :
notice-automation_ended-subject = « { $name } » a pris fin
notice-automation_ended-title = Une automatisation a pris fin
notice-automation_ended-lead = L’automatisation { $number }, « { $name } », a pris fin. Elle n’écrit plus à personne. Ce rappel aurait dû vous parvenir 30 jours avant ; aucun serveur ne tournait, ou aucun relais ne l’a accepté.
notice-run_failed-subject = L’exécution de « { $name } » n’a pas pu commencer
notice-run_failed-title = Une exécution n’a pas pu commencer
notice-run_failed-lead = L’exécution prévue de l’automatisation { $number }, « { $name } », n’a pas pu commencer. Personne n’a reçu de message, et chaque mot de passe reste ce qu’il était.
notice-run_missed-subject = L’exécution de « { $name } » a été manquée
notice-run_missed-title = Une exécution a été manquée
notice-run_missed-lead = Aucun serveur ne tournait quand l’automatisation { $number }, « { $name } », devait s’exécuter, et il est maintenant trop tard. Personne n’a reçu de message pour cette fois.
notice-run_missed-lead-later = Aucun serveur ne tournait quand l’automatisation { $number }, « { $name } », devait s’exécuter. Une exécution plus tardive était due aussi et remplace celles qui ont été manquées.
notice-run_missed-todo = Si les messages sont encore souhaités, lancez-la une fois à la main. Ceci compte d’abord qui en recevrait un :
notice-run_skipped-subject = L’exécution de « { $name } » a été sautée
notice-run_skipped-title = Une exécution a été sautée
notice-run_skipped-lead = L’automatisation { $number }, « { $name } », devait s’exécuter, mais son exécution précédente n’est pas terminée. Il n’y en a jamais deux à la fois.
notice-run_skipped-todo = Voyez ce que l’exécution précédente attend ; reprenez-la ou annulez-la.
notice-run_paused-subject = L’exécution { $number } de « { $name } » est en pause
notice-run_paused-title = L’exécution { $number } s’est mise en pause
notice-run_paused-lead = L’exécution { $number } de « { $name } » n’écrit plus et vous attend. Personne n’est oublié : elle continuera avec exactement ceux qui restent.
notice-run_finished-subject = L’exécution { $number } de « { $name } » est terminée
notice-run_finished-subject-failed = L’exécution { $number } de « { $name } » est terminée ; des messages ont échoué
notice-run_finished-title = L’exécution { $number } est terminée
notice-run_finished-lead = L’exécution prévue { $number } de « { $name } » est terminée. En voici le bilan.
notice-run_finished-todo = Vous pouvez réessayer ceux qui ont été refusés ou dont la réponse s’est perdue :
notice-mailing_failed-subject = L’envoi « { $name } » n’a pas pu commencer
notice-mailing_failed-title = Un envoi n’a pas pu commencer
notice-mailing_failed-lead = L’envoi { $number }, « { $name } », devait partir et n’a pas pu commencer. Personne n’a reçu de message, et chaque mot de passe reste tel quel.
notice-mailing_failed-todo = Voyez ce qui lui manque, corrigez-le et enregistrez de nouveau son heure de départ :

notice-sending_stopped-subject = Tout envoi est arrêté
notice-sending_stopped-title = Tout envoi est arrêté
notice-sending_stopped-lead = Quelqu’un a utilisé l’arrêt d’urgence. Aucune exécution n’envoie de mot de passe tant que l’envoi n’est pas rétabli ; les avis comme celui-ci partent encore.
notice-sending_stopped-todo = Quand la raison a disparu, rétablissez-le ; les exécutions en cours continuent d’elles-mêmes :

# Que faire, selon la raison.
notice-failed-selection = Corrigez ou publiez la sélection, puis lancez l’automatisation une fois à la main ou attendez sa prochaine date.
notice-failed-rights = Quelqu’un qui en a les droits enregistre à nouveau l’automatisation et sa sélection, puis elle s’exécute.
notice-failed-limit = Voyez à qui elle écrirait. Restreignez la sélection, ou relevez la limite nommée ci-dessus.
notice-failed-approval = Demandez à une deuxième personne, qui n’y a pas pris part, de l’approuver ; lancez-la ensuite une fois à la main ou attendez sa prochaine date.
notice-failed-stopped = Rétablissez l’envoi quand la raison a disparu ; la prochaine exécution prévue aura alors lieu.
notice-failed-other = Pour voir où en est l’automatisation :
notice-paused-refusals = Regardez les adresses refusées. Si elles sont simplement fausses, reprenez ; si le relais vous bloque, parlez d’abord à qui l’exploite.
notice-paused-relay = Vérifiez que le relais est joignable et que notre connexion y est juste (passpost doctor), puis reprenez.
notice-paused-rights = Quelqu’un qui en a les droits enregistre à nouveau l’automatisation et sa sélection. Cette exécution peut seulement être annulée, ou reprise quand le rôle est rétabli.
notice-paused-approval = Demandez à quelqu’un qui en a le droit d’approuver l’automatisation. Cette exécution peut seulement être annulée, ou reprise quand le rôle de qui l’a approuvée est rétabli.
notice-paused-mail = Corrigez le modèle du message, puis reprenez.

# À côté des nombres et des heures.
notice-fact-accepted = Acceptés par le relais
notice-fact-refused = Refusés
notice-fact-unknown = Réponse perdue
notice-fact-left_out = Laissés de côté
notice-fact-cancelled = Annulés
notice-fact-deferred = À réessayer
notice-fact-waiting = Encore en attente
notice-fact-planned = Prévue pour
notice-fact-missed = Exécutions manquées
notice-fact-ends = Fin
notice-fact-last = Dernière exécution
notice-fact-no-last = il n’en reste aucune
notice-fact-since = Depuis

notice-cause = La cause, dans les mots du programme
notice-cause-operator = Pourquoi, dans les mots de qui l’a fait
notice-todo = Que faire
notice-open-run = Ouvrir l’exécution
notice-open-console = Ouvrir la console
notice-link = Ou ouvrez cette adresse dans votre navigateur :
notice-because-owner = Vous recevez ce message parce que l’automatisation est la vôtre.
notice-because-starter = Vous recevez ce message parce que vous avez lancé l’exécution.
notice-because-reminded = Vous recevez ce message parce que vous avez été désigné pour ce rappel.
notice-because-house = Vous recevez ce message en tant qu’Owner de cette installation.
notice-sent-to = Il a été envoyé automatiquement à { $address }.

# Pourquoi quelqu’un a été laissé de côté.
notice-reason-higher_rank = d’un rang supérieur au propriétaire
notice-reason-api_user = programme, pas une personne
notice-reason-hybrid_user = utilisateur hybride non désigné
notice-reason-acting_operator = l’opérateur de l’exécution
notice-reason-last_administrator = le dernier Owner
notice-reason-no_address = sans adresse de courriel
notice-reason-undeliverable = le courriel n’arrive pas
notice-reason-blocked = bloqué
notice-reason-expired = compte expiré
notice-reason-recently_mailed = a reçu un mot de passe récemment
notice-reason-already_done = a déjà défini un mot de passe
notice-reason-duplicate = déjà dans l’audience
notice-reason-gone = n’est plus dans la base
notice-reason-system_user = a un rôle système ; la tâche est pour les contacts
notice-reason-contact = n’a pas de rôle système ; la tâche est pour les utilisateurs système

# Pourquoi quelqu’un a été refusé, quand ce n’est pas le relais qui le dit.
notice-refused-not_composed = Le message n’a pas pu être composé.
notice-refused-relay_unavailable = Le relais n’était pas joignable.

# Un jour, dans un objet.
notice-day = { $day } { $month } { $year }
