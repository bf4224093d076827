CREATE TABLE clients (
  id              TEXT   NOT NULL PRIMARY KEY,
  name            TEXT   NOT NULL,
  secret_hash     TEXT   NOT NULL, -- names its algorithm; empty for clients without a secret
  auth_method     TEXT   NOT NULL,
  grant_types     TEXT   NOT NULL, -- space separated, as all lists here
  scope           TEXT   NOT NULL,
  redirect_uris   TEXT   NOT NULL,
  access_lifetime BIGINT NOT NULL, -- seconds; 0 is the server's own
  audience        TEXT   NOT NULL, -- that its tokens may be for
  keys            TEXT   NOT NULL, -- JWK Set of its public keys, or empty
  signing_alg     TEXT   NOT NULL, -- of its assertions; empty for any
  subject_dn      TEXT   NOT NULL, -- of its certificate, with tls_client_auth
  created_at      BIGINT NOT NULL  -- microseconds since the epoch, as all times here
);

-- What one deployment must keep over restarts: its signing and encryption keys.
CREATE TABLE deployment_keys (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- Assertions that have been used (RFC 7523 section 3, jti).
CREATE TABLE assertions (
  signature  TEXT   NOT NULL PRIMARY KEY, -- SHA-256 of client and jti
  expires_at BIGINT NOT NULL
);
