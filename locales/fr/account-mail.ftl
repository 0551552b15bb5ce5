# Words of the mails about one's own account: personal links, and a changed password.

account-sent-to = Ce message a été envoyé à { $address }.
account-help = Des questions ? { $contact } vous aide.
account-link = Si le bouton ne marche pas, copiez cette adresse dans votre navigateur :

reset-subject = Choisir un nouveau mot de passe chez { $organisation }
reset-title = Choisir un nouveau mot de passe
reset-lead = Quelqu’un a demandé un lien pour choisir un nouveau mot de passe pour votre compte. Tant que vous n’en choisissez pas un, l’ancien reste tel quel.
reset-lead-many = Quelqu’un a demandé un lien pour choisir un nouveau mot de passe. { $number } comptes ont cette adresse ; chacun a son propre lien. Tant que vous n’en choisissez pas un nouveau pour un compte, l’ancien reste tel quel.
reset-account = Compte { $username }
reset-account-named = Compte { $username } · { $name }
reset-action = Choisir un nouveau mot de passe
reset-fact-asked = Demandé
reset-fact-until = Le lien est valable jusqu’au
reset-after = Ensuite, ou si le lien a servi, demandez-en un autre ici : { $url }
reset-not-me = Vous n’avez rien demandé ? Alors vous n’avez rien à faire.
reset-not-me-action = Annuler le lien

changed-subject = Votre mot de passe chez { $organisation } a été modifié
changed-title = Votre mot de passe a été modifié
changed-lead = Le mot de passe de votre compte { $username } a été modifié. Tous les appareils connectés ont été déconnectés.
changed-fact-at = Modifié
changed-mine = Si c’était vous, tout va bien.
changed-not-mine = Sinon, dites-le tout de suite à { $contact }, et choisissez un autre mot de passe sur la page de connexion.
changed-not-mine-nobody = Sinon, choisissez tout de suite un autre mot de passe sur la page de connexion, et dites-le à ceux qui la gèrent.
