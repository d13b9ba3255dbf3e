"""HTTP routes and jobs: read the request, call one service, answer."""
