# La référence de l'API. Les opérations elles-mêmes sont décrites en anglais.

reference-title = Référence de l'API
reference-contents = Sommaire
reference-key = Votre clé d'API
reference-key-hint = Elle reste dans la mémoire de cette page et disparaît quand vous la fermez ou la rechargez.
reference-parameters = Paramètres
reference-required = obligatoire
reference-body = Corps de la requête
reference-answer = Réponse
reference-example = Exemple
reference-try = Essayer
reference-send = Envoyer
reference-changes = La requête est réellement exécutée.
reference-failed = La requête n'a pas atteint le serveur.
