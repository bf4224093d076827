package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/oauthbench/oauthbench/internal/owner"
)

// Removed is what was removed.
type Removed struct {
	Containers, Networks, Volumes []string // names
	// Images are reference images of earlier builds of oauthbench.
	Images []string
	// Kept are runs that were left alone, each with the reason.
	Kept []string
}

func (r *Removed) add(more Removed) {
	r.Containers = append(r.Containers, more.Containers...)
	r.Networks = append(r.Networks, more.Networks...)
	r.Volumes = append(r.Volumes, more.Volumes...)
}

// Leaving is what was made for one run and is still there, with the processes that the run had: it may
// have been begun by one and gone on with by another.
type Leaving struct {
	Run    string
	Owners []owner.Process
}

// Doubt says why the run may still go on, and "" when all its processes have certainly ended.
func (l Leaving) Doubt() string {
	for _, o := range l.Owners {
		if doubt := o.Doubt(); doubt != "" {
			return doubt
		}
	}
	return ""
}

// Leavings lists the runs of which something is there.
func (e *Engine) Leavings(ctx context.Context) ([]Leaving, error) {
	things, err := e.things(ctx, make(client.Filters).Add("label", LabelKind+"=true"))
	if err != nil {
		return nil, err
	}
	var found []Leaving
	for _, t := range things {
		run, made := t.labels[LabelRun], owner.Parse(t.labels[LabelOwner])
		i := slices.IndexFunc(found, func(l Leaving) bool { return l.Run == run })
		if i < 0 {
			i = len(found)
			found = append(found, Leaving{Run: run})
		}
		if !slices.Contains(found[i].Owners, made) {
			found[i].Owners = append(found[i].Owners, made)
		}
	}
	return found, nil
}

// RemoveLeft removes what runs left whose processes have ended; with running also what
// belongs to those that may still run.
func (e *Engine) RemoveLeft(ctx context.Context, running bool) (Removed, error) {
	var all Removed
	leavings, err := e.Leavings(ctx)
	if err != nil {
		return all, err
	}
	var errs []error
	for _, l := range leavings {
		if doubt := l.Doubt(); doubt != "" && !running {
			all.Kept = append(all.Kept, fmt.Sprintf("run %q %s", l.Run, doubt))
			continue
		}
		removed, err := e.RemoveRun(ctx, l.Run)
		all.add(removed)
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

// RemoveRun removes all of a run.
func (e *Engine) RemoveRun(ctx context.Context, run string) (Removed, error) {
	return e.Remove(ctx, make(client.Filters).Add("label", LabelKind+"=true", LabelRun+"="+run))
}

// Remove removes what the filters find and bears a name of ours: containers first, for
// they hold the rest. It goes on after an error, so that one stubborn thing does not
// keep the others.
func (e *Engine) Remove(ctx context.Context, filters client.Filters) (Removed, error) {
	things, err := e.things(ctx, filters)
	var done Removed
	errs := []error{err}
	for _, t := range things {
		err := t.remove(ctx)
		if err != nil && !errdefs.IsNotFound(err) { // not found: somebody else removed it
			errs = append(errs, fmt.Errorf("%s %s: %w", t.kind, t.name, err))
			continue
		}
		switch t.kind {
		case "container":
			done.Containers = append(done.Containers, t.name)
		case "network":
			done.Networks = append(done.Networks, t.name)
		case "volume":
			done.Volumes = append(done.Volumes, t.name)
		}
	}
	return done, errors.Join(errs...)
}

// thing is something of ours that the engine has.
type thing struct {
	kind, name string
	labels     map[string]string
	remove     func(context.Context) error
}

// things finds what bears our labels and a name of ours, in the order of removal.
func (e *Engine) things(ctx context.Context, filters client.Filters) ([]thing, error) {
	var all []thing
	add := func(kind, name string, labels map[string]string, remove func(context.Context) error) {
		if ours(labels, name) {
			all = append(all, thing{kind, strings.TrimPrefix(name, "/"), labels, remove})
		}
	}
	containers, err1 := e.Client.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	for _, c := range containers.Items {
		add("container", cmp.Or(append(c.Names, "")...), c.Labels, func(ctx context.Context) error {
			_, err := e.Client.ContainerRemove(ctx, c.ID,
				client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			return err
		})
	}
	networks, err2 := e.Client.NetworkList(ctx, client.NetworkListOptions{Filters: filters})
	for _, n := range networks.Items {
		add("network", n.Name, n.Labels, func(ctx context.Context) error {
			_, err := e.Client.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
			return err
		})
	}
	volumes, err3 := e.Client.VolumeList(ctx, client.VolumeListOptions{Filters: filters})
	for _, v := range volumes.Items {
		add("volume", v.Name, v.Labels, func(ctx context.Context) error {
			_, err := e.Client.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true})
			return err
		})
	}
	return all, errors.Join(err1, err2, err3)
}
