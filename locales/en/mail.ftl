# Words of the mails, and what the console says about them.

# Opens a mail.
salutation = Hello { $name },
salutation-nobody = Hello,

# A clock time in the person's own zone.
clock-time = { $weekday }, { $day } { $month } { $year }, { $time } ({ $zone } time)
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

# What can stand in a mail, for the list beside the editor.
replacement-salutation = A greeting with the person's name, or without when the name reads like a link
replacement-full_name = What to call the person
replacement-given_name = Given name; may be empty
replacement-family_name = Family name; may be empty
replacement-display_name = The name shown for the person; may be empty
replacement-request_password_link = The page where the person asks for a personal link; carries no secret
replacement-personal_link = The page where this person sets a new password; whoever has it can do so
replacement-valid_until-link = Until when the personal link works, in the person's zone
replacement-username = What the person signs in with
replacement-address = The address this mail goes to
replacement-language = The language of the mail, as in en
replacement-organisation = Your name, from the settings
replacement-help_contact = Whom to ask, from the settings; may be empty
replacement-login_url = The address of the sign-in page
replacement-password = The new password; only in the visible text
replacement-valid_until = Until when the password opens the set-a-new-password page, in the person's zone
replacement-accent = Your colour, from the settings
replacement-on_accent = Black or white, whichever reads better on your colour

# Why a mail did not arrive.
cause-mailbox-unknown = There is no such mailbox.
cause-domain-unknown = The domain takes no mail.
cause-mailbox-disabled = The mailbox is switched off.
cause-mailbox-full = The mailbox is full.
cause-needs-smtputf8 = The relay cannot write to an address with letters such as ü.
cause-too-large = The message is too large for the receiver.
cause-content-refused = The content was refused.
cause-refused = The relay refused the message.
cause-later = The receiver asks to try again later.
cause-login-refused = The relay refuses our login.
cause-encryption-demanded = The relay demands TLS or a login.
cause-sender-refused = The relay refuses our sender address.
cause-policy = A rule of the receiver or the relay refuses our mail.
cause-rate-limited = The relay or the receiver wants fewer messages.
cause-relay-busy = The relay cannot take mail now.
cause-protocol = The relay does not understand us.
