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

verify-subject = Confirm your new address at { $organisation }
verify-title = Confirm this address
verify-lead = Somebody who is signed in to the account { $username } asked that mail for it goes to this address. It is not used before you say that it is yours.
verify-action = This address is mine
verify-after = You do not know this account? Then do nothing: without a click nothing changes, and nobody learns whether this address is used here.

object-subject = Your address at { $organisation } is about to change
object-title = Another address was asked for
object-lead = Somebody who knows the password of your account { $username } asked that mail goes to another address from now on. Once the new address is confirmed, mail no longer comes here.
object-action = Stop the change
object-after = If that was you, do nothing. If it was not, stop the change here, also when it was made already, and then set another password.

subscribe-subject = Confirm what you subscribe to at { $organisation }
subscribe-title = One click is missing
subscribe-lead = For your account { $username } somebody asked for what is listed below. You get it once you confirm it here.
subscribe-action = Yes, I want this
subscribe-fact-title = Subscription
subscribe-after = You did not ask for it? Then do nothing: without a click you get nothing.
subscribe-none = You want no mailings at all?
subscribe-none-action = Unsubscribe from everything

deletion-subject = Your account at { $organisation } is asked to be erased
deletion-title = You asked us to erase your account
deletion-lead = Somebody who knows the password of your account { $username } asked us to erase it with all that belongs to it. We look at it and then decide; until then the account works as before.
deletion-after = You can take the request back at your own pages, under your preferences.
deletion-not-mine = If it was not you, take it back there and set another password at once.
