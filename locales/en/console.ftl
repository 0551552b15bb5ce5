# What stands around every page of the console, and what several of its pages say.

menu = Menu
places = Places
place-overview = Overview
place-people = People
place-selections = Selections
place-automations = Automations
place-mailings = Mailings
place-runs = Runs
place-administration = Administration
place-templates = Templates
place-users = System users
place-roles = Roles
place-keys = API keys
place-settings = Settings
place-audit = Audit log

# Forms
form-save = Save
form-cancel = Cancel
form-taken = This is taken already.
form-stays = Nothing was saved. Correct what is marked, then save again.
form-yes = Yes
form-no = No
form-everything = All
form-none = None
form-search = Search
form-show = Show
form-back = Back

# Lists
list-next = Next page
list-first = First page
list-nothing = Nothing fits.
list-never = never


list-previous = Previous page
form-leave = Leave it as it is
form-too-long = At most { $n } characters.
time-seconds = { $n } s
time-minutes = { $n } min
time-hours = { $h } h { $m } min
