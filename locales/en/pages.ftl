# Words of the recipients' own pages, and of the console's way in.

skip = Skip to content
help-label = Questions?
optional = (optional)
username-label = User name or e-mail address
password-label = Password
reveal-show = Show
reveal-hide = Hide

# Signing in
login-title = Sign in
login-lead = Use the password you were mailed, or your own if you have set one.
login-button = Sign in
login-mailed-hint = A mailed password works once. You choose your own right after.
login-refused = That did not work. Check the user name and the password. A mailed password works once and for a limited time; after several wrong tries, wait a little.
login-stale = This page was open for too long, or your browser keeps no cookies. Please try again.

# After a mailed password
forced-step = One more step
forced-title = Choose your password
forced-lead = Welcome, { $name }. The password from the mail is used up now. Choose your own to go on.
forced-button = Save password
forced-leave = Sign out without choosing one
new-label = New password
new-again-label = The same password again
new-rule = At least { $least } characters.
new-advice = A few unrelated words in a row are strong and easy to remember. Pasting from a password manager works.
new-refused = This password cannot be used:
new-same = Both are the same.
new-differs = Not the same yet.

done-title = Your password is saved
done-lead = From now on, sign in with your own password. You are signed out everywhere else.
done-next = Continue

# Changing it
change-title = Change password
change-lead = You stay signed in here and are signed out everywhere else.
change-current-label = Current password
change-wrong-current = The current password is not right, or there were too many wrong tries. Wait a little and try again.
change-button = Change password
change-back = Back to your account

# The account
account-title = Your account
account-greeting = Hello, { $name }
account-username = User name
account-address = E-mail address
account-change-password = Change password
account-sessions = Where you are signed in
account-this = this browser
account-seen = last used { $time }
account-unknown-browser = Unknown browser
account-end-others = Sign out everywhere else
account-leave = Sign out

# A link to choose another password
reset-forgotten = Forgot your password?
reset-ask-title = Choose another password
reset-ask-lead = Type your user name or your e-mail address. We mail you a link with which you choose a new password.
reset-ask-button = Mail me a link
reset-ask-hint = Until you use the link, your password stays as it is.
reset-ask-empty = Type your user name or your e-mail address.
reset-ask-too-long = That is longer than { $most } characters. Type your user name or your e-mail address.
reset-ask-control = There is a sign in it that cannot be in a name or an address. Type it anew.
reset-ask-wait-seconds = Too many links were asked for. Try again in { $number ->
    [one] one second
   *[other] { $number } seconds
 }.
reset-ask-wait-minutes = Too many links were asked for from your network. Try again in { $number ->
    [one] one minute
   *[other] { $number } minutes
 }.
reset-asked-title = Look into your mailbox
reset-asked-lead = If there is an account, a mail with a link is on its way. It says until when the link works.
reset-asked-nothing = Nothing there after a few minutes?
reset-asked-spam = Look into the folder for unwanted mail.
reset-asked-spelling = Check what you typed, or try your other address.
reset-asked-help = Ask the contact below: perhaps another address is kept for you, or none.
reset-asked-help-nobody = Ask whoever gave you your account: perhaps another address is kept for you, or none.
reset-asked-again = Mail me another link
reset-asked-wait = Another link in { $seconds } s
reset-new-title = Choose a new password
reset-new-lead = For the account { $username }. You are signed out everywhere when it is saved.
reset-new-until = The link works until { $time }, once.
reset-new-stale = This page was open for too long, or you followed another link meanwhile. This is the account of the newest link; type the password again.
reset-new-too-many = Too many passwords were tried with this link that cannot be used. Choose a long one that nobody else has, or ask for another link.
reset-done-lead = Sign in with your new password. You were signed out everywhere, and a mail tells you of the change.
reset-gone-title = This link does not work
reset-gone-lead = It was used, is over or was replaced by a newer one. A new one takes a minute.
reset-gone-button = Mail me a new link
reset-gone-hint = Only the links of the newest mails work. Copy the whole address if your mail program broke it.
reset-report-title = You did not ask for this?
reset-report-lead = Somebody typed your user name or address here, perhaps by mistake. Your password was not changed. You can make the links of that mail void.
reset-report-button = Make the links void
reset-report-done-title = The links are void
reset-report-done-lead = The links of that mail do not work any more, and whoever runs this service can see that you said so. Your password is as it was.
reset-report-advice = If such mails keep coming, make sure that nobody else reads your mail.

# How strong a password is
strength-good = Good: hard to guess.
strength-very-good = Very good: very hard to guess.

# Why a password is not taken
problem-too-short = It has { $length } characters; at least { $least } are needed.
problem-too-long = It is longer than 256 characters.
problem-blocklisted = It is on a list of well-known passwords.
problem-service-name = It is hardly more than the name of this service or organisation.
problem-own-name = It is hardly more than your own name, user name or address.
problem-repeated = It repeats one short piece.
problem-sequence = It is mostly a row such as abcdef, 123456 or a row of keys.
problem-easy-to-guess = It is easy to guess.
problem-not-new = It is the password you already had.
problem-different = The two fields differ. Type the same password twice.
hint-more-words = Add another uncommon word or two.
hint-not-common = It resembles a password many people use.
hint-no-keyboard-rows = Rows of keys are tried first.
hint-no-repeats = Repeating a piece adds almost nothing.
hint-no-sequences = Rows such as abc or 6543 add almost nothing.
hint-no-dates = Years and dates are easy to guess.
hint-no-names = Names are easy to guess.
hint-no-tricks = Capital letters, reversed words and signs in place of letters add almost nothing.

# The console's way in
console-name = Console
console-login-title = Operator sign-in
console-login-welcome = The first Owner is set up. Sign in to begin.
console-login-recipients = Did you receive a password by mail?
console-login-recipients-link = Sign in here
setup-title = Set up the first Owner
setup-lead = The Owner may do everything here, and lets others in. This link works once.
setup-given-name = Given name
setup-family-name = Family name
setup-address = E-mail address
setup-username-hint = Leave it empty to sign in with the address.
setup-button = Create the Owner
setup-gone-title = This link does not work
setup-gone-text = It was used, is older than an hour, or there is an Owner already. A fresh one comes from the command

# When something goes wrong
failure-id = Request { $id }
failure-next-login = To the sign-in page
failure-next-console = To the console
failure-next-mailbox = To the mailbox
failure-bad-request-title = That could not be read
failure-bad-request-text = The request was not as this page sends it. Go back, reload the page and try again.
failure-forbidden-title = Not allowed
failure-forbidden-text = Either your role does not allow this, or the page was open for too long. Reload it and try again.
failure-not-found-title = There is nothing here
failure-not-found-text = The address may be mistyped, or the page is gone.
failure-method-title = Not this way
failure-method-text = This page cannot be used like that. Start again from the sign-in page.
failure-too-large-title = Too large
failure-too-large-text = More was sent than this page takes.
failure-misdirected-title = Another address
failure-misdirected-text = This server does not answer under the address you used. Its own address is this one:
failure-too-many-title = A little too fast
failure-too-many-text = There were too many tries. Wait a moment and try again.
failure-internal-title = Our mistake
failure-internal-text = Something went wrong on our side. Try again, and name the number below if it stays like this.
failure-unavailable-title = Very busy
failure-unavailable-text = Many people are here at once. Wait a few seconds and try again.
