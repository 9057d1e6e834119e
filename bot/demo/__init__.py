"""The rehearsal room: one page with several phones, a clock that moves, faults on request and the wire made visible."""
