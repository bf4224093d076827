-- One row per device authorization request (RFC 8628).
CREATE TABLE devices (
  signature     TEXT   NOT NULL PRIMARY KEY, -- SHA-256 of the device code
  user_code     TEXT   NOT NULL UNIQUE,      -- without its dash
  client_id     TEXT   NOT NULL REFERENCES clients (id),
  scope         TEXT   NOT NULL, -- asked for, then granted
  audience      TEXT   NOT NULL,
  state         TEXT   NOT NULL, -- pending, accepted, rejected or used
  subject       TEXT   NOT NULL, -- empty until it is accepted
  auth_time     BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL,
  poll_interval BIGINT NOT NULL, -- seconds
  polled_at     BIGINT NOT NULL  -- 0 for never
);
