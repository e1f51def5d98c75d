"""Reports to events: envelope, payloads and their schemas."""
