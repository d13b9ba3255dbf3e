"""What the snippet costs a page: `python -m bench.snippet_size [--peers]`.

Sizes are gzip -9 and brotli is not needed to compare. `--peers` unpacks the published npm packages of
the peers with `npm pack` into build/peers and measures the file that a page loads, the same way.
`--time` loads the snippet 50 times in Chromium with 20 experiments and prints its main-thread time.
"""

import argparse
import gzip
import statistics
import subprocess
import tarfile
from pathlib import Path

from chalicelib.domain.experiments.bucketing import bucket_ranges
from infra.packaging import snippet
from infra.paths import BUILD

PEERS = (
    ("Plausible", "@plausible-analytics/tracker@0.4.6", "plausible.js"),
    ("GrowthBook", "@growthbook/growthbook@1.8.0", "dist/bundles/index.min.js"),
    ("GrowthBook auto", "@growthbook/growthbook@1.8.0", "dist/bundles/auto.min.js"),
    ("LaunchDarkly", "launchdarkly-js-client-sdk@3.9.5", "dist/ldclient.min.js"),
    ("Statsig", "@statsig/js-client@3.33.5", "build/statsig-js-client.min.js"),
    ("Optimizely", "@optimizely/optimizely-sdk@6.6.1", "dist/optimizely.browser.umd.min.js"),
    ("PostHog", "posthog-js@1.449.2", "dist/array.js"),
)
EXPERIMENTS = 20


def main() -> None:
    """Print a table: bytes, gzip bytes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--time", action="store_true")
    args = parser.parse_args()
    folder = snippet.build()
    for name in ("leansplit.js", "leansplit.mjs", "leansplit.hide.js", "leansplit.debug.js"):
        show(name, (folder / name).read_bytes())
    if args.peers:
        for name, package, path in PEERS:
            show(name, published(package, path))
    if args.time:
        print_time((folder / "leansplit.js").read_text())


def show(name: str, data: bytes | None) -> None:
    """One line; a peer that is not to be had is said to be none."""
    if data is None:
        print(f"{name:22} not found")
    else:
        print(f"{name:22} {len(data):8} bytes {len(gzip.compress(data, 9, mtime=0)):8} gzip")


def published(package: str, path: str) -> bytes | None:
    """A file of a package of npm, or None."""
    folder = BUILD / "peers" / package.replace("/", "-").replace("@", "-")
    if not folder.exists():
        folder.mkdir(parents=True)
        done = subprocess.run(["npm", "pack", package], cwd=folder, capture_output=True, check=False)
        if done.returncode:
            return None
        for packed in folder.glob("*.tgz"):
            with tarfile.open(packed) as archive:
                archive.extractall(folder, filter="data")
    found: Path = folder / "package" / path
    return found.read_bytes() if found.is_file() else None


def print_time(code: str) -> None:
    """Milliseconds of the main thread: to run the script, and to ask for 20 experiments."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import ARGS, CHROMIUM

    ranges = bucket_ranges(2, 1.0, [0.5, 0.5])
    config = {
        f"experiment-{number}": {"keys": ["control", "test"], "seed": str(number), "phase": 1, "since": 1}
        | {"ranges": [list(each) for each in ranges]}
        for number in range(EXPERIMENTS)
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        runs = [once(browser, code, config) for _ in range(50)]
        browser.close()
    for index, what in enumerate(("to run the script", f"to ask for {EXPERIMENTS} experiments")):
        times = sorted(run[index] for run in runs)
        print(f"{what:30} median {statistics.median(times):.2f} ms, 95 % {times[47]:.2f} ms")


def once(browser: object, code: str, config: object) -> list[float]:
    """A first visit, in a context of its own."""
    context = browser.new_context()  # type: ignore[attr-defined]
    page = context.new_page()
    page.route(
        "**/*", lambda route: route.fulfill(status=204 if "/e/" in route.request.url else 200, body="")
    )
    page.goto("http://localhost/")
    measured: list[float] = page.evaluate(
        """([code, config]) => {
          window.leansplitConfig = config;
          const script = document.createElement('script');
          script.textContent = code;
          const start = performance.now();
          document.head.appendChild(script);
          const ran = performance.now();
          Object.keys(config).forEach(name => leansplit.variant(name));
          return [ran - start, performance.now() - ran];
        }""",
        [code, config],
    )
    context.close()
    return measured


if __name__ == "__main__":
    main()
