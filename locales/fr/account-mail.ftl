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

verify-subject = Confirmez votre nouvelle adresse chez { $organisation }
verify-title = Confirmez cette adresse
verify-lead = Quelqu’un qui est connecté au compte { $username } souhaite que les messages aillent à cette adresse. Elle ne sert pas tant que vous n’avez pas dit qu’elle est à vous.
verify-action = Cette adresse est à moi
verify-after = Vous ne connaissez pas ce compte ? Alors ne faites rien : sans un clic rien ne change, et personne n’apprend si cette adresse sert ici.

object-subject = Votre adresse chez { $organisation } va changer
object-title = Une autre adresse a été demandée
object-lead = Quelqu’un qui connaît le mot de passe de votre compte { $username } souhaite que les messages aillent désormais à une autre adresse. Dès que la nouvelle est confirmée, plus aucun message n’arrive ici.
object-action = Arrêter le changement
object-after = Si c’était vous, ne faites rien. Sinon, arrêtez le changement ici, même s’il est déjà fait, puis choisissez un autre mot de passe.

subscribe-subject = Confirmez vos abonnements chez { $organisation }
subscribe-title = Il manque un clic
subscribe-lead = Pour votre compte { $username }, ce qui suit a été demandé. Vous le recevrez dès que vous l’aurez confirmé ici.
subscribe-action = Oui, je le veux
subscribe-fact-title = Abonnement
subscribe-after = Vous n’avez rien demandé ? Alors ne faites rien : sans un clic vous ne recevrez rien.
subscribe-none = Vous ne voulez aucun envoi ?
subscribe-none-action = Se désabonner de tout

deletion-subject = Votre compte chez { $organisation } doit être effacé
deletion-title = Vous nous avez demandé d’effacer votre compte
deletion-lead = Quelqu’un qui connaît le mot de passe de votre compte { $username } nous a demandé de l’effacer avec tout ce qui s’y rattache. Nous l’examinons puis décidons ; d’ici là, le compte reste tel quel.
deletion-after = Vous pouvez retirer la demande sur vos propres pages, dans vos préférences.
deletion-not-mine = Si ce n’était pas vous, retirez-la là et choisissez tout de suite un autre mot de passe.
