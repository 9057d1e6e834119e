"""What the strict stand-ins of all platforms share: phones, faults, the control address, the trace of calls."""
