-- The plain schema of v1: every token of every kind in one table.
CREATE TABLE tokens (
  signature  TEXT   NOT NULL, -- SHA-256 of the token's id
  kind       TEXT   NOT NULL, -- access or refresh
  grant_id   TEXT,            -- null for client_credentials
  client_id  TEXT   NOT NULL,
  subject    TEXT   NOT NULL,
  scope      TEXT   NOT NULL,
  extras     TEXT   NOT NULL, -- lines: thumbprint of the key it is bound to, audience, actor; empty for none
  auth_time  BIGINT NOT NULL,
  issued_at  BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  rotated_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX tokens_signature ON tokens (signature);
CREATE INDEX tokens_grant ON tokens (grant_id);
