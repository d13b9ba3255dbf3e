"""One worker behind the front door of `serve`: `python -m infra.local.front FD`, with a Lambda's settings.

The handler runs in this process, one request at a time, as in a Lambda; several workers share the socket.
"""

import importlib
import logging
import os
import socket
import sys
from wsgiref.types import StartResponse, WSGIEnvironment

import waitress

from infra.aws.cloud import emulated
from infra.local.gateway import Gateway
from infra.local.site import Site

API_PREFIXES = ("/e/", "/v1/", "/admin/")


class Front:
    """Which path goes where, as CloudFront's behaviours say."""

    def __init__(self, api: Gateway, site: Site) -> None:
        self._api = api
        self._site = site

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        # API Gateway hands a picture to whoever names no type as base64; a CDN always names one.
        environ.setdefault("HTTP_ACCEPT", "*/*")
        path = environ["PATH_INFO"]
        chosen = self._api if path.startswith(API_PREFIXES) else self._site
        return chosen(environ, start_response)


def main(listener: int) -> None:
    app = importlib.import_module("app").app
    cloud = emulated(os.environ["AWS_ENDPOINT_URL"])
    front = Front(Gateway(app, app.routes), Site(cloud.client("s3"), os.environ["SITE_BUCKET"]))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waitress.serve(front, sockets=[socket.socket(fileno=listener)], threads=1, ident=None, _quiet=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
