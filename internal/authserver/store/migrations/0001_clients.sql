CREATE TABLE clients (
  id              TEXT   NOT NULL PRIMARY KEY,
  name            TEXT   NOT NULL,
  secret_hash     TEXT   NOT NULL, -- names its algorithm; empty for clients without a secret
  auth_method     TEXT   NOT NULL,
  grant_types     TEXT   NOT NULL, -- space separated, as all lists here
  scope           TEXT   NOT NULL,
  redirect_uris   TEXT   NOT NULL,
  access_lifetime BIGINT NOT NULL, -- seconds; 0 is the server's own
  extras          TEXT   NOT NULL, -- lines: algorithm of its assertions, subject of its certificate, audience, JWK Set; empty for none
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
