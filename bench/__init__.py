"""Measurements that anyone can run again, each beside peers in the same run."""
