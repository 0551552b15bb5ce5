# Words of the mails about one's own account: personal links, and a changed password.

account-sent-to = This mail went to { $address }.
account-help = Questions? { $contact } helps.
account-link = If the button does not work, copy this address into your browser:

reset-subject = Choose a new password at { $organisation }
reset-title = Choose a new password
reset-lead = Somebody asked for a link to choose a new password for your account. Until you choose one, the old password stays as it is.
reset-lead-many = Somebody asked for a link to choose a new password. { $number } accounts use this address; each has its own link. Until you choose a new password for an account, its old one stays as it is.
reset-account = Account { $username }
reset-account-named = Account { $username } · { $name }
reset-action = Choose a new password
reset-fact-asked = Asked for
reset-fact-until = The link works until
reset-after = After that, or when the link was used, ask for another one here: { $url }
reset-not-me = You did not ask for this? Then there is nothing you have to do.
reset-not-me-action = Make the link void

changed-subject = Your password at { $organisation } was changed
changed-title = Your password was changed
changed-lead = The password of your account { $username } was changed. All devices that were signed in have been signed out.
changed-fact-at = Changed
changed-mine = If that was you, all is well.
changed-not-mine = If it was not, tell { $contact } at once, and set another password on the sign-in page.
changed-not-mine-nobody = If it was not, set another password on the sign-in page at once, and tell whoever runs it.
