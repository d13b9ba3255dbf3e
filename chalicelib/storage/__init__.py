"""Where things are kept: DynamoDB, S3, and memory for tests and replays."""
