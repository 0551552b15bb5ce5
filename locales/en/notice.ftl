# Words of the mails to operators.

notice-tone-trouble = Action needed
notice-tone-warning = Please look
notice-tone-good = Done
notice-tone-info = Reminder

# For each kind: the subject, the heading, what happened and what to do.
notice-automation_ends-subject = “{ $name }” ends on { $day }
notice-automation_ends-title = An automation ends soon
notice-automation_ends-lead = The automation { $number }, “{ $name }”, comes to its end. After that it mails nobody any more.
notice-automation_ends-todo = If it shall go on, save its schedule again with a later end. This shows how it stands:
notice-automation_ended-subject = “{ $name }” has ended
notice-automation_ended-title = An automation has ended
notice-automation_ended-lead = The automation { $number }, “{ $name }”, has come to its end. It mails nobody any more. This reminder should have reached you 30 days before; no server was running, or no relay took it.
notice-run_failed-subject = The run of “{ $name }” could not begin
notice-run_failed-title = A run could not begin
notice-run_failed-lead = The planned run of the automation { $number }, “{ $name }”, could not begin. Nobody was mailed, and every password stays as it was.
notice-run_missed-subject = The run of “{ $name }” was missed
notice-run_missed-title = A run was missed
notice-run_missed-lead = No server was running when the automation { $number }, “{ $name }”, was to run, and now it is too late to make up for it. Nobody was mailed for that time.
notice-run_missed-lead-later = No server was running when the automation { $number }, “{ $name }”, was to run. A later run was due as well and stands in for those missed.
notice-run_missed-todo = If the mails are still wanted, run it once by hand. This counts first who would receive one:
notice-run_skipped-subject = The run of “{ $name }” was skipped
notice-run_skipped-title = A run was skipped
notice-run_skipped-lead = The automation { $number }, “{ $name }”, was to run, but its run before is not over. There are never two at a time.
notice-run_skipped-todo = See what the run before waits for; resume it or cancel it.
notice-run_paused-subject = Run { $number } of “{ $name }” has paused
notice-run_paused-title = Run { $number } has paused by itself
notice-run_paused-lead = The run { $number } of “{ $name }” has stopped mailing and waits for you. Nobody is forgotten: it goes on with exactly those left.
notice-run_finished-subject = Run { $number } of “{ $name }” is finished
notice-run_finished-subject-failed = Run { $number } of “{ $name }” is finished; some mails failed
notice-run_finished-title = Run { $number } is finished
notice-run_finished-lead = The planned run { $number } of “{ $name }” is over. This is what came of it.
notice-run_finished-todo = You can try again those who were refused or whose answer was lost:
notice-mailing_failed-subject = The mailing “{ $name }” could not begin
notice-mailing_failed-title = A mailing could not begin
notice-mailing_failed-lead = The mailing { $number }, “{ $name }”, was to start and could not begin. Nobody was written to, and every password stays as it was.
notice-mailing_failed-todo = See what it lacks, mend it, and save its start time again:

notice-sending_stopped-subject = All sending is stopped
notice-sending_stopped-title = All sending is stopped
notice-sending_stopped-lead = Somebody used the kill switch. No run mails a password until sending is started again; notices like this one still go out.
notice-sending_stopped-todo = When the reason is gone, start it again; runs that were under way go on by themselves:

# What to do, by why.
notice-failed-selection = Mend or publish the selection, then run the automation once by hand or wait for its next time.
notice-failed-rights = Somebody who has the rights saves the automation and its selection again, then it runs.
notice-failed-limit = Look at who would be mailed. Make the selection narrower, or raise the limit that is named above.
notice-failed-approval = Ask a second operator, who had no part in it, to approve it; then run it once by hand or wait for its next time.
notice-failed-stopped = Start sending again when the reason is gone; the next planned run then takes place.
notice-failed-other = See how the automation stands:
notice-paused-refusals = Look at the refused addresses. If they are simply bad, resume; if the relay blocks you, speak to its operator first.
notice-paused-relay = See that the relay can be reached and that our sign-in there is right (passpost doctor), then resume.
notice-paused-rights = Somebody who has the rights saves the automation and its selection again. This run can only be cancelled, or resumed when the role is back.
notice-paused-approval = Ask an operator who may approve to approve the automation. This run can only be cancelled, or resumed when its approver has the role again.
notice-paused-mail = Mend the template of the mail, then resume.

# Beside the numbers and times.
notice-fact-accepted = Accepted by the relay
notice-fact-refused = Refused
notice-fact-unknown = Answer lost
notice-fact-left_out = Left out
notice-fact-cancelled = Cancelled
notice-fact-deferred = To be tried again
notice-fact-waiting = Still waiting
notice-fact-planned = Planned for
notice-fact-missed = Missed runs
notice-fact-ends = Ends
notice-fact-last = Last run
notice-fact-no-last = no run is left
notice-fact-since = Since

notice-cause = The cause, in the program’s words
notice-cause-operator = Why, in the words of who did it
notice-todo = What to do
notice-open-run = Open the run
notice-open-console = Open the console
notice-link = Or open this address in your browser:
notice-because-owner = You get this mail because you own the automation.
notice-because-starter = You get this mail because you started the run.
notice-because-reminded = You get this mail because you are named to be reminded.
notice-because-house = You get this mail because you are an Owner of this installation.
notice-sent-to = It was sent automatically to { $address }.

# Why somebody was left out.
notice-reason-higher_rank = ranks above the owner
notice-reason-api_user = program, not a person
notice-reason-hybrid_user = hybrid user not named
notice-reason-acting_operator = the operator behind the run
notice-reason-last_administrator = the last Owner
notice-reason-no_address = no mail address
notice-reason-undeliverable = mail does not arrive
notice-reason-blocked = blocked
notice-reason-expired = account expired
notice-reason-recently_mailed = mailed a password recently
notice-reason-already_done = has set a password already
notice-reason-duplicate = already in the audience
notice-reason-gone = no longer in the databank
notice-reason-system_user = has a system role; the job is for contacts
notice-reason-contact = has no system role; the job is for system users

# Why somebody was refused, where the relay did not say it.
notice-refused-not_composed = The message could not be composed.
notice-refused-relay_unavailable = The relay could not be reached.

# A day, in a subject.
notice-day = { $day } { $month } { $year }
