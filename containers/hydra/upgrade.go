package hydra

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/oauthbench/oauthbench/containers/census"
	"github.com/oauthbench/oauthbench/containers/stack"
)

// upgradeOf says how a release is replaced and replaces others. environment is that of
// every container of it.
func upgradeOf(release version, environment func(stack.Site) map[string]string) stack.Upgrade {
	sessions := release.admin() + "/oauth2/auth/sessions/consent?"
	u := stack.Upgrade{
		CleanUp: func(ctx context.Context, a *stack.Access, run func(context.Context, stack.Command) error) error {
			// A login under way counts as given up after half an hour, which nobody waits for here.
			args := []string{"janitor", "--tokens", "--requests", "--grants", "--consent-request-lifespan", "1s",
				"--read-from-env"}
			return run(ctx, stack.Command{Args: args, Env: maps.Clone(environment(a.Site))})
		},
		EndConsent: func(ctx context.Context, a *stack.Access, subject string) error {
			query := url.Values{"subject": {subject}, "all": {"true"}}
			return a.Call(ctx, http.MethodDelete, a.Admin+sessions+query.Encode(), "", nil, nil)
		},
		DeleteClient: func(ctx context.Context, a *stack.Access, id string) error {
			err := a.Call(ctx, http.MethodDelete, a.Admin+release.admin()+"/clients/"+url.PathEscape(id), "", nil, nil)
			if refused := (*stack.Refusal)(nil); errors.As(err, &refused) && refused.Status == http.StatusNotFound {
				return nil // A replay that was cut off has deleted it, and does so again.
			}
			return err
		},
		ChangeClient: func(ctx context.Context, a *stack.Access, id string, metadata map[string]any) error {
			address := a.Admin + release.admin() + "/clients/" + url.PathEscape(id)
			client := map[string]any{}
			if err := a.Call(ctx, http.MethodGet, address, "", nil, &client); err != nil {
				return err
			}
			maps.Copy(client, metadata)
			return a.Call(ctx, http.MethodPut, address, "", client, nil)
		},
		Keeps:     keeps(release, sessions),
		Preflight: func(to string) []stack.RowCheck { return preflight(release, to) },
		CatchUp:   func(from string) []stack.CatchUp { return catchUp(release, from) },
		Growth:    grants(release),
		Rows:      rows(release),
	}
	if !release.first() {
		u.Examine, u.Repair = examine(), repair
		u.Made = map[string]string{"hydra_oauth2_flow": "hydra_oauth2_authentication_request"}
		u.Published = published
	}
	return u
}

// published are totals of the migration from 1.x to 2.x.
var published = []census.Published{{
	Who: "Cloudflare", Where: "blog.cloudflare.com/oauth-for-all", Updated: 132.5e6, Inserted: 114.7e6,
	TempBytes: 136.97e9, Took: 3 * time.Hour,
}}

// examine is what the migration from 1.x leaves wrong, in every release of 2.x.
func examine() []stack.RowCheck {
	const cure = "mend the migrated copy before green starts: --after-migrate with the repair that is beside this " +
		"report"
	return []stack.RowCheck{
		{Name: "logins marked as failed", Fault: true, Cure: cure,
			Query: `SELECT count(*) FILTER (WHERE state = 128 AND login_error IN ('{}', '')
				OR state = 129 AND consent_error IN ('{}', '')), count(*) FROM hydra_oauth2_flow`,
			Means: "logins that succeeded have the state of a failed one (128, or 129 by their consent): their " +
				"consents are forgotten, and the janitor deletes them with their tokens"},
		{Name: "logins without their user", Fault: true, Cure: cure,
			Query: `SELECT count(*) FILTER (WHERE subject = ''), count(*) FROM hydra_oauth2_flow f
				WHERE consent_remember AND consent_was_used
				OR EXISTS (SELECT FROM hydra_oauth2_refresh t WHERE t.challenge_id = f.consent_challenge_id)
				OR EXISTS (SELECT FROM hydra_oauth2_access t WHERE t.challenge_id = f.consent_challenge_id)`,
			Means: "logins with tokens or a remembered consent have lost their subject: the consent is forgotten, " +
				"and revoking it answers 204 and revokes nothing"},
	}
}

// repair gives flows their subject and state back, as 2.x itself would have written them.
const repair = `-- For a database of Hydra 1.x that was migrated to 2.x: run it before 2.x serves.
BEGIN;
UPDATE hydra_oauth2_flow f SET subject = t.subject
FROM (
  SELECT challenge_id, max(subject) AS subject FROM (
    SELECT challenge_id, subject FROM hydra_oauth2_refresh
    UNION ALL SELECT challenge_id, subject FROM hydra_oauth2_access
    UNION ALL SELECT challenge_id, subject FROM hydra_oauth2_code
  ) tokens WHERE challenge_id IS NOT NULL AND subject <> '' GROUP BY challenge_id
) t WHERE f.consent_challenge_id = t.challenge_id AND f.subject = '';
-- Where a clean-up has removed the tokens: the user of the browser's session.
UPDATE hydra_oauth2_flow f SET subject = s.subject FROM hydra_oauth2_authentication_session s
WHERE f.login_session_id = s.id AND f.subject = '' AND s.subject <> '';
UPDATE hydra_oauth2_flow SET login_error = coalesce(nullif(login_error, ''), '{}'),
  consent_error = CASE WHEN consent_error = '' THEN '{}' ELSE consent_error END,
  granted_scope = coalesce(granted_scope, '[]'), state = CASE
  WHEN consent_error IS NOT NULL AND consent_error NOT IN ('{}', '') THEN 129
  WHEN consent_was_used THEN 6
  WHEN consent_error IN ('{}', '') THEN 5
  WHEN consent_challenge_id IS NOT NULL THEN 4
  WHEN login_was_used THEN 3
  ELSE 2 END
WHERE state = 128 AND login_error IN ('{}', '') OR state = 129 AND consent_error IN ('{}', '');
COMMIT;
`
