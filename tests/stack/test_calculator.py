"""A calculator of one's own, packed from a folder and run by the deployed report function."""
