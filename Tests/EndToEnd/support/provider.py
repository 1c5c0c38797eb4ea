"""An identity provider as Keycloak is one: keys that rotate, a discovery document, tokens of its shape."""

import http.server
import json
import threading
import time

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey


def make_key(kind="RS256", kid="key-1", **parameters):
    options = {"kid": kid, "use": "sig", "alg": kind, **parameters}
    if kind.startswith(("RS", "PS")):
        return RSAKey.generate_key(2048, options)
    if kind.startswith("ES"):
        return ECKey.generate_key({"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[kind], options)
    return OKPKey.generate_key("Ed25519", options)


class Provider:
    """Serves `/realms/shop`; `seen` are the paths that were asked for."""

    def __init__(self, keys=None):
        self.keys = keys if keys is not None else [make_key()]
        self.seen = []
        self.gate = threading.Event()
        self.gate.set()
        self.status = 200
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                provider.seen.append(self.path)
                provider.gate.wait(10)
                body = json.dumps(provider.document(self.path)).encode()
                self.send_response(provider.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/realms/shop"
        self.key_set_url = self.issuer + "/protocol/openid-connect/certs"

    def document(self, path):
        if path.endswith("/.well-known/openid-configuration"):
            return {"issuer": self.issuer, "jwks_uri": self.key_set_url}
        encryption = {**make_key_once().as_dict(private=False), "use": "enc", "alg": "RSA-OAEP", "kid": "enc-1"}
        return {"keys": [encryption, *(key.as_dict(private=False) for key in self.keys)]}

    def stop(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()

    def declaration(self, **further):
        return {"issuer": self.issuer, "audiences": ["shop-api"], **further}

    def claims(self, **changes):
        now = int(time.time())
        claims = {
            "exp": now + 300, "iat": now, "jti": "b1c6", "iss": self.issuer, "aud": ["shop-api", "account"],
            "sub": "f3a1c9", "typ": "Bearer", "azp": "shop-web", "scope": "openid profile orders",
            "realm_access": {"roles": ["customer", "offline_access"]},
            "resource_access": {"shop-api": {"roles": ["reader"]}, "account": {"roles": ["manage-account"]}},
            "preferred_username": "ada", "email": "ada@example.com", "email_verified": True,
        }  # fmt: skip
        claims.update(changes)
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key=None, header=None, **changes):
        key = key or self.keys[0]
        algorithm = key.get("alg")
        full = {"alg": algorithm, "typ": "JWT", "kid": key.kid, **(header or {})}
        full = {name: value for name, value in full.items() if value is not None}
        return jwt.encode(full, self.claims(**changes), key, algorithms=[full["alg"]])


_ENCRYPTION = []


def make_key_once():
    if not _ENCRYPTION:
        _ENCRYPTION.append(RSAKey.generate_key(2048))
    return _ENCRYPTION[0]
