# System users, roles and permissions.

users-lead = Whoever signs in to this console, and the programs that use the API. Contacts, who only get passwords, are not here.
user-name = Name
user-state = State
user-state-active = active
user-state-blocked = blocked
user-state-expired = expired
user-role = Role
user-role-hint = What it allows stands under Roles. You can give roles up to your own rank.
user-choose-role = Choose a role
user-role-needed = Choose a role.
user-type = Type
user-type-hint = Programs sign in with API keys, which no password job touches.
user-type-ui = Person
user-type-api = Program
user-type-hybrid = Person and program
user-type-needed = Choose person, program or both.
user-signed-in = Last signed in
user-ends = Account ends
user-no-end = no end
user-new = New system user
user-new-title = New system user
user-create = Create
user-change = Change
user-change-hint = A change ends this user’s sessions.
user-address-hint = Passwords are mailed there. A program needs none.
user-name-needed = A user name or an address is needed.
user-last-day = Last day
user-last-day-hint = After that day the account opens nothing. Empty: no end.
user-day-wrong = Expected a day such as 2027-06-30.
user-there = Somebody has this user name already: { $who }.
user-there-take = Give this person the role
user-there-hint = Only a contact can be taken. Name and address stay as they are.
user-access-title = Access
user-no-password = No password yet.
user-no-password-text = Nobody chooses a password for somebody else: it is made and mailed, and works once.
user-mail-password = Mail a password
user-no-address = There is no address to mail one to: add it on the person’s page.
user-is-you = This is you. Your password and second factor are under
user-sessions =
    { $count ->
        [0] signed in nowhere
        [one] signed in at one place
       *[other] signed in at { $count } places
    }
user-end-sessions = Sign out everywhere
user-factor-none = The password alone opens the console.
user-factor-reset = Reset
user-block-title = Block
user-block-text = A blocked user cannot sign in and gets no password; automations of theirs do not run.
user-block = Block
user-unblock = Unblock
user-remove-title = Take the role away
user-remove-text = The person stays, as a contact.
user-remove = Make a contact

roles-lead = A role says what its holders may do. The rank says over whom: acting on another system user takes a strictly higher one.
role-name = Name
role-new = New role
role-new-title = New role
role-create = Create
role-change = Change
role-built-in = built in
role-rank = Rank
role-rank-short = rank { $rank }
role-rank-hint = At most your own.
role-rank-0 = 0, the lowest
role-rank-1 = 1
role-rank-2 = 2
role-rank-3 = 3, the highest
role-rank-wrong = Expected a rank from 0 to 3.
role-allows-title = Allows
role-allows-all = everything
role-allows =
    { $count ->
        [0] nothing
        [one] one thing
       *[other] { $count } things
    }
role-facts-title = Reach and signing in
role-holders = People
role-holders-count =
    { $count ->
        [0] nobody
        [one] one person
       *[other] { $count } people
    }
role-factor-required = required
role-factor-optional = optional
role-factor-text = When it is required, whoever has the role signs in with a password and a code. Sessions without one end at once, and it is set up at the next sign-in.
role-factor-tick = Ask for a second factor
role-factor-switch-on = Require it
role-factor-switch-off = Make it optional
role-permissions-title = What it allows
role-not-yours = not allowed to you, so you cannot give it
role-remove-title = Remove
role-remove-text = Only a role nobody has can be removed.
role-remove = Remove

permissions-people = People
permission-people-view = See people and what happened to them
permission-people-edit = Add, change, block and erase people
permission-people-import = Import people from a file
permission-people-export = Export people to a file
permissions-credentials = Credentials
permission-credentials-mail = Mail others a new password or a link
permissions-automations = Automations
permission-automations-view = See automations
permission-automations-edit = Create and change automations
permission-automations-activate = Activate and deactivate automations
permission-automations-run = Run an automation once, now
permissions-runs = Runs
permission-runs-view = See runs and their reports
permission-runs-control = Pause, resume, cancel and retry runs
permissions-selections = Selections
permission-selections-view = See selections
permission-selections-edit = Create, change and publish selections
permissions-mailings = Mailings
permission-mailings-view = See mailings
permission-mailings-draft = Draft mailings
permission-mailings-offer-link = Send mailings that offer a link
permission-mailings-force-password = Send mailings that force a new password
permission-mailings-approve = Approve mailings, and runs that write to many people
permissions-templates = Templates
permission-templates-view = See the mails’ texts
permission-templates-edit = Change the mails’ texts
permissions-events = Events
permission-events-view = See events
permission-events-send = Send events
permissions-keys = API keys
permission-keys-edit = Make and revoke API keys
permissions-settings = Settings
permission-settings-edit = Change settings, and stop all sending at once
permissions-audit = Audit log
permission-audit-view = Read who did what
permissions-roles = System users and roles
permission-roles-edit = Make system users, change roles

refusal-rank = This takes a strictly higher rank than the person has.
refusal-role-rank = A role can be given, made or changed only up to your own rank, and changed only below it.
refusal-last-owner = This is the last Owner: make somebody else Owner first.
refusal-owns-automations = The person owns automations ({ $numbers }): block the person instead, or remove the automations first.
refusal-owns-mailings = The person owns mailings ({ $numbers }): block the person instead, or remove the mailings first.
refusal-in-use = This is still used by { $by }: change that first.

toast-user-created = The system user is there.
toast-user-changed = Saved.
toast-user-blocked = Blocked. All sessions are over.
toast-user-unblocked = Let in again.
toast-user-sessions-ended = Signed out everywhere.
toast-user-second-factor-reset = The second factor is gone, and all sessions are over.
toast-user-removed = The role is taken away; the person is a contact now.
toast-role-saved = The role is saved.
toast-role-removed = The role is removed.
toast-role-factor-on = From now on this role signs in with a second factor.
toast-role-factor-off = The second factor is optional for this role now.
