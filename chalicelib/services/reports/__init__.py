"""The recount and the reports that follow from it."""
