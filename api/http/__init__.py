"""What every route of the web has in common: who may ask, from where, what anybody may see.

Reading order: `acts` (which address is which act of `registry.rights`), `rights` (the layer that
checks it before a body is read), `addresses` (where a request comes from), `public_fields`; then
what is asked of every connection: sockets, heads, bodies and their limits.
"""
