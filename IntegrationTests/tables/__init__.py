"""Tables of messages with the stated outcome of each."""
