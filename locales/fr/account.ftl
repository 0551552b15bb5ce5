# La deuxième étape de la connexion
code-step = Deuxième étape
code-title = Saisissez le code
code-lead = Ouvrez votre application d’authentification et saisissez les six chiffres qu’elle affiche pour { $organisation }.
code-label = Code
code-form = Six chiffres
code-refused = Cela n’a pas marché. Un code vaut environ une minute et ne sert qu’une fois ; après plusieurs erreurs, patientez un peu.
code-other = Pas de téléphone sous la main ? Utiliser un code de secours
code-who = Connexion en tant que { $username }.
code-somebody-else = Se connecter sous un autre nom
recovery-title = Utiliser un code de secours
recovery-lead = Saisissez l’un des codes conservés lors de la configuration. Chacun sert une fois.
recovery-label = Code de secours
recovery-other = Utiliser plutôt le code de l’application

# Configurer un second facteur
enrol-title = Configurer un second facteur
enrol-lead = Ensuite, la connexion demande votre mot de passe et un code de votre téléphone. Un mot de passe volé n’ouvre plus rien à lui seul.
enrol-lead-required = Avec le rôle { $role }, on se connecte avec un mot de passe et un code. Cela prend deux minutes, une seule fois.
enrol-lead-replaces = Le nouvel appareil remplace le précédent, et il y aura de nouveaux codes de secours.
enrol-app-title = Munissez-vous d’une application d’authentification
enrol-app = Toute application de codes temporels convient, sur un téléphone ou dans un gestionnaire de mots de passe : Aegis, 2FAS, Google Authenticator, Microsoft Authenticator, 1Password, Bitwarden et d’autres.
enrol-scan-title = Scannez ceci avec l’application
enrol-qr = Code QR contenant la clé pour votre application d’authentification
enrol-type = Ou saisissez cette clé dans l’application :
enrol-here = L’application est sur cet appareil : l’ouvrir
enrol-confirm-title = Saisissez les six chiffres affichés maintenant
enrol-button = Activer
enrol-wrong-code = Ce code ne correspond pas à la clé ci-dessus. Saisissez celui que l’application affiche maintenant et vérifiez l’horloge de votre appareil.
enrol-stale = Cette page est restée ouverte trop longtemps, voici donc une nouvelle clé. Scannez-la et supprimez l’entrée précédente de l’application.

# Codes de secours
codes-title = Conservez ces codes de secours
codes-lead = Sans votre téléphone, chacun d’eux ouvre la deuxième étape une fois. Gardez-les à part du mot de passe : imprimés ou dans un coffre.
codes-once = Ils ne sont affichés que maintenant. Les codes précédents ne sont plus valables.
codes-save = Enregistrer dans un fichier
codes-next = Je les ai conservés

# Prouver son identité
prove-title = Est-ce toujours vous ?
prove-lead = Il faut de nouveau votre mot de passe. Cela vaut ensuite dix minutes.
prove-kept = Rien n’a encore été modifié. Ce que vous avez envoyé est conservé ici et sera fait dès que vous continuez.
prove-refused = Cela n’a pas marché, ou il y a eu trop d’erreurs. Vérifiez votre saisie et patientez un peu après plusieurs essais.
prove-code-hint = De votre application d’authentification, ou un code de secours.
prove-button = Continuer
prove-back = Retour à la console
prove-drop = Retour, sans la modification

# Le compte de l’opérateur
own-title = Votre compte
own-back = Retour à votre compte
own-profile-title = Qui vous êtes
own-role = Rôle
own-language = Langue
own-language-browser = Comme le demande le navigateur
own-zone = Fuseau horaire
own-zone-hint = Par exemple Europe/Berlin. Vide : celui de l’installation.
own-safety-title = Connexion
own-password-text = Vous restez connecté ici et êtes déconnecté partout ailleurs.
own-factor-title = Second facteur
own-factor-on = activé
own-factor-off = désactivé
own-factor-since = Configuré le { $time }.
own-factor-required = Le rôle { $role } l’exige.
own-factor-replace = Passer à un autre appareil
own-factor-remove = Désactiver
own-codes-title = Codes de secours
own-codes-left =
    { $left ->
        [0] Plus aucun : sans votre téléphone, rien ne s’ouvre plus.
        [one] Encore { $left }.
       *[other] Encore { $left }.
    }
own-codes-renew = Créer de nouveaux codes
own-came-by-recovery =
    { $left ->
        [0] Vous vous êtes connecté avec votre dernier code de secours. Créez-en de nouveaux maintenant et configurez de nouveau le second facteur si le téléphone est perdu.
        [one] Vous vous êtes connecté avec un code de secours ; il en reste { $left }. Configurez de nouveau le second facteur si le téléphone est perdu.
       *[other] Vous vous êtes connecté avec un code de secours ; il en reste { $left }. Configurez de nouveau le second facteur si le téléphone est perdu.
    }
own-proof-hint = Les modifications redemandent votre mot de passe si la dernière fois remonte à plus de dix minutes.
own-end-all = Se déconnecter partout
own-session-browser = Navigateur
own-session-network = Réseau
own-session-since = Connecté
own-session-seen = Dernière utilisation
own-session-end = Déconnecter
own-session-between = pas encore connecté
toast-profile-saved = Enregistré.
toast-password-changed = Votre mot de passe est modifié. Vous êtes déconnecté partout ailleurs.
toast-session-ended = Ce navigateur est déconnecté.
toast-sessions-ended = Vous êtes déconnecté partout ailleurs.
toast-second-factor-removed = Le second facteur est désactivé.

# Dans le journal
action-login-password-accepted = Mot de passe juste, deuxième étape demandée
action-login-code-refused = Code refusé
action-session-proof-refused = Identité non confirmée
action-second-factor-enrolled = Second facteur configuré
action-second-factor-codes-renewed = Nouveaux codes de secours créés
action-second-factor-removed = Second facteur désactivé
action-second-factor-reset = Second facteur réinitialisé
action-role-second-factor-required = Rôle : second facteur exigé ou rendu facultatif
