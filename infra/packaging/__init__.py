"""What is packed for Lambda: the thin zip, the layer, the snippet, your own code."""
