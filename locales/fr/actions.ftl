# Ce qui s’est passé, dans les mots du journal.

action-person-created = Ajouté
action-person-changed = Modifié
action-person-blocked = Bloqué
action-person-unblocked = De nouveau admis
action-person-erased = Effacé
action-person-undeliverable = Les messages n’arrivent pas
action-person-deliverable = L’adresse est réessayée
action-person-sessions-ended = Déconnecté partout par un opérateur
action-person-credentials-revoked = Mots de passe envoyés révoqués
action-person-limits-cleared = Erreurs de mot de passe oubliées
action-person-password-sent = Un nouveau mot de passe a été demandé
action-person-role-granted = A reçu un rôle système
action-person-role-revoked = A perdu le rôle système
action-person-expiry-set = Fin du compte définie
action-person-user-type-set = Type d’utilisateur défini

action-people-imported = Personnes importées
action-people-exported = Personnes exportées

action-attribute-created = Attribut défini
action-attribute-changed = Attribut modifié
action-attribute-removed = Attribut supprimé

action-automation-created = Automatisation créée
action-automation-job-saved = Automatisation : tâche enregistrée
action-automation-schedule-saved = Automatisation : calendrier enregistré
action-automation-activated = Automatisation activée
action-automation-deactivated = Automatisation désactivée
action-automation-approved = Automatisation approuvée
action-automation-unapproved = Approbation retirée
action-automation-archived = Automatisation archivée
action-automation-removed = Automatisation supprimée
action-mailing-created = Mailing créé
action-mailing-saved = Mailing enregistré
action-mailing-people-added = Mailing : personnes ajoutées
action-mailing-people-removed = Mailing : personnes retirées
action-mailing-group-added = Mailing : groupe ajouté
action-mailing-group-removed = Mailing : groupe retiré
action-mailing-armed = Mailing armé
action-mailing-disarmed = Mailing : départ repris
action-mailing-cancelled = Mailing annulé
action-mailing-approved = Mailing approuvé
action-mailing-failed = Le mailing n’a pas pu commencer
action-mailing-archived = Mailing archivé
action-mailing-restored = Mailing ramené
action-mailing-removed = Mailing supprimé
action-mailing-exported = Personnes d’un envoi exportées
action-mailing-tested = Mailing essayé
action-mailing-forgotten = Mailing : ses personnes oubliées
