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
action-person-limits-cleared = Limites levées
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
action-automation-event-saved = Automatisation : événement enregistré
action-automation-frame-saved = Automatisation : période enregistrée
action-automation-activated = Automatisation activée
action-automation-deactivated = Automatisation désactivée
action-automation-approved = Automatisation approuvée
action-automation-unapproved = Approbation retirée
action-automation-archived = Automatisation archivée
action-automation-removed = Automatisation supprimée
action-mailing-created = Envoi créé
action-mailing-saved = Envoi enregistré
action-mailing-people-added = Envoi : personnes ajoutées
action-mailing-people-removed = Envoi : personnes retirées
action-mailing-group-added = Envoi : groupe ajouté
action-mailing-group-removed = Envoi : groupe retiré
action-mailing-armed = Envoi programmé
action-mailing-disarmed = Envoi : départ repris
action-mailing-cancelled = Envoi annulé
action-mailing-approved = Envoi approuvé
action-mailing-failed = L’envoi n’a pas pu commencer
action-mailing-archived = Envoi archivé
action-mailing-restored = Envoi ramené
action-mailing-removed = Envoi supprimé
action-mailing-exported = Personnes d’un envoi exportées
action-mailing-tested = Envoi essayé
action-mailing-forgotten = Envoi : ses personnes oubliées

action-bounce-recorded = Message revenu
action-bounce-ignored = Retour ignoré

action-group-created = Groupe créé
action-group-changed = Groupe modifié
action-group-removed = Groupe supprimé
action-group-members-added = Personnes ajoutées à un groupe
action-group-members-removed = Personnes retirées d’un groupe

action-holiday-saved = Jour férié enregistré
action-holiday-removed = Jour férié supprimé

action-login-succeeded = Connecté
action-login-refused = Connexion refusée
action-login-verified = Mot de passe vérifié pour une application

action-password-changed = Mot de passe choisi
action-password-refused = Mot de passe refusé par les règles
action-password-mailed-used = Mot de passe envoyé utilisé
action-password-reset = Mot de passe défini par un lien
action-password-notice-sent = Informé par courriel du changement de mot de passe
action-password-notice-failed = Le message sur le changement de mot de passe n’a pas pu être envoyé

action-reset-asked = Un lien a été demandé
action-reset-left-out = Lien demandé, mais aucun ne peut être envoyé
action-reset-link-sent = Lien pour choisir un mot de passe envoyé
action-reset-link-failed = Le lien pour choisir un mot de passe n’a pas pu être envoyé
action-reset-not-me = Signale ne pas avoir demandé le lien
action-reset-unknown-link = Un lien qui n’a jamais existé a été essayé

action-role-created = Rôle créé
action-role-changed = Rôle modifié
action-role-removed = Rôle supprimé

action-run-started = Exécution commencée
action-run-paused = Exécution mise en pause
action-run-resumed = Exécution reprise
action-run-cancelled = Exécution annulée
action-run-retried = Échecs réessayés
action-run-recorded = Réponses du relais enregistrées
action-run-recounted = Exécution recomptée

action-selection-created = Sélection créée
action-selection-saved = Sélection enregistrée
action-selection-published = Sélection publiée
action-selection-archived = Sélection archivée
action-selection-restored = Sélection restaurée
action-selection-removed = Sélection supprimée

action-sending-stopped = Tous les envois arrêtés
action-sending-started = Envois repris

action-session-ended = Déconnecté
action-session-others-ended = Déconnecté partout ailleurs
action-session-proved = Identité confirmée

action-template-saved = Modèle enregistré
action-template-reset = Modèle rétabli
action-template-tested = Message d’essai envoyé

actor-operator = un opérateur
actor-program = un programme
actor-recipient = la personne elle-même
actor-system = Passpost
actor-command-line = la ligne de commande
action-run-exported = Destinataires d’une exécution exportés
action-bootstrap-offered = Lien pour le premier Owner créé
action-bootstrap-used = Devenu premier Owner
action-key-created = Clé d’API créée
action-key-revoked = Clé d’API révoquée
action-request-refused = Requête refusée

action-limit-mailbox-cleared = Limites d’une boîte levées
action-limit-network-cleared = Limites d’un réseau levées
action-reset-absorbed = A demandé un lien ; aucun n’est parti
action-reset-bounced = Message avec un lien revenu
action-password-notice-bounced = Avis d’un mot de passe changé revenu
action-group-offered = Ce que les destinataires voient du groupe a été défini
action-person-data-taken = A téléchargé ses propres données
action-subscription-asked = Abonnement demandé
action-subscription-started = Abonné
action-subscription-ended = Désabonné
action-subscription-all-ended = Désabonné de tout
action-subscription-all-allowed = Reçoit à nouveau des envois
action-subscription-link-sent = Lien de confirmation des abonnements envoyé
action-subscription-link-failed = Le lien de confirmation des abonnements n’a pas pu être envoyé
action-address-asked = Autre adresse demandée
action-address-withdrawn = Garde l’ancienne adresse
action-address-confirmed = Adresse confirmée par un lien
action-address-objected = L’ancienne boîte s’est opposée au changement d’adresse
action-address-link-sent = Lien envoyé à la nouvelle adresse
action-address-link-failed = Le lien n’a pas pu être envoyé à la nouvelle adresse
action-address-notice-sent = L’ancienne adresse a été prévenue du changement
action-address-notice-failed = L’ancienne adresse n’a pas pu être prévenue
action-address-unknown-link = Un lien de confirmation qui n’en a jamais été un a été essayé
action-deletion-asked = A demandé à être effacé
action-deletion-withdrawn = A retiré sa demande d’effacement
action-deletion-declined = Effacement refusé
action-deletion-notice-sent = Prévenu par message de la demande d’effacement
action-deletion-notice-failed = Le message sur la demande d’effacement n’a pas pu être envoyé
action-address-link-bounced = Le message avec le lien pour confirmer une adresse est revenu
action-address-notice-bounced = L’avis de changement d’adresse est revenu
action-subscription-link-bounced = Le message avec le lien pour confirmer des abonnements est revenu
action-deletion-notice-bounced = L’avis d’une demande d’effacement est revenu
