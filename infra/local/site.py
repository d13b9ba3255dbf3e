"""The site bucket over HTTP, the way CloudFront shows it: files by path, `/` is index.html."""

from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from botocore.exceptions import ClientError

from infra.local.gateway import answer


class Site:
    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return answer(start_response, 405, {"Allow": "GET, HEAD"}, b"")
        found = self._file(key_of(environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")))
        if found is None:
            return answer(start_response, 404, {"Content-Type": "text/plain"}, b"There is no such file.\n")
        if found["ETag"] == environ.get("HTTP_IF_NONE_MATCH"):
            return answer(start_response, 304, {"ETag": found["ETag"]}, b"")
        body = found["Body"].read()
        headers = {"Content-Length": str(len(body)), **headers_of(found)}
        return answer(start_response, 200, headers, b"" if environ["REQUEST_METHOD"] == "HEAD" else body)

    def _file(self, key: str) -> dict[str, Any] | None:
        try:
            return dict(self._s3.get_object(Bucket=self._bucket, Key=key))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                return None
            raise


def key_of(path: str) -> str:
    key = path.lstrip("/")
    return key + "index.html" if not key or key.endswith("/") else key


def headers_of(found: dict[str, Any]) -> dict[str, str]:
    held = {"Content-Type": "ContentType", "Cache-Control": "CacheControl", "ETag": "ETag"}
    held["Content-Encoding"] = "ContentEncoding"
    return {name: found[key] for name, key in held.items() if found.get(key)}
