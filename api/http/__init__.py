"""What HTTP asks of every answer: sockets, heads, bodies and their limits."""
