-- v2: a grant is a row of its own, and revoking it is one update.
CREATE TABLE grants (
  id         TEXT   NOT NULL PRIMARY KEY,
  client_id  TEXT   NOT NULL REFERENCES clients (id),
  subject    TEXT   NOT NULL,
  scope      TEXT   NOT NULL,
  extras     TEXT   NOT NULL, -- of the refresh token, as of every token
  auth_time  BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);

-- v1 revokes a grant by revoking each of its tokens, and never one refresh token alone.
INSERT INTO grants (id, client_id, subject, scope, extras, auth_time, created_at, revoked_at)
SELECT grant_id, MIN(client_id), MIN(subject), MAX(scope), MIN(extras), MIN(auth_time), MIN(issued_at), MAX(revoked_at)
FROM tokens WHERE grant_id IS NOT NULL AND kind = 'refresh' GROUP BY grant_id;

-- Grants without a refresh token: the state of their access tokens is in each token.
INSERT INTO grants (id, client_id, subject, scope, extras, auth_time, created_at, revoked_at)
SELECT grant_id, MIN(client_id), MIN(subject), MAX(scope), MIN(extras), MIN(auth_time), MIN(issued_at), NULL
FROM tokens
WHERE grant_id IS NOT NULL AND grant_id NOT IN (SELECT id FROM grants)
GROUP BY grant_id;
