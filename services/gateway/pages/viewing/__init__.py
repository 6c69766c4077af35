"""What a profile has watched, where people see it: on cards, on a title's page, in lists of its own."""
