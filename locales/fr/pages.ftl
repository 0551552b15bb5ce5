# Textes des pages des destinataires et de l’entrée de la console.

skip = Aller au contenu
help-label = Des questions ?
optional = (facultatif)
username-label = Nom d’utilisateur ou adresse e‑mail
password-label = Mot de passe
reveal-show = Afficher
reveal-hide = Masquer

# Se connecter
login-title = Se connecter
login-lead = Avec le mot de passe reçu par e‑mail ou, si vous en avez choisi un, avec le vôtre.
login-button = Se connecter
login-mailed-hint = Un mot de passe reçu par e‑mail sert une fois. Vous choisissez le vôtre juste après.
login-refused = Cela n’a pas fonctionné. Vérifiez le nom d’utilisateur et le mot de passe. Un mot de passe reçu par e‑mail sert une fois et pour un temps limité ; après plusieurs essais erronés, attendez un peu.
login-stale = Cette page est restée ouverte trop longtemps, ou votre navigateur refuse les cookies. Veuillez réessayer.

# Après un mot de passe reçu par e-mail
forced-step = Encore une étape
forced-title = Choisissez votre mot de passe
forced-lead = Bienvenue, { $name }. Le mot de passe de l’e‑mail a maintenant servi. Choisissez le vôtre pour continuer.
forced-button = Enregistrer le mot de passe
forced-leave = Se déconnecter sans en choisir un
new-label = Nouveau mot de passe
new-again-label = Le même encore une fois
new-rule = Au moins { $least } caractères.
new-advice = Quelques mots sans rapport entre eux sont solides et faciles à retenir. Coller depuis un gestionnaire de mots de passe fonctionne.
new-refused = Ce mot de passe ne convient pas :
new-same = Les deux sont identiques.
new-differs = Pas encore identiques.

done-title = Votre mot de passe est enregistré
done-lead = Désormais, connectez-vous avec votre propre mot de passe. Partout ailleurs, vous êtes déconnecté.
done-next = Continuer

# Le changer
change-title = Changer le mot de passe
change-lead = Vous restez connecté ici et êtes déconnecté partout ailleurs.
change-current-label = Mot de passe actuel
change-wrong-current = Le mot de passe actuel n’est pas le bon, ou il y a eu trop d’essais erronés. Attendez un peu et réessayez.
change-button = Changer le mot de passe
change-back = Retour à votre compte

# Le compte
account-title = Votre compte
account-greeting = Bonjour, { $name }
account-username = Nom d’utilisateur
account-address = Adresse e‑mail
account-change-password = Changer le mot de passe
account-sessions = Où vous êtes connecté
account-this = ce navigateur
account-seen = utilisé le { $time }
account-unknown-browser = Navigateur inconnu
account-end-others = Se déconnecter partout ailleurs
account-leave = Se déconnecter

# Un lien pour choisir un autre mot de passe
reset-forgotten = Mot de passe oublié ?
reset-ask-title = Choisir un autre mot de passe
reset-ask-lead = Saisissez votre nom d’utilisateur ou votre adresse e-mail. Nous vous envoyons un lien pour choisir un nouveau mot de passe.
reset-ask-button = M’envoyer un lien
reset-ask-hint = Tant que vous n’utilisez pas le lien, votre mot de passe reste le même.
reset-ask-empty = Saisissez votre nom d’utilisateur ou votre adresse e-mail.
reset-ask-too-long = C’est plus long que { $most } caractères. Saisissez votre nom d’utilisateur ou votre adresse e-mail.
reset-ask-control = Il s’y trouve un signe qu’aucun nom ni aucune adresse ne peut contenir. Saisissez-le à nouveau.
reset-ask-wait-seconds = Trop de liens ont été demandés. Réessayez dans { $number ->
    [one] une seconde
   *[other] { $number } secondes
 }.
reset-ask-wait-minutes = Trop de liens ont été demandés depuis votre réseau. Réessayez dans { $number ->
    [one] une minute
   *[other] { $number } minutes
 }.
reset-asked-title = Regardez dans votre boîte aux lettres
reset-asked-lead = S’il existe un compte, un e-mail avec un lien est en route. Il indique jusqu’à quand le lien est valable.
reset-asked-nothing = Rien après quelques minutes ?
reset-asked-spam = Regardez dans le dossier des courriers indésirables.
reset-asked-spelling = Vérifiez ce que vous avez saisi, ou essayez votre autre adresse.
reset-asked-help = Demandez au contact ci-dessous : peut-être une autre adresse est-elle enregistrée pour vous, ou aucune.
reset-asked-help-nobody = Demandez à qui vous a donné le compte : peut-être une autre adresse est-elle enregistrée pour vous, ou aucune.
reset-asked-again = M’envoyer un autre lien
reset-asked-wait = Un autre lien dans { $seconds } s
reset-new-title = Choisissez un nouveau mot de passe
reset-new-lead = Pour le compte { $username }. Une fois le mot de passe enregistré, vous êtes déconnecté partout.
reset-new-until = Le lien est valable jusqu’au { $time }, une seule fois.
reset-new-stale = Cette page est restée ouverte trop longtemps, ou vous avez suivi un autre lien entre-temps. Voici le compte du lien le plus récent ; saisissez à nouveau le mot de passe.
reset-new-too-many = Trop de mots de passe inutilisables ont été essayés avec ce lien. Choisissez-en un long que personne d’autre n’a, ou demandez un autre lien.
reset-done-lead = Connectez-vous avec votre nouveau mot de passe. Vous avez été déconnecté partout, et un e-mail vous signale le changement.
reset-gone-title = Ce lien ne fonctionne pas
reset-gone-lead = Il a été utilisé, n’est plus valable ou a été remplacé par un plus récent. Un nouveau lien arrive en une minute.
reset-gone-button = M’envoyer un nouveau lien
reset-gone-hint = Seuls les liens des e-mails les plus récents fonctionnent. Copiez l’adresse entière si votre logiciel l’a coupée.
reset-report-title = Ce n’était pas vous ?
reset-report-lead = Quelqu’un a saisi ici votre nom d’utilisateur ou votre adresse, peut-être par erreur. Votre mot de passe n’a pas été changé. Vous pouvez annuler les liens de cet e-mail.
reset-report-button = Annuler les liens
reset-report-done-title = Les liens sont annulés
reset-report-done-lead = Les liens de cet e-mail ne fonctionnent plus, et qui gère ce service peut voir votre signalement. Votre mot de passe n’a pas changé.
reset-report-advice = Si de tels e-mails reviennent, assurez-vous que personne d’autre ne lit votre courrier.

# La solidité d’un mot de passe
strength-good = Bien : difficile à deviner.
strength-very-good = Très bien : très difficile à deviner.

# Pourquoi un mot de passe ne convient pas
problem-too-short = Il a { $length } caractères ; il en faut au moins { $least }.
problem-too-long = Il dépasse 256 caractères.
problem-blocklisted = Il figure dans une liste de mots de passe connus.
problem-service-name = Il n’est guère plus que le nom de ce service ou de l’organisation.
problem-own-name = Il n’est guère plus que votre nom, votre nom d’utilisateur ou votre adresse.
problem-repeated = Il répète un court morceau.
problem-sequence = C’est surtout une suite comme abcdef, 123456 ou une rangée de touches.
problem-easy-to-guess = Il est facile à deviner.
problem-not-new = C’est le mot de passe que vous aviez déjà.
problem-different = Les deux champs diffèrent. Saisissez deux fois le même mot de passe.
hint-more-words = Ajoutez un ou deux mots peu courants.
hint-not-common = Il ressemble à un mot de passe que beaucoup utilisent.
hint-no-keyboard-rows = Les rangées de touches sont essayées en premier.
hint-no-repeats = Répéter un morceau n’apporte presque rien.
hint-no-sequences = Les suites comme abc ou 6543 n’apportent presque rien.
hint-no-dates = Les années et les dates sont faciles à deviner.
hint-no-names = Les noms sont faciles à deviner.
hint-no-tricks = Majuscules, mots inversés et signes à la place des lettres n’apportent presque rien.

# L’entrée de la console
console-name = Console
console-login-title = Connexion des opérateurs
console-login-welcome = Le premier propriétaire est en place. Connectez-vous pour commencer.
console-login-recipients = Avez-vous reçu un mot de passe par e‑mail ?
console-login-recipients-link = Connectez-vous ici
setup-title = Créer le premier propriétaire
setup-lead = Le propriétaire peut tout faire ici et donne accès aux autres. Ce lien sert une fois.
setup-given-name = Prénom
setup-family-name = Nom
setup-address = Adresse e‑mail
setup-username-hint = Laissez vide pour vous connecter avec l’adresse.
setup-button = Créer le propriétaire
setup-gone-title = Ce lien ne fonctionne pas
setup-gone-text = Il a servi, date de plus d’une heure, ou il y a déjà un propriétaire. La commande suivante en donne un nouveau :

# Quand quelque chose ne va pas
failure-id = Requête { $id }
failure-next-login = Vers la page de connexion
failure-next-console = Vers la console
failure-next-mailbox = Vers la boîte aux lettres
failure-bad-request-title = Ce n’était pas lisible
failure-bad-request-text = La requête n’était pas telle que cette page l’envoie. Revenez en arrière, rechargez la page et réessayez.
failure-forbidden-title = Non autorisé
failure-forbidden-text = Soit votre rôle ne le permet pas, soit la page est restée ouverte trop longtemps. Rechargez-la et réessayez.
failure-not-found-title = Il n’y a rien ici
failure-not-found-text = L’adresse est peut-être mal saisie, ou la page n’existe plus.
failure-method-title = Pas de cette façon
failure-method-text = Cette page ne s’utilise pas ainsi. Recommencez depuis la page de connexion.
failure-too-large-title = Trop grand
failure-too-large-text = L’envoi dépasse ce que cette page accepte.
failure-misdirected-title = Une autre adresse
failure-misdirected-text = Ce serveur ne répond pas sous l’adresse utilisée. La sienne est celle-ci :
failure-too-many-title = Un peu trop vite
failure-too-many-text = Il y a eu trop d’essais. Attendez un instant et réessayez.
failure-internal-title = Notre erreur
failure-internal-text = Quelque chose s’est mal passé de notre côté. Réessayez, et donnez le numéro ci-dessous si cela persiste.
failure-unavailable-title = Beaucoup de monde
failure-unavailable-text = Il y a beaucoup de monde à la fois. Attendez quelques secondes et réessayez.
