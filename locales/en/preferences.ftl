# The preference center: what recipients get, how they are written to, at which address; links that confirm.

preferences-title = Your preferences
preferences-lead = What you get from us, and how. Mails about your account and your password always come.
preferences-open = What you get and how
preferences-back = Back to your preferences
preferences-subscriptions = What you get
preferences-nothing-offered = There is nothing to subscribe to at the moment.
preferences-waits = waits for your confirmation
preferences-waiting = Follow the link in your mailbox. No mail? Untick it, save, and tick it again a little later.
preferences-asks = We mail you a link first; it counts once you have followed it.
preferences-reason = You untick something? You may tell us why
preferences-reason-label = Why
preferences-how = How we write to you
preferences-language = Language
preferences-language-any = As my browser asks
preferences-time-zone = Time zone
preferences-time-zone-hint = For clock times in mails. Empty: { $zone }
preferences-about = About you
preferences-save = Save
preferences-not-saved = Nothing is saved yet. Look at what is marked below.
preferences-wait = Too many mails were asked for, so nothing is saved. Try again in { $number ->
    [one] one minute
   *[other] { $number } minutes
 }.

preferences-confirmed = confirmed
preferences-unconfirmed = not confirmed
preferences-undeliverable = mail does not arrive
preferences-no-address = We have no address of yours.
preferences-address-waiting = { $address } waits for its confirmation: follow the link we mailed to it, by { $until }. Until then everything goes to the old address.
preferences-address-change = Change the address
preferences-address-again = Mail it again, or another address
preferences-address-withdraw = Keep the old address
preferences-address-lead = We mail a link to the new address. It counts once you have followed it; the old address is told, too.
preferences-address-now = Until now
preferences-address-new = New address
preferences-address-button = Mail me the link
preferences-address-hint = You go on signing in as { $username }.
preferences-password-missing = Type your current password.

preferences-stop = No mailings at all
preferences-stop-lead = You leave everything above and get only what concerns your account: passwords, links you ask for, changes.
preferences-stop-button = Unsubscribe from everything
preferences-stopped = Since { $since } you get no mailings, only what concerns your account.
preferences-allow = Take mailings again

preferences-data = Your data
preferences-data-lead = What we keep of you, as a file, or gone for good.
preferences-data-take = Download my data
preferences-deletion-ask = Ask to be erased
preferences-deletion-withdraw = Take the request back
preferences-deletion-waiting = You asked on { $time } to be erased. We look at it; until then everything works as before.
preferences-declined = You asked on { $time } to be erased. We could not do that:

deletion-title = Ask to be erased
deletion-lead = We erase your account with all that belongs to it. Somebody looks at every request first.
deletion-what = Names, address, subscriptions, password and sessions go for good.
deletion-until = Until it is decided you can take the request back.
deletion-data = If you want a copy of your data, download it first.
deletion-button = Ask for it

saved-subscribed = Saved: you are subscribed.
saved-unsubscribed = Saved: you are unsubscribed.
saved-waiting = Look into your mailbox: your new subscription counts once you have followed the link in the mail.
saved-language = Saved: your language.
saved-time-zone = Saved: your time zone.
saved-record = Saved: what is about you.
saved-nothing = All is as it was: nothing was different.
saved-stopped = Done: you get no mailings any more, only what concerns your account.
saved-allowed = You take mailings again. Tick what you want to get.
saved-address-asked = Look into the mailbox of the new address: it counts once you have followed the link there.
saved-address-withdrawn = The old address stays.
saved-deletion-asked = We have your request. A mail confirms it, and we look at it.
saved-deletion-withdrawn = Your request is taken back. Nothing is erased.

confirm-until = The link works until { $time }, once.
confirm-stale = This page was open for too long, or you followed another link meanwhile. This is what the newest link is for.
confirm-gone-lead = It was used, is over, or something changed meanwhile. Sign in to see how things are.
confirm-address-title = Is this address yours?
confirm-address-lead = Mail for the account { $username } goes to { $address } from then on.
confirm-address-button = Yes, use this address
confirm-address-done-title = The address is confirmed
confirm-address-done-lead = Mail for the account { $username } goes to { $address } now. You sign in as before.
confirm-subscription-title = You want to get this?
confirm-subscription-lead = For the account { $username }:
confirm-subscription-button = Yes, subscribe
confirm-subscription-done-title = You are subscribed
confirm-subscription-done-lead = You can leave at any time under your preferences.
confirm-objection-title = Stop the change of address?
confirm-objection-lead = Mail for the account { $username } goes on coming to the address you know.
confirm-objection-button = Stop the change
confirm-objection-done-title = The change is stopped
confirm-objection-done-lead = Mail for the account { $username } goes on coming to the address you know. If it was not you who asked, somebody knows your password: choose another one now.
confirm-objection-made-title = Take the change of address back?
confirm-objection-made-lead = The account { $username } has a new address already. You can have the old one back; everybody who is signed in is signed out.
confirm-objection-made-button = Take it back
confirm-objection-made-done-title = The old address is back
confirm-objection-made-done-lead = Mail for the account { $username } goes to the old address again, and everybody was signed out. Somebody knows your password: choose another one now.

unsubscribe-title = Unsubscribe?
unsubscribe-one = You will not get “{ $title }” any more.
unsubscribe-all = You will not get any mailings any more, only what concerns your account.
unsubscribe-button = Unsubscribe
unsubscribe-done-title = You are unsubscribed
unsubscribe-done-one = You do not get “{ $title }” any more.
unsubscribe-done-all = You get no mailings any more, only what concerns your account.
unsubscribe-change-mind = Changed your mind?
