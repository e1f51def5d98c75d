"""Scenes to alarms: what is raised, updated, cleared, and when."""
