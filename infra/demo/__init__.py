"""The visitors that `demo` sends, and what it compares."""
