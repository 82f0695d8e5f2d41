"""A stand-in for O*NET Web Services: v2.0 and v1.9 over real sockets, on data of a real release."""
