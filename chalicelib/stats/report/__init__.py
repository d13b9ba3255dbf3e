"""The blocks of a report, made of the other rooms' figures."""
