# Events: the log, the types, trying one out; and automations that an event begins.
place-events = Events
events-log = Log
events-types = All types
events-try = Try one out
person-events = Events of this person

automation-way-time = By a schedule
automation-way-time-hint = Mails everybody in a selection, at the times you set.
automation-way-event = When something happens
automation-way-event-hint = Mails one person each time: somebody new, a new member, a message of another system.
automations-empty-ways = An automation mails people by itself. There are two ways to begin:
automation-new-event = New automation of an event
automations-begins = Next run or event
automations-kind-event = Event
automations-waiting = waiting: { $count }, the first due { $due }
automation-listening = Active, listening
overview-awaiting = { $name }: { $n } waiting
attention-overdue = “{ $name }” has jobs that should be done by now. Waiting: { $n }, the first since { $due }.

events-of-people = People
events-of-groups = Groups
events-of-signing-in = Sign-in
events-of-runs = Mail and runs
events-of-others = Of other systems
event-person-created = Person created
event-person-created-about = somebody is new: by the console, the API or an import
event-person-changed = Person changed
event-person-changed-about = any attribute, or those you choose
event-password-expiring = Password expiring
event-password-expiring-about = a password will soon be no longer valid
event-password-changed = Password changed
event-password-changed-about = somebody has chosen a new password
event-group-member-added = Member added to group
event-group-member-added-about = somebody was put into a group without being asked
event-group-member-removed = Member removed from group
event-group-member-removed-about = somebody was taken out of a group
event-group-subscribed = Subscribed to group
event-group-subscribed-about = somebody subscribed, and confirmed it where that is asked for
event-group-unsubscribed = Unsubscribed from group
event-group-unsubscribed-about = somebody unsubscribed
event-preferences-logged-in = Logged in to the preference center
event-preferences-logged-in-about = a contact signed in
event-system-logged-on = Logged on to the system
event-system-logged-on-about = a system user used the console or the API
event-login-failed-repeatedly = Login failed repeatedly
event-login-failed-repeatedly-about = wrong passwords until the account was held back
event-link-requested = Link requested
event-link-requested-about = somebody asked for a link on the public page
event-mail-bounced = Mail bounced
event-mail-bounced-about = a mail to somebody came back
event-import-finished = Import finished
event-import-finished-about = a file of people is through
event-run-finished = Run finished
event-run-finished-about = any run is done
event-automation-finished = Automation finished
event-automation-finished-about = an automation did its job; for a chain of them
event-custom = Custom event
event-custom-about = what another system sends by the API
carries-person = a contact or a system user
carries-contact = a contact
carries-system-user = a system user
carries-group = a group
carries-run = a run
carries-automation = an automation
event-data-origin = how the person came in: console, api, command_line, import or setup
event-data-attributes = the names of the attributes that changed, a list
event-data-group = the name of the group
event-data-by = where it was: console or api
event-data-failed-logins = how many attempts in a row failed
event-data-expires-at = when the password is no longer valid
event-data-how = how it was set: login, link, preferences or console
event-data-cause = why, in the words of the other server
event-data-status = the code of the other server, such as 5.1.1
event-data-file = the name of the file
event-data-created = how many people were created
event-data-updated = how many people were changed
event-data-failed = how many lines could not be taken
event-data-number = the number of the run
event-data-state = how it ended: finished or cancelled
event-data-total = how many people it was about
event-data-accepted = how many mails the relay took
event-data-refused = how many mails the relay refused
event-data-left-out = how many people were left out
event-data-unknown = of how many mails nobody knows
event-data-cancelled = how many were not written to because it was cancelled
event-data-name = what the run is called
event-data-run = the id of the run
event-data-unchanged = how many people were so already

step-event = Event
step-frame = Time frame
step-next-job = Save and go on to the job
step-next-frame = Save and go on to the time frame
step-back-event = Save and back to the event
step-back-job = Save and back to the job
event-called = What it is called
event-when = When it begins
event-what = Event
event-choose = Choose…
event-letters = (C) is about a contact, (S) about the system or its users, (S/C) about either.
event-look = Show what can be set
event-look-job = Show the settings of this job
event-all-types = All types and what they carry
event-carries = It carries { $what }.
event-carries-nothing = It carries no person.
event-custom-type = Type
event-custom-type-hint = As the other system writes it, like org.example.course.booked. Types seen before are offered.
event-source = Source
event-source-hint = Where it must come from, like https://courses.example/. Empty: from anywhere.
event-group = Group
event-automation = Automation
event-system-user = System user
event-setting-any = Any
event-setting-gone = One that is no longer there
event-attributes = Attributes
event-attributes-hint = One of those ticked must change. None ticked: any of them.
event-attribute-username = User name
event-attribute-address = Mail address
event-attribute-given-name = Given name
event-attribute-family-name = Family name
event-attribute-display-name = Shown name
event-attribute-language = Language
event-attribute-time-zone = Time zone
event-attribute-external-id = External id
event-conditions = Conditions
event-conditions-hint = What the event must say besides. All of them must hold; none: every such event counts.
event-conditions-fields = Fields:
condition-place = Condition { $place }
condition-field = Field
condition-operator = Compared
condition-value = Value
condition-case = ignore case
condition-case-told = { " " }(ignoring case)
condition-add = Add a condition
condition-drop = Take away condition { $place }
condition-drop-short = Take away
condition-equals = equals
condition-not-equals = does not equal
condition-starts-with = starts with
condition-ends-with = ends with
condition-matches = matches the expression
condition-wrong-field = Expected a field such as course.id, or $source, $subject or another attribute that names no person.
condition-wrong-value = Expected a value of at most 500 characters.
condition-wrong-expression = Expected a regular expression. { $detail }
event-selection-title = Limited to
event-selection-none = No selection
event-selection-hint = With a job for contacts: only contacts in it. With a job for system users: only events that a system user in it has caused. Looked at when the job is done.
event-selection-hint-contacts = Limits the people its job writes to. Looked at when the job is done, after the delay.
event-selection-hint-causer = Its job is for system users: the selection says who must have caused the event. Looked at when the job is done, after the delay.
event-selection-causer = Caused by somebody in
event-wrong-event = Choose an event.
event-wrong-type = Expected 1 to 200 characters without spaces, like org.example.course.booked.
event-wrong-reserved = Types that begin with passpost. are Passpost’s own: choose one in the list above.
event-wrong-source = Expected an address without spaces such as https://courses.example/, or nothing.
event-wrong-setting = These settings do not go with this event.
event-unfit-active = { $what } It is active: deactivate it first, then change event and job.
event-wrong-selection = Choose one that is published, or none.
event-edits-active = It is active: what you save counts from now on, also for what already waits.
toast-automation-event-saved = The event is saved. Now say what is to be done.
toast-automation-event-job-saved = The job is saved. Now say when it may be done.
toast-automation-listens = The automation is active: it listens within its time frame.

job-send-new-password-to-contact = Send new password to contact
job-send-new-password-to-contact-hint = One contact gets a fresh password by mail. Nobody with a system role does.
job-send-new-password-to-system-user = Send new password to system user
job-send-new-password-to-system-user-hint = One system user gets a fresh password by mail. No contact does.
job-send-reset-link = Send reset link
job-send-reset-link-hint = The person gets a personal link and chooses a password. The old one goes on working.
event-job-unusual = Unusual with this event.
event-job-wrong = Choose a job.
event-job-meant = This is what I mean
event-job-confirm = Tick this if it is meant so; else choose another job or person.
event-job-most = Most people within 24 hours
event-job-most-hint = What comes beyond waits. Empty: the installation’s limits only.
event-approve = Approval above (people within 24 hours)
event-remail-hint = However many events come: within so many hours one mail at most. 0: only the 24 hours that always count.
event-link-hours = Link good for (hours)
target-event = The person of the event (use event parameter)
target-event-contact = The contact the event carries.
target-event-system-user = The system user the event carries.
target-event-anybody = The contact or system user the event carries.
target-person = Always this person:
target-search = Name, user name or address
target-search-hint = A whole user name means exactly this person.
target-found = Who is meant?
target-found-one = Found: { $who }
target-wrong = Choose one of the two.
target-missing = Say who it is.
target-nobody = Nobody like this is there.
target-choose = Several people fit: choose one of them below.
target-several = Several people fit; write the user name of one: { $names }
target-no-contact = This is a system user; the job writes to contacts only. Choose the job for system users.
target-no-system-user = This is a contact; the job writes to system users only. Choose the job for contacts.
target-not-yours = Your role does not let you see people, so you cannot choose one.
target-unset = Not said yet
target-told-event = The person of the event
event-delay = Delay
delay-value = Wait so many
delay-unit = Unit
delay-hint = Counted from the event, a year at most. Empty: at once.
delay-wrong = Expected a whole number from 1 to { $most } (a year), or nothing.
delay-minutes = Minutes
delay-hours = Hours
delay-days = Days
delay-weeks = Weeks
delay-months = Months
delay-none = None: at once
delay-told-minutes =
    { $n ->
        [one] a minute after the event
       *[other] { $n } minutes after the event
    }
delay-told-hours =
    { $n ->
        [one] an hour after the event
       *[other] { $n } hours after the event
    }
delay-told-days =
    { $n ->
        [one] a day after the event
       *[other] { $n } days after the event
    }
delay-told-weeks =
    { $n ->
        [one] a week after the event
       *[other] { $n } weeks after the event
    }
delay-told-months =
    { $n ->
        [one] a month after the event
       *[other] { $n } months after the event
    }

frame-when = From when until when
frame-when-hint = Events before the start and after the end are not acted on.
frame-start = Start
frame-end-hint = What still waits then is called off. Empty: five years after the start.
frame-zone-hint = All times of the time frame are read in it.
frame-days = Execution days and hours
frame-days-hint = Events count at all times; a job on another day or hour waits for the next allowed moment.
frame-from = From
frame-until = Until
frame-hours-hint = Leave both empty for all hours.
frame-until-hint = Earlier than From: past midnight.
frame-wrong-hours = Expected two different times of day such as 08:00 and 18:00, or neither.
frame-look = Show the allowed moments
frame-coming = Next allowed moments
frame-coming-hint = Of each day the first moment at which a job may be done.
frame-coming-start = Set the start, and the next allowed moments appear here.
frame-coming-wrong = As soon as what is marked is right, the next allowed moments appear here.
frame-coming-never = No moment is allowed any more: tick more days, choose other hours or a later end.
frame-span = From { $from } until { $until }
frame-hours = from { $from } to { $until } o’clock

event-edit-event = Edit the event
event-edit-job = Edit the job
event-edit-frame = Edit the time frame
event-missing-job = The second step is not saved yet: what is done, and to whom.
event-missing-frame = The third step is not saved yet: when it listens.
event-go-on = Go on with it
event-went = How its events went
event-went-none = No event has come yet. Try one out, or wait for the first.
event-log-of = Its events in the log
event-waiting = Waiting jobs
event-waiting-none = Nothing waits.
event-waiting-first = The first one is due { $due }. Each is checked again before it is done.
event-calls-off =
    { $n ->
        [one] One job waits. It will be called off and not be made up for later.
       *[other] { $n } jobs wait. They will be called off and not be made up for later.
    }
event-deactivate-sure = Deactivate and call them off
event-archive-sure = Archive and call them off
event-no-run-once = It cannot be run once: without an event there is nobody to write to. Try an event out instead.
event-runs-none-text = Once it is active and its event comes, its runs appear here, by day.
event-day = { $day } · runs: { $runs } · accepted mails: { $accepted }
event-activate-lead = From then on it listens: each time the event comes within the time frame, this is done by itself.
event-try = Try an event out
event-person = Person
event-due = Due
event-of = Event

events-empty = No event is kept yet.
events-empty-text = What other systems send appears here; what happens in Passpost does as soon as an automation listens to it.
events-empty-open = See all types of events
events-type = Type
events-person = Person
events-unheard = nobody listened
events-nobody = Nobody is called “{ $typed }”.
events-came-new = not looked at yet
events-came-unheard = nobody listened
events-came-nothing =
    { $n ->
        [one] nothing, one automation listened
       *[other] nothing, { $n } automations listened
    }
events-came-done =
    { $n ->
        [one] one job in a run
       *[other] { $n } jobs in runs
    }
events-came-waiting =
    { $n ->
        [one] one job waits
       *[other] { $n } jobs wait
    }
event-about = About
event-came = What came of it
event-received = Arrived
event-claimed = Happened, as the sender says
event-id = Id of the sender
event-subject = Subject
event-contact = Contact
event-actor = Caused by
event-nobody-called = “{ $name }”: nobody of this name
event-run = Run { $number }
event-run-label = Run
event-chain = Led to by
event-at = When
event-not-routed = It has just arrived: automations are asked within a minute.
event-unheard = No automation listens to this type.
event-unheard-text = Make one that begins when something happens, and choose this event.
event-carried = What it carried
event-data = Data
event-data-none = It carried no data.
event-data-hidden = Its data may name people, whom your role does not let you see.
event-automation-gone = An automation that was deleted
event-job-waiting = Waiting
event-job-executed = In a run
event-job-not-acted-on = Not acted on
event-job-cancelled = Called off
event-reason-inactive = The automation was not active.
event-reason-outside-frame = It came before the start or after the end of the time frame.
event-reason-condition-not-met = A setting or condition of the automation is not met.
event-reason-nobody = The event names nobody the job could be done to.
event-reason-unknown-person = The event names somebody who is not here.
event-reason-cycle = The automation itself led to this event.
event-reason-chain-too-long = Too many automations led to this event, one after the other.
event-reason-not-in-selection = The person is not in the selection.
event-reason-causer-not-in-selection = Who caused the event is not in the selection, or nobody did.
event-reason-gone = The person is no longer here.
event-reason-failed = The run could not begin.
event-reason-deactivated = The automation was deactivated.
event-reason-removed = The automation was deleted.
event-reason-frame-over = It was due after the end of the time frame.

events-types-lead = Every event an automation can begin with, and what it carries. (C) is about a contact, (S) about the system or its users, (S/C) about either.
events-carries = Carries
events-last = Last one
events-custom-text = Programs send their own events as CloudEvents 1.0 with an API key that may send events. They name people by the attributes contact or systemuser, a group by group; all else is data that conditions can ask about.
events-custom-none = None has been sent yet.
events-example = An example

try-lead-text = What would this event do now? Nothing is changed and nobody gets mail.
try-json = The event as JSON (CloudEvents)
try-json-hint = contact or systemuser: a user name. A source and id that were sent before do nothing again.
try-person = Person
try-data-hint = A JSON object; conditions ask about it.
try-ask = What would it do?
try-send = Send it
try-send-hint = Sending is real: automations act on it as if the other system had sent it.
try-answer = What it would do now
try-answer-none = Choose an event and ask; the answer appears here.
try-nothing-changed = Nothing was changed.
try-known = Nothing: an event with this source and id was sent before.
try-unheard = “{ $event }” would do nothing: no automation listens to it.
try-lead = “{ $event }” would have these consequences:
try-the-person = the person
try-would = Would mail { $who } { $what }, { $when }.
try-send-new-password-to-contact = a new password
try-send-new-password-to-system-user = a new password
try-send-reset-link = a personal link
try-at-once = at once
try-at = at { $time }
try-postponed = at { $time }, the next allowed moment
try-never = but the time frame is over by then
try-left-out = Would leave { $who } out: { $why }
try-nothing = Would do nothing. { $why }
try-refused = Its run could not begin now.
event-wrong-person = Say whom the event is about.
event-wrong-group = Choose a group.
event-wrong-data = Expected a JSON object, or nothing.
event-wrong-json = This cannot be taken: { $detail }
toast-event-sent = The event is sent; automations are asked now.
toast-event-known = Nothing was done: an event with this source and id was sent before.
