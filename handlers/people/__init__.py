"""Who a platform account is, who leads whom, who holds a role."""
