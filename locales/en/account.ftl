# The second step of an operator's sign-in
code-step = Second step
code-title = Enter the code
code-lead = Open your authenticator app and type the six digits it shows for { $organisation }.
code-label = Code
code-form = Six digits
code-refused = That did not work. A code is good for about a minute and works once; after several wrong ones, wait a little.
code-other = No telephone at hand? Use a recovery code
code-who = Signing in as { $username }.
code-somebody-else = Sign in as somebody else
recovery-title = Use a recovery code
recovery-lead = Type one of the codes you kept when you set up the second factor. Each works once.
recovery-label = Recovery code
recovery-other = Use the app’s code instead

# Setting up a second factor
enrol-title = Set up a second factor
enrol-lead = From then on, signing in takes your password and a code from your telephone. A stolen password alone opens nothing.
enrol-lead-required = The role { $role } signs in with a password and a code. It takes two minutes, once.
enrol-lead-replaces = The new device takes the place of the one set up before, and there will be fresh recovery codes.
enrol-app-title = Get an authenticator app
enrol-app = Any app for time-based codes works, on a telephone or in a password manager: Aegis, 2FAS, Google Authenticator, Microsoft Authenticator, 1Password, Bitwarden and others.
enrol-scan-title = Scan this with the app
enrol-qr = QR code with the key for your authenticator app
enrol-type = Or type this key into the app:
enrol-here = The app is on this device: open it
enrol-confirm-title = Type the six digits the app shows now
enrol-button = Switch on
enrol-wrong-code = This code does not fit the key above. Type the one the app shows now, and check that the clock of your device is right.
enrol-stale = This page was open for too long, so there is a fresh key. Scan it once more and remove the earlier entry from the app.

# Recovery codes
codes-title = Keep these recovery codes
codes-lead = Without your telephone, each of them opens the second step once. Keep them where your password is not: printed, or in a safe.
codes-once = They are shown only now. Codes you had before no longer work.
codes-save = Save as a file
codes-next = I have kept them

# Proving who one is
prove-title = Is it still you?
prove-lead = This needs your password again. It is good for ten minutes.
prove-kept = Nothing was changed yet. What you sent is kept here and is done as soon as you continue.
prove-refused = That did not work, or there were too many wrong tries. Check what you typed, and wait a little after several tries.
prove-code-hint = From your authenticator app, or a recovery code.
prove-button = Continue
prove-back = Back to the console
prove-drop = Back, without the change

# The operator's own account
own-title = Your account
own-back = Back to your account
own-profile-title = Who you are
own-role = Role
own-language = Language
own-language-browser = As the browser asks
own-zone = Time zone
own-zone-hint = As in Europe/Berlin. Empty: that of the installation.
own-safety-title = Signing in
own-password-text = You stay signed in here and are signed out everywhere else.
own-factor-title = Second factor
own-factor-on = on
own-factor-off = off
own-factor-since = Set up { $time }.
own-factor-required = The role { $role } asks for it.
own-factor-replace = Move to another device
own-factor-remove = Switch off
own-codes-title = Recovery codes
own-codes-left =
    { $left ->
        [0] None left: without your telephone nothing opens any more.
        [one] { $left } left.
       *[other] { $left } left.
    }
own-codes-renew = Make new codes
own-came-by-recovery =
    { $left ->
        [0] You signed in with your last recovery code. Make new ones now, and set the second factor up anew if the telephone is lost.
        [one] You signed in with a recovery code; { $left } is left. Set the second factor up anew if the telephone is lost.
       *[other] You signed in with a recovery code; { $left } are left. Set the second factor up anew if the telephone is lost.
    }
own-proof-hint = Changes here ask for your password again when the last time is more than ten minutes ago.
own-end-all = Sign out everywhere
own-session-browser = Browser
own-session-network = Network
own-session-since = Signed in
own-session-seen = Last used
own-session-end = Sign out
own-session-between = not signed in yet
toast-profile-saved = Saved.
toast-password-changed = Your password is changed. You are signed out everywhere else.
toast-session-ended = That browser is signed out.
toast-sessions-ended = You are signed out everywhere else.
toast-second-factor-removed = The second factor is switched off.

# In the audit log
action-login-password-accepted = Password right, second step asked for
action-login-code-refused = Code refused
action-session-proof-refused = Identity not confirmed
action-second-factor-enrolled = Second factor set up
action-second-factor-codes-renewed = New recovery codes made
action-second-factor-removed = Second factor switched off
action-second-factor-reset = Second factor reset
action-role-second-factor-required = Role: second factor required or made optional
