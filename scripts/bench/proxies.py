"""The proxies that the gateway is measured against, in their own cache folder or from the system's packages."""
import os
import pathlib
import shutil
import subprocess
import sys
import time
import urllib.request

from scene import START_SECONDS_MAX, Part

LITELLM = "litellm[proxy]==1.106.2"
LITELLM_KEY = "sk-bench"
# Debian's packages; for benches alone, so `make setup` knows nothing of them.
PROGRAMS = {"nginx": "nginx-light", "wrk": "wrk"}

# One server passes requests on, one answers by itself: what the client alone takes.
NGINX = """
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000;
    upstream bare {{
        server {upstream};
        keepalive 512;
        keepalive_requests 1000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://bare;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
        location /floor/ {{ return 200 "{{}}"; }}
        location /readyz {{ return 200; }}
    }}
}}
"""

LITELLM_CONFIG = """
model_list:
  - model_name: plain
    litellm_params: {{ model: openai/{model}, api_base: "{upstream}/plain", api_key: none }}
  - model_name: stream
    litellm_params: {{ model: openai/{model}, api_base: "{upstream}/stream", api_key: none }}
general_settings: {{ master_key: {key} }}
"""


def install_programs():
    """Installs nginx and wrk where they are missing, without starting nginx's own service."""
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program, path=search_path())]
    if not missing:
        return
    if os.geteuid() != 0:
        sys.exit(f"FAIL not root; run this once:  sudo apt-get install {' '.join(missing)}")
    policy = pathlib.Path("/usr/sbin/policy-rc.d")
    holds = not policy.exists()
    if holds:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            subprocess.run(["apt-get", "update", "-q"], check=True, stdout=sys.stderr)
            subprocess.run(command, check=True, stdout=sys.stderr)
    finally:
        if holds:
            policy.unlink()


def search_path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def program(name):
    return shutil.which(name, path=search_path())


def nginx(folder, upstream, port):
    """nginx as a bare proxy before `upstream`, with as many workers as there are cores."""
    configuration = pathlib.Path(folder) / "nginx.conf"
    configuration.write_text(NGINX.format(
        folder=folder, upstream=upstream.removeprefix("http://"), port=port, workers=os.cpu_count()))
    command = [program("nginx"), "-p", str(folder), "-e", f"{folder}/nginx.log", "-c", str(configuration)]
    return Part("nginx", command, port, pathlib.Path(folder) / "nginx.out")


def install_litellm():
    """LiteLLM's proxy in an environment of its own; some 100 MB from PyPI, once."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gonka"
    home = cache / f"bench-{LITELLM.replace('[proxy]==', '-')}"
    if not (home / "complete").exists():
        print(f"installing {LITELLM} with pip into {home}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(home / "bin" / "pip"), "--quiet", "--disable-pip-version-check", "install", LITELLM],
                       check=True, stdout=sys.stderr)
        (home / "complete").touch()
    return home / "bin" / "litellm"


class LiteLLM(Part):
    """Ready where it answers to its own probe, which asks no upstream."""

    def wait(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/health/liveliness", timeout=2).close()
                return
            except OSError:
                time.sleep(0.2)
        sys.exit(f"FAIL LiteLLM did not start, see {self.log}")


def litellm(folder, upstream, model, port):
    """LiteLLM's proxy, one worker, which checks a key as the gateway does and writes nothing down."""
    program = install_litellm()
    configuration = pathlib.Path(folder) / "litellm.yaml"
    configuration.write_text(LITELLM_CONFIG.format(upstream=upstream, model=model, key=LITELLM_KEY))
    environment = ["env", "LITELLM_LOG=ERROR", "LITELLM_LOCAL_MODEL_COST_MAP=True", "LITELLM_TELEMETRY=False",
                   "NO_PROXY=*"]
    return LiteLLM("LiteLLM", [
        *environment, str(program), "--config", str(configuration), "--host", "127.0.0.1", "--port", str(port),
        "--num_workers", "1", "--telemetry", "False"], port, pathlib.Path(folder) / "litellm.log")
