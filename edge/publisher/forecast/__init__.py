"""What is to be expected at each line and zone in 15, 30 and 60 minutes, from this device's own released figures."""
