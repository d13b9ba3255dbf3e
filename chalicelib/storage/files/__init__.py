"""Reports and other files: in S3, in a folder, in memory."""
