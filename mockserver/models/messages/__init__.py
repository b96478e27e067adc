"""What is only ever sent or received: request bodies, lists and event envelopes, one generated module per family."""
