# What stands around every page of the console, and what several of its pages say.

menu = Menu
places = Places
place-overview = Overview
place-people = People
place-selections = Selections
place-automations = Automations
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

# Overview
overview-next-title = Next
overview-next-empty = Nothing is scheduled.
overview-next-empty-text = An automation mails a selection new passwords at set times. Make one, then activate it.
overview-automation = Automation { $number }
overview-runs-title = Latest runs
overview-runs-all = All runs
