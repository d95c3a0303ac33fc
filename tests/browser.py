"""A real Chromium for the tests, steered through ChromeDriver in the W3C WebDriver protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how the protocol names a reference to an element
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
_OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
]  # fmt: skip
# what a page could do that it must not: noted from before its first script
_WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (e) =>
  window.__violations.push(e.violatedDirective + ' ' + e.blockedURI));
window.__errors = [];
window.addEventListener('error', (e) => window.__errors.push(String(e.message)));
window.addEventListener('unhandledrejection', (e) => window.__errors.push(String(e.reason)));
"""


class Browser:
    """One Chromium with an empty profile; a context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.downloads = Path(self._folder.name, "downloads")
        self.downloads.mkdir()

    def __enter__(self) -> Browser:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        assert DRIVER
        self._driver = subprocess.Popen(
            [DRIVER, f"--port={port}"], stdout=subprocess.DEVNULL, env={**os.environ, "HOME": self._folder.name}
        )
        self._root = f"http://127.0.0.1:{port}"
        self._wait_for_driver()
        options = {"binary": CHROMIUM, "args": [*_OPTIONS, f"--user-data-dir={self._folder.name}/profile"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"},
                  "unhandledPromptBehavior": "accept"}  # fmt: skip
        session = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._root += f"/session/{session['sessionId']}"
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source=_WATCH)
        self.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._send("DELETE", "", None)
        finally:
            self._driver.terminate()
            self._driver.wait(10)
            self._folder.cleanup()

    def _wait_for_driver(self) -> None:
        end = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < end, "chromedriver does not answer"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return bool(self._send("GET", "/status", None)["ready"])
        except OSError:
            return False

    def _send(self, method: str, path: str, body: Any) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._root + path, content, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from error

    def devtools(self, command: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, path: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """Open a page from disk in a window of that size, in CSS pixels."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.devtools("Emulation.setEmulatedMedia", media="screen", features=scheme)
        self._send("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns; its arguments are `arguments`."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def until(self, condition: str, *, seconds: float = 10) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            assert time.monotonic() < end, f"not within {seconds} s: {condition}"
            time.sleep(0.02)

    def press(self, *keys: str) -> None:
        """Press real keys, one after the other."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._send("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def point(self, selector: str) -> None:
        """Move the mouse onto the first element that a selector finds."""
        element = self._send("POST", "/element", {"using": "css selector", "value": selector})
        move = {"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": {ELEMENT: element[ELEMENT]}}
        self._send("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [move]}]})

    def upload(self, selector: str, path: Path) -> None:
        """Choose a file for an input."""
        element = self._send("POST", "/element", {"using": "css selector", "value": selector})
        self._send("POST", f"/element/{element[ELEMENT]}/value", {"text": str(path)})

    def screenshot(self, path: Path) -> None:
        """What the window shows, as PNG."""
        path.write_bytes(base64.b64decode(self._send("GET", "/screenshot", None)))

    def complaints(self) -> list[str]:
        """Errors of scripts, violations of the page's policy, and what the console holds."""
        noted: list[str] = self.run("return [...window.__violations, ...window.__errors]")
        log = self._send("POST", "/se/log", {"type": "browser"})
        return noted + [entry["message"] for entry in log if entry["level"] in ("SEVERE", "WARNING")]
