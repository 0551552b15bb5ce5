# The preference center: what recipients get, how they are written to, at which address; links that confirm.

preferences-title = Vos préférences
preferences-lead = Ce que vous recevez de nous, et comment. Les messages sur votre compte et votre mot de passe arrivent toujours.
preferences-open = Ce que vous recevez et comment
preferences-back = Retour à vos préférences
preferences-subscriptions = Ce que vous recevez
preferences-nothing-offered = Il n’y a rien à quoi s’abonner pour le moment.
preferences-waits = attend votre confirmation
preferences-waiting = Suivez le lien dans votre boîte. Pas de message ? Décochez, enregistrez, et recochez un peu plus tard.
preferences-asks = Nous vous envoyons d’abord un lien ; cela compte dès que vous l’avez suivi.
preferences-reason = Vous décochez quelque chose ? Vous pouvez nous dire pourquoi
preferences-reason-label = Pourquoi
preferences-how = Comment nous vous écrivons
preferences-language = Langue
preferences-language-any = Celle de mon navigateur
preferences-time-zone = Fuseau horaire
preferences-time-zone-hint = Pour les heures dans les messages. Vide : { $zone }
preferences-about = À votre sujet
preferences-save = Enregistrer
preferences-not-saved = Rien n’est encore enregistré. Regardez ce qui est marqué ci-dessous.
preferences-wait = Trop de messages ont été demandés, rien n’est donc enregistré. Réessayez dans { $number ->
    [one] une minute
   *[other] { $number } minutes
 }.

preferences-confirmed = confirmée
preferences-unconfirmed = non confirmée
preferences-undeliverable = les messages n’arrivent pas
preferences-no-address = Nous n’avons aucune adresse de vous.
preferences-address-waiting = { $address } attend sa confirmation : suivez le lien que nous y avons envoyé, avant le { $until }. D’ici là tout va à l’ancienne adresse.
preferences-address-change = Changer l’adresse
preferences-address-again = Renvoyer, ou une autre adresse
preferences-address-withdraw = Garder l’ancienne adresse
preferences-address-lead = Nous envoyons un lien à la nouvelle adresse. Elle compte dès que vous l’avez suivi ; l’ancienne adresse est aussi prévenue.
preferences-address-now = Jusqu’ici
preferences-address-new = Nouvelle adresse
preferences-address-button = Envoyer le lien
preferences-address-hint = Vous continuez à vous connecter en tant que { $username }.
preferences-password-missing = Saisissez votre mot de passe actuel.

preferences-stop = Aucun envoi
preferences-stop-lead = Vous quittez tout ce qui précède et ne recevez que ce qui concerne votre compte : mots de passe, liens demandés, changements.
preferences-stop-button = Se désabonner de tout
preferences-stopped = Depuis le { $since } vous ne recevez aucun envoi, seulement ce qui concerne votre compte.
preferences-allow = Recevoir à nouveau des envois

preferences-data = Vos données
preferences-data-lead = Ce que nous gardons de vous, en fichier, ou effacé pour de bon.
preferences-data-take = Télécharger mes données
preferences-deletion-ask = Demander l’effacement
preferences-deletion-withdraw = Retirer la demande
preferences-deletion-waiting = Vous avez demandé le { $time } à être effacé. Nous l’examinons ; d’ici là tout marche comme avant.
preferences-declined = Vous avez demandé le { $time } à être effacé. Nous n’avons pas pu le faire :

deletion-title = Demander l’effacement
deletion-lead = Nous effaçons votre compte avec tout ce qui s’y rattache. Quelqu’un examine d’abord chaque demande.
deletion-what = Noms, adresse, abonnements, mot de passe et sessions disparaissent pour de bon.
deletion-until = Jusqu’à la décision vous pouvez retirer la demande.
deletion-data = Si vous voulez une copie de vos données, téléchargez-la d’abord.
deletion-button = Le demander

saved-subscribed = Enregistré : vous êtes abonné.
saved-unsubscribed = Enregistré : vous êtes désabonné.
saved-waiting = Regardez dans votre boîte : votre nouvel abonnement compte dès que vous avez suivi le lien du message.
saved-language = Enregistré : votre langue.
saved-time-zone = Enregistré : votre fuseau horaire.
saved-record = Enregistré : ce qui est à votre sujet.
saved-nothing = Tout est comme avant : rien n’était différent.
saved-stopped = C’est fait : vous ne recevez plus d’envois, seulement ce qui concerne votre compte.
saved-allowed = Vous recevez à nouveau des envois. Cochez ce que vous voulez.
saved-address-asked = Regardez dans la boîte de la nouvelle adresse : elle compte dès que vous y avez suivi le lien.
saved-address-withdrawn = L’ancienne adresse reste.
saved-deletion-asked = Nous avons votre demande. Un message la confirme, et nous l’examinons.
saved-deletion-withdrawn = Votre demande est retirée. Rien n’est effacé.

confirm-until = Le lien est valable jusqu’au { $time }, une fois.
confirm-stale = Cette page est restée ouverte trop longtemps, ou vous avez suivi un autre lien entre-temps. Voici à quoi sert le plus récent.
confirm-gone-lead = Il a servi, il est périmé, ou quelque chose a changé entre-temps. Connectez-vous pour voir ce qu’il en est.
confirm-address-title = Cette adresse est-elle à vous ?
confirm-address-lead = Les messages pour le compte { $username } iront alors à { $address }.
confirm-address-button = Oui, utiliser cette adresse
confirm-address-done-title = L’adresse est confirmée
confirm-address-done-lead = Les messages pour le compte { $username } vont maintenant à { $address }. Vous vous connectez comme avant.
confirm-subscription-title = Voulez-vous recevoir cela ?
confirm-subscription-lead = Pour le compte { $username } :
confirm-subscription-button = Oui, m’abonner
confirm-subscription-done-title = Vous êtes abonné
confirm-subscription-done-lead = Vous pouvez partir à tout moment dans vos préférences.
confirm-objection-title = Arrêter le changement d’adresse ?
confirm-objection-lead = Les messages pour le compte { $username } continuent d’arriver à l’adresse que vous connaissez.
confirm-objection-button = Arrêter le changement
confirm-objection-done-title = Le changement est arrêté
confirm-objection-done-lead = Les messages pour le compte { $username } continuent d’arriver à l’adresse que vous connaissez. Si ce n’était pas vous, quelqu’un connaît votre mot de passe : choisissez-en un autre maintenant.
confirm-objection-made-title = Annuler le changement d’adresse ?
confirm-objection-made-lead = Le compte { $username } a déjà une nouvelle adresse. Vous pouvez retrouver l’ancienne ; tous ceux qui sont connectés seront déconnectés.
confirm-objection-made-button = Annuler le changement
confirm-objection-made-done-title = L’ancienne adresse est de retour
confirm-objection-made-done-lead = Les messages pour le compte { $username } vont à nouveau à l’ancienne adresse, et tous ont été déconnectés. Quelqu’un connaît votre mot de passe : choisissez-en un autre maintenant.

unsubscribe-title = Se désabonner ?
unsubscribe-one = Vous ne recevrez plus « { $title } ».
unsubscribe-all = Vous ne recevrez plus aucun envoi, seulement ce qui concerne votre compte.
unsubscribe-button = Se désabonner
unsubscribe-done-title = Vous êtes désabonné
unsubscribe-done-one = Vous ne recevez plus « { $title } ».
unsubscribe-done-all = Vous ne recevez plus aucun envoi, seulement ce qui concerne votre compte.
unsubscribe-change-mind = Vous changez d’avis ?
