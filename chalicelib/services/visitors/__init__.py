"""One visitor at a time: assign, collect, log in, erase."""
