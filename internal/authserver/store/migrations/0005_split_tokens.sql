CREATE TABLE refresh_tokens (
  signature  TEXT   NOT NULL PRIMARY KEY,
  grant_id   TEXT   NOT NULL REFERENCES grants (id),
  issued_at  BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  rotated_at BIGINT
);

INSERT INTO refresh_tokens (signature, grant_id, issued_at, expires_at, rotated_at)
SELECT signature, grant_id, issued_at, expires_at, rotated_at FROM tokens WHERE kind = 'refresh';

CREATE TABLE access_tokens (
  signature  TEXT   NOT NULL PRIMARY KEY,
  grant_id   TEXT            REFERENCES grants (id), -- null for client_credentials
  client_id  TEXT   NOT NULL REFERENCES clients (id),
  subject    TEXT   NOT NULL,
  scope      TEXT   NOT NULL,
  extras     TEXT   NOT NULL,
  issued_at  BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);

INSERT INTO access_tokens (signature, grant_id, client_id, subject, scope, extras, issued_at, expires_at, revoked_at)
SELECT signature, grant_id, client_id, subject, scope, extras, issued_at, expires_at, revoked_at FROM tokens WHERE kind = 'access';

DROP TABLE tokens;
