"""Who acts for whom: proxies, absences, a leaver's turns."""
