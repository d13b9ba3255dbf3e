"""leansplit: split testing in your own AWS account."""
