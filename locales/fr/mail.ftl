# Les mots des messages, et ce que la console en dit.

# Ouvre un message.
salutation = Bonjour { $name },
salutation-nobody = Bonjour,

# Une heure dans le fuseau de la personne.
clock-time = { $weekday } { $day } { $month } { $year } à { $time } (fuseau { $zone })
weekday-1 = lundi
weekday-2 = mardi
weekday-3 = mercredi
weekday-4 = jeudi
weekday-5 = vendredi
weekday-6 = samedi
weekday-7 = dimanche
month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre

# Ce qui peut figurer dans un message, pour la liste à côté de l’éditeur.
replacement-salutation = Une formule d’appel avec le nom de la personne, ou sans lui quand il ressemble à un lien
replacement-full_name = Comment appeler la personne
replacement-given_name = Prénom ; peut être vide
replacement-family_name = Nom de famille ; peut être vide
replacement-display_name = Le nom affiché de la personne ; peut être vide
replacement-request_password_link = La page où la personne demande un lien personnel ; ne porte aucun secret
replacement-personal_link = La page où cette personne choisit un nouveau mot de passe ; qui l’a peut le faire
replacement-valid_until-link = Jusqu’à quand le lien personnel marche, dans le fuseau de la personne
replacement-username = Ce avec quoi la personne se connecte
replacement-address = L’adresse à laquelle part ce message
replacement-language = La langue du message, par exemple fr
replacement-organisation = Votre nom, d’après les réglages
replacement-help_contact = À qui s’adresser, d’après les réglages ; peut être vide
replacement-login_url = L’adresse de la page de connexion
replacement-password = Le nouveau mot de passe ; seulement dans le texte visible
replacement-valid_until = Jusqu’à quand le mot de passe ouvre la page de choix d’un nouveau, dans le fuseau de la personne
replacement-accent = Votre couleur, d’après les réglages
replacement-on_accent = Noir ou blanc, selon ce qui se lit le mieux sur votre couleur

# Pourquoi un message n’est pas arrivé.
cause-mailbox-unknown = Cette boîte aux lettres n’existe pas.
cause-domain-unknown = Le domaine ne reçoit pas de courrier.
cause-mailbox-disabled = La boîte aux lettres est désactivée.
cause-mailbox-full = La boîte aux lettres est pleine.
cause-needs-smtputf8 = Le relais ne sait pas écrire aux adresses avec des lettres comme é.
cause-too-large = Le message est trop grand pour le destinataire.
cause-content-refused = Le contenu a été refusé.
cause-refused = Le relais a refusé le message.
cause-later = Le destinataire demande de réessayer plus tard.
cause-login-refused = Le relais refuse notre identification.
cause-encryption-demanded = Le relais exige TLS ou une identification.
cause-sender-refused = Le relais refuse notre adresse d’expéditeur.
cause-policy = Une règle du destinataire ou du relais refuse notre courrier.
cause-rate-limited = Le relais ou le destinataire veut moins de messages.
cause-relay-busy = Le relais ne peut pas prendre de courrier pour le moment.
cause-protocol = Le relais ne nous comprend pas.
