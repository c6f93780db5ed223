"""What moves on a screen: snapshots of a meeting, and how every screen gets the newest one."""
