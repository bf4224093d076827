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
  audience   TEXT   NOT NULL,
  thumbprint TEXT   NOT NULL, -- of the key that its holder must prove (RFC 9449); empty for a bearer token
  actor      TEXT   NOT NULL, -- who acts for the subject (RFC 8693 section 4.1); empty for nobody
  issued_at  BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);

INSERT INTO access_tokens (signature, grant_id, client_id, subject, scope, audience, thumbprint, actor, issued_at, expires_at, revoked_at)
SELECT signature, grant_id, client_id, subject, scope, audience, '', '', issued_at, expires_at, revoked_at FROM tokens WHERE kind = 'access';

DROP TABLE tokens;
