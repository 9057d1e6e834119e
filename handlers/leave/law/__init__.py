"""What the law and the office say: policies, years of service, entitlement, allowances, counting."""
