# What happened, in the words of the audit log.

action-person-created = Added
action-person-changed = Changed
action-person-blocked = Blocked
action-person-unblocked = Let in again
action-person-erased = Erased
action-person-undeliverable = Mail to the address does not arrive
action-person-deliverable = The address is tried again
action-person-sessions-ended = Signed out everywhere by an operator
action-person-credentials-revoked = Mailed passwords taken back
action-person-limits-cleared = Limits cleared
action-person-password-sent = A new password was asked for
action-person-role-granted = Got a system role
action-person-role-revoked = Lost the system role
action-person-expiry-set = The account’s end was set
action-person-user-type-set = The user type was set

action-people-imported = People imported
action-people-exported = People exported

action-attribute-created = Attribute defined
action-attribute-changed = Attribute changed
action-attribute-removed = Attribute removed

action-automation-created = Automation made
action-automation-job-saved = Automation: job saved
action-automation-schedule-saved = Automation: schedule saved
action-automation-event-saved = Automation: event saved
action-automation-frame-saved = Automation: time frame saved
action-automation-activated = Automation activated
action-automation-deactivated = Automation deactivated
action-automation-approved = Automation approved
action-automation-unapproved = Approval taken back
action-automation-archived = Automation archived
action-automation-removed = Automation removed
action-mailing-created = Mailing made
action-mailing-saved = Mailing saved
action-mailing-people-added = Mailing: people added
action-mailing-people-removed = Mailing: people taken out
action-mailing-group-added = Mailing: group added
action-mailing-group-removed = Mailing: group taken out
action-mailing-armed = Mailing armed
action-mailing-disarmed = Mailing: start taken back
action-mailing-cancelled = Mailing cancelled
action-mailing-approved = Mailing approved
action-mailing-failed = Mailing could not begin
action-mailing-archived = Mailing archived
action-mailing-restored = Mailing brought back
action-mailing-removed = Mailing removed
action-mailing-exported = People of a mailing exported
action-mailing-tested = Mailing tried out
action-mailing-forgotten = Mailing: its people forgotten

action-bounce-recorded = Mail came back
action-bounce-ignored = Returned mail ignored

action-group-created = Group made
action-group-changed = Group changed
action-group-removed = Group removed
action-group-members-added = People put into a group
action-group-members-removed = People taken out of a group

action-holiday-saved = Holiday saved
action-holiday-removed = Holiday removed

action-login-succeeded = Signed in
action-login-refused = Sign-in refused
action-login-verified = Password checked for an application

action-password-changed = Password chosen
action-password-refused = Password refused by the rules
action-password-mailed-used = Mailed password used
action-password-reset = Password set behind a link
action-password-notice-sent = Told by mail that the password was changed
action-password-notice-failed = Mail about the changed password could not be sent

action-reset-asked = A link was asked for
action-reset-left-out = Asked for a link, but none may be sent
action-reset-link-sent = Link to choose a password mailed
action-reset-link-failed = Link to choose a password could not be mailed
action-reset-not-me = Says that it did not ask for the link
action-reset-unknown-link = A link was tried that never was one

action-role-created = Role made
action-role-changed = Role changed
action-role-removed = Role removed

action-run-started = Run begun
action-run-paused = Run paused
action-run-resumed = Run resumed
action-run-cancelled = Run cancelled
action-run-retried = Failed ones tried again
action-run-recorded = Answers of the relay recorded
action-run-recounted = Run counted anew

action-selection-created = Selection made
action-selection-saved = Selection saved
action-selection-published = Selection published
action-selection-archived = Selection archived
action-selection-restored = Selection restored
action-selection-removed = Selection removed

action-sending-stopped = All sending stopped
action-sending-started = Sending started again

action-session-ended = Signed out
action-session-others-ended = Signed out everywhere else
action-session-proved = Identity confirmed

action-template-saved = Template saved
action-template-reset = Template back to the built-in words
action-template-tested = Test mail sent

actor-operator = an operator
actor-program = a program
actor-recipient = the person itself
actor-system = Passpost
actor-command-line = the command line
action-run-exported = Recipients of a run exported
action-bootstrap-offered = Link for the first Owner made
action-bootstrap-used = Became the first Owner
action-key-created = API key made
action-key-revoked = API key revoked
action-request-refused = Request refused

action-limit-mailbox-cleared = Limits of a mailbox cleared
action-limit-network-cleared = Limits of a network cleared
action-reset-absorbed = Asked for a link; none was mailed
action-reset-bounced = Mail with a link came back
action-password-notice-bounced = Word of a changed password came back
action-group-offered = What recipients see of the group was set
action-person-data-taken = Downloaded its own data
action-subscription-asked = Asked for a subscription
action-subscription-started = Subscribed
action-subscription-ended = Unsubscribed
action-subscription-all-ended = Unsubscribed from everything
action-subscription-all-allowed = Takes mailings again
action-subscription-link-sent = Link to confirm subscriptions mailed
action-subscription-link-failed = Link to confirm subscriptions could not be mailed
action-address-asked = Asked for another address
action-address-withdrawn = Keeps the old address
action-address-confirmed = Address confirmed by a link
action-address-objected = The old mailbox objected to the change of address
action-address-link-sent = Link to the new address mailed
action-address-link-failed = Link to the new address could not be mailed
action-address-notice-sent = The old address was told of the change
action-address-notice-failed = The old address could not be told of the change
action-address-unknown-link = A link to confirm was tried that never was one
action-deletion-asked = Asked to be erased
action-deletion-withdrawn = Took the wish to be erased back
action-deletion-declined = Erasing was declined
action-deletion-notice-sent = Told by mail of the wish to be erased
action-deletion-notice-failed = Mail about the wish to be erased could not be sent
action-address-link-bounced = Mail with the link to confirm an address came back
action-address-notice-bounced = Word about a change of address came back
action-subscription-link-bounced = Mail with the link to confirm subscriptions came back
action-deletion-notice-bounced = Word about a request to be erased came back
