CREATE TABLE clients (
  id              TEXT   NOT NULL PRIMARY KEY,
  name            TEXT   NOT NULL,
  secret_hash     TEXT   NOT NULL, -- names its algorithm; empty for public clients
  auth_method     TEXT   NOT NULL,
  grant_types     TEXT   NOT NULL, -- space separated, as all lists here
  scope           TEXT   NOT NULL,
  redirect_uris   TEXT   NOT NULL,
  access_lifetime BIGINT NOT NULL, -- seconds; 0 is the server's own
  created_at      BIGINT NOT NULL  -- microseconds since the epoch, as all times here
);

-- What one deployment must keep over restarts: its signing and encryption keys.
CREATE TABLE deployment_keys (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
