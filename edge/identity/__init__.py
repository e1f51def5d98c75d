"""Who the device is: a key it made itself, a claim that is good for once, a certificate and its renewal."""
