"""Deploy, run and look at leansplit: `python -m infra …`."""
