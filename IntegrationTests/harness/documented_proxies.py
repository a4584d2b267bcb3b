"""nginx, Traefik and Envoy with the configurations of their pages."""

import json
import re

import yaml

from harness import documents
from harness.nginx import NGINX
from harness.proxies import Proxy, program


class Documented(Proxy):
    """A proxy with the configuration of its page, for addresses and files of a test."""

    page = ""
    asks = ""
    #: What it answers by itself where nobody answers who it asks.
    unanswered = 500

    @classmethod
    def shown(cls, first_line):
        """The block of the page that begins with a line."""
        pattern = rf"```\w+\n({re.escape(first_line)}\n.*?)```"
        return re.findall(pattern, documents.text(cls.page), re.DOTALL)[0]

    def adapted(self, text):
        for path, file in (
            ("pki/server.pem", self.chain),
            ("pki/server-key.pem", self.key),
            ("pki/client-ca.pem", self.roots),
        ):
            text = text.replace(path, file)
        return text.replace("127.0.0.1:8000", self.backend).replace("127.0.0.1:9191", self.asks)


class Nginx(Documented):
    page = "behind-nginx.md"
    header = "ssl-client-cert"

    def command(self):
        server = self.adapted(self.shown("# nginx.conf")).replace("listen 443", f"listen 127.0.0.1:{self.port}")
        configuration = self.write(
            "nginx.conf",
            f"""
            daemon off; master_process off; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log info;
            events {{ worker_connections 256; }}
            http {{
                access_log off;
                client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;
                fastcgi_temp_path {self.folder}/fastcgi; uwsgi_temp_path {self.folder}/uwsgi;
                scgi_temp_path {self.folder}/scgi;
                {server}
            }}
            """,
        )
        return [NGINX, "-p", str(self.folder), "-e", str(self.folder / "error.log"), "-c", configuration]


class Ingress(Nginx):
    """Asks as the ingress controller does: it says the URL, and passes on all that the client wrote beside it."""

    @classmethod
    def shown(cls, first_line):
        text = super().shown(first_line)
        text = re.sub(r"location @refused \{.*?\n    \}", "", text, flags=re.DOTALL)
        text = text.replace("error_page 401 403 = @refused;", "")
        fields = {
            "Content-Length": '""',
            "X-Original-URL": "$scheme://$http_host$request_uri",
            "X-Original-Method": "$request_method",
            "ssl-client-cert": "$ssl_client_escaped_cert",
            "ssl-client-verify": "$ssl_client_verify",
        }
        lines = "".join(f"proxy_set_header {name} {value};" for name, value in fields.items())
        asking = f"proxy_pass http://127.0.0.1:9191/auth/nginx; proxy_pass_request_body off; {lines}"
        return re.sub(
            r"location = /_auth \{.*?\n    \}", f"location = /_auth {{ internal; {asking} }}", text, flags=re.DOTALL
        )


class Traefik(Documented):
    page = "behind-traefik.md"
    header = "X-Forwarded-Tls-Client-Cert"

    def command(self):
        static = {
            "entryPoints": {"clients": {"address": f"127.0.0.1:{self.port}"}},
            "providers": {"file": {"filename": self.write("dynamic.yml", self.adapted(self.shown("# dynamic.yml")))}},
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        }
        return [program("traefik"), f"--configFile={self.write('traefik.yml', json.dumps(static))}"]


class Envoy(Documented):
    page = "behind-envoy.md"
    header = "X-Forwarded-Client-Cert"
    unanswered = 403

    def adapted(self, text):
        for port, address in (("8000", self.backend), ("9191", self.asks)):
            text = text.replace(f"port_value: {port}", f"port_value: {address.rpartition(':')[2]}")
        text = text.replace("0.0.0.0, port_value: 443", f"127.0.0.1, port_value: {self.port}")
        return super().adapted(text)

    def command(self):
        configuration = self.write("envoy.yaml", self.adapted(self.shown("# envoy.yaml")))
        return [program("envoy"), "-c", configuration, "--use-dynamic-base-id", "--concurrency", "1", "-l", "warning"]


class EnvoyGRPC(Envoy):
    """Asks over gRPC, and removes nothing by itself of what clients write."""

    grpc_port = 0

    def adapted(self, text):
        whole = yaml.safe_load(super().adapted(text))
        other = yaml.safe_load(
            self.shown("# envoy-grpc.yaml").replace("port_value: 9193", f"port_value: {self.grpc_port}")
        )
        resources = whole["static_resources"]
        manager = resources["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        del manager["early_header_mutation_extensions"]
        manager["http_filters"][0] = other["filter"]
        resources["clusters"][1] = other["cluster"]
        return yaml.safe_dump(whole)
