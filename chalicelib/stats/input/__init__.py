"""What is to be analysed, checked and laid out in columns."""
