-- One row per authorization request; its id is also the id of the grant that follows.
CREATE TABLE sign_ins (
  id             TEXT   NOT NULL PRIMARY KEY,
  client_id      TEXT   NOT NULL REFERENCES clients (id),
  redirect_uri   TEXT   NOT NULL,
  scope          TEXT   NOT NULL,
  audience       TEXT   NOT NULL,
  state          TEXT   NOT NULL,
  nonce          TEXT   NOT NULL,
  response_mode  TEXT   NOT NULL,
  code_challenge TEXT   NOT NULL,
  subject        TEXT   NOT NULL, -- empty until the login is accepted
  auth_time      BIGINT NOT NULL,
  expires_at     BIGINT NOT NULL,
  code_signature TEXT UNIQUE,     -- null until a code is issued
  code_used_at   BIGINT
);
