package announced

import (
	"slices"
	"testing"
)

// Of what a version says that its migration will run, statements are counted without the bookkeeping
// of the migration itself, and those that write rows are named.
func TestAnnounced(t *testing.T) {
	a := Read(`-- Update Database Script
CREATE TABLE public.databasechangeloglock (ID INTEGER NOT NULL);
-- Changeset META-INF/jpa-changelog-26.6.0.xml
ALTER TABLE public.OFFLINE_CLIENT_SESSION ADD REALM_ID VARCHAR(36);

UPDATE OFFLINE_CLIENT_SESSION cs SET realm_id = us.realm_id
FROM OFFLINE_USER_SESSION us WHERE cs.realm_id IS NULL;
INSERT INTO public.databasechangelog (ID) VALUES ('26.6.0');
UPDATE public.databasechangeloglock SET LOCKED = TRUE;
CREATE INDEX IDX_X ON public.USER_ENTITY (REALM_ID);
`)
	want := []string{"UPDATE OFFLINE_CLIENT_SESSION cs SET realm_id = us.realm_id FROM OFFLINE_USER_SESSION us " +
		"WHERE cs.realm_id IS NULL"}
	if !slices.Equal(a.Writes, want) {
		t.Errorf("rows are written by %q; want %q", a.Writes, want)
	}
	if a.Statements != 3 {
		t.Errorf("%d statements; want 3", a.Statements)
	}
}
