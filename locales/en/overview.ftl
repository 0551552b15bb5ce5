# The overview, and the kill switch
overview-next-title = Next
overview-next-empty = Nothing is scheduled.
overview-next-empty-text = An automation mails a selection new passwords at set times. Make one, then activate it.
overview-open-title = Running now
overview-open-empty = Nothing runs just now.
overview-none-over = No run is over yet.
overview-runs-title = Latest runs
overview-runs-all = All runs
overview-stopped = All sending is stopped.
overview-stopped-by = { $who }, { $time }
overview-somebody = Somebody at the command line

# What needs somebody
attention-paused = Run { $number } of “{ $name }” is paused.
attention-automation = “{ $name }” could not run.
attention-mailing = The mailing “{ $name }” could not begin.
attention-approval = “{ $name }” waits for the approval of a second operator.
attention-not-run = “{ $name }” missed or skipped { $n } planned times within a week.
attention-relay = The relay { $name } takes no mail.
attention-no-worker = No process sends: runs wait until a worker is started.
attention-no-scheduler = No process looks at schedules: planned runs do not begin.
attention-unheard = { $n } notices to operators reached nobody.
attention-account-mails = Mails about accounts since { $since }: { $given_up } given up, { $bounced } came back, { $waiting } waiting for long.
attention-account-mails-open = Look at the mails
attention-one-owner = There is no second Owner: if the only one loses the password or leaves, nobody can let others in.
attention-open = Open the automation
attention-open-run = Open the run
attention-approve = Look at it
attention-settings = Open the settings
attention-users = Add one

# First steps
first-title = First steps
first-done = (done)
first-people = Import people
first-people-hint = A CSV file with names and addresses is enough; you see what would happen before anything does.
first-selection = Build a selection
first-selection-hint = Who shall get new passwords? A selection is a saved question, asked anew for each run.
first-automation = Create an automation
first-automation-hint = It joins a selection with a schedule. Nothing is mailed before you activate it.
first-run = Watch the first run
first-run-hint = Preview it, activate the automation or run it once, and follow it here.

# Deliveries
chart-title = Deliveries of 30 days
chart-summary = Bars of the last 30 days: { $accepted } accepted, { $failed } failed.
chart-day = { $day }: { $accepted } accepted, { $failed } failed
chart-day-label = Day
chart-as-table = As a table

# The kill switch
sending-title = Sending
sending-stop-link = Stop all sending
sending-start-link = Start sending again
sending-stop-title = Stop all sending?
sending-stop-lead = For emergencies: nothing that carries a password leaves any more, from any run and any server, until somebody starts it again.
sending-stop-what-1 = Open runs wait, and lose nobody: { $n }.
sending-stop-what-2 = Planned runs do not begin meanwhile; their owners are told.
sending-stop-what-3 = Owners of the installation and of open runs get a notice.
sending-why = Why
sending-why-hint = Shown to everybody, and in the notices.
sending-why-missing = Say why, so that others know when it may be started again.
sending-stop-button = Stop all sending
sending-start-title = Start sending again?
sending-since = Stopped
sending-start-what-1 = Open runs go on by themselves: { $n }.
sending-start-what-2 = Paused runs stay paused.
sending-start-button = Start sending
toast-sending-stopped = All sending is stopped.
toast-sending-started = Sending goes on.
attention-deletions = People ask to be erased: { $n }
attention-deletions-open = Look at the requests
