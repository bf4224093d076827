// Runs oidc-provider with its store in PostgreSQL; the environment says all that can be set.
import { generateKeyPairSync } from 'node:crypto';
import pg from 'pg';
import Provider from 'oidc-provider';

const { env } = process;
const pool = new pg.Pool({ connectionString: env.DSN, max: Number(env.POOL) });
await pool.query(`CREATE TABLE IF NOT EXISTS oidc (model text, id text, payload jsonb NOT NULL, grant_id text,
  user_code text, uid text, expires_at timestamptz, PRIMARY KEY (model, id))`);
for (const column of ['grant_id', 'user_code', 'uid']) {
  await pool.query(`CREATE INDEX IF NOT EXISTS oidc_${column} ON oidc (${column}) WHERE ${column} IS NOT NULL`);
}

class Store {
  constructor(model) { this.model = model; }

  upsert(id, payload, seconds) {
    return pool.query(`INSERT INTO oidc VALUES ($1, $2, $3, $4, $5, $6, now() + $7::float8 * interval '1 second')
      ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`,
    [this.model, id, payload, payload.grantId, payload.userCode, payload.uid, seconds]);
  }

  async by(column, value) {
    const found = await pool.query(`SELECT payload FROM oidc WHERE model = $1 AND ${column} = $2
      AND (expires_at IS NULL OR expires_at > now())`, [this.model, value]);
    return found.rows[0]?.payload;
  }

  find(id) { return this.by('id', id); }

  findByUid(uid) { return this.by('uid', uid); }

  findByUserCode(code) { return this.by('user_code', code); }

  consume(id) {
    return pool.query(`UPDATE oidc SET payload = payload || jsonb_build_object('consumed',
      extract(epoch FROM now())::bigint) WHERE model = $1 AND id = $2`, [this.model, id]);
  }

  destroy(id) { return pool.query('DELETE FROM oidc WHERE model = $1 AND id = $2', [this.model, id]); }

  revokeByGrantId(id) { return pool.query('DELETE FROM oidc WHERE grant_id = $1', [id]); }
}

// The key outlives a restart, and so does what it signed.
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
await pool.query("INSERT INTO oidc (model, id, payload) VALUES ('Key', '1', $1) ON CONFLICT DO NOTHING", [key]);
const kept = await new Store('Key').find('1');

const life = (_ctx, _token, client) => client?.access_ttl ?? Number(env.ACCESS_TTL);
const enabled = { enabled: true };
const provider = new Provider(env.ISSUER, {
  adapter: Store,
  jwks: { keys: [kept] },
  cookies: { keys: [env.SECRET] },
  scopes: ['openid', 'offline_access', 'read', 'write', 'bench'],
  extraClientMetadata: { properties: ['access_ttl'] },
  ttl: {
    AccessToken: life, ClientCredentials: life, RefreshToken: Number(env.REFRESH_TTL), Grant: Number(env.REFRESH_TTL),
    AuthorizationCode: 600, DeviceCode: 600, IdToken: 3600, Interaction: 3600, Session: 3600,
  },
  rotateRefreshToken: env.ROTATION === 'on',
  pkce: { required: () => false },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  features: {
    clientCredentials: enabled, introspection: enabled, revocation: enabled, deviceFlow: enabled, dPoP: enabled,
    registration: { enabled: true, initialAccessToken: env.SECRET },
  },
});
provider.listen(3000, '0.0.0.0');
process.on('SIGTERM', () => process.exit(0));
