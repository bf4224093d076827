package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	imageapi "github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
)

// removeTimeout bounds the removal of one stack.
const removeTimeout = time.Minute

// Close removes the stack: containers, network, volumes. It does not wait for the
// server to end in good order. What could not be removed is in the error, by name.
// Calling it again is allowed, and looks again.
func (s *Stack) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
	defer cancel()
	s.http.CloseIdleConnections()
	s.closeStatistics(ctx)
	_, err := s.engine.remove(ctx, s.mine())
	if err != nil {
		return fmt.Errorf("remove %s: %w: run oauthbench clean", s.spec, err)
	}
	return nil
}

// Removed is what Clean did.
type Removed struct {
	Containers, Networks, Volumes []string // names
	// Images are reference images of earlier builds of oauthbench.
	Images []string
	// Kept are runs that were left alone because the program that made them still
	// runs, or is on another host and may.
	Kept []string
}

// Clean removes what runs left that were killed before they could. With running it
// also removes what belongs to programs that still run. Of the reference images that no
// container uses the newest stays. Things without our labels are never touched.
func Clean(ctx context.Context, running bool) (Removed, error) {
	e, err := connect(ctx)
	if err != nil {
		return Removed{}, fmt.Errorf("clean: %w", err)
	}
	defer e.Close()
	owners, err := e.owners(ctx)
	if err != nil {
		return Removed{}, fmt.Errorf("clean: %w", err)
	}
	var all Removed
	var errs []error
	for _, o := range owners {
		if !running && !o.process.gone() {
			all.Kept = append(all.Kept, fmt.Sprintf("run %s of process %d on %s", o.run, o.process.pid, o.process.host))
			continue
		}
		removed, err := e.remove(ctx, make(client.Filters).Add("label", labelRun+"="+o.run, labelOwner+"="+o.label))
		all.Containers = append(all.Containers, removed.Containers...)
		all.Networks = append(all.Networks, removed.Networks...)
		all.Volumes = append(all.Volumes, removed.Volumes...)
		errs = append(errs, err)
	}
	all.Images, err = e.removeOldReferences(ctx)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return all, fmt.Errorf("clean: %w", err)
	}
	return all, nil
}

// removeOldReferences removes the reference images that no container uses, but for the
// newest, and returns their names.
func (e *engine) removeOldReferences(ctx context.Context) ([]string, error) {
	images, err := e.ImageList(ctx, client.ImageListOptions{Filters: make(client.Filters).Add("label", labelReference)})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(images.Items, func(a, b imageapi.Summary) int { return cmp.Compare(b.Created, a.Created) })
	var removed []string
	var errs []error
	for _, i := range images.Items[min(1, len(images.Items)):] {
		_, err := e.ImageRemove(ctx, i.ID, client.ImageRemoveOptions{})
		switch {
		case err == nil:
			removed = append(removed, append(i.RepoTags, i.ID)[0])
		case !errdefs.IsConflict(err) && !errdefs.IsNotFound(err): // a conflict: a container uses it
			errs = append(errs, fmt.Errorf("image %s: %w", i.ID, err))
		}
	}
	return removed, errors.Join(errs...)
}

// ownership is one program's part in a run.
type ownership struct {
	run, label string
	process    process
}

// owners lists who made what is there.
func (e *engine) owners(ctx context.Context) ([]ownership, error) {
	ours := make(client.Filters).Add("label", labelKind+"=true")
	var found []ownership
	add := func(labels map[string]string) {
		o := ownership{run: labels[labelRun], label: labels[labelOwner]}
		var ok bool
		if o.process, ok = parseProcess(o.label); ok && !slices.Contains(found, o) {
			found = append(found, o)
		}
	}
	containers, err := e.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		return nil, err
	}
	for _, c := range containers.Items {
		add(c.Labels)
	}
	networks, err := e.NetworkList(ctx, client.NetworkListOptions{Filters: ours})
	if err != nil {
		return nil, err
	}
	for _, n := range networks.Items {
		add(n.Labels)
	}
	volumes, err := e.VolumeList(ctx, client.VolumeListOptions{Filters: ours})
	if err != nil {
		return nil, err
	}
	for _, v := range volumes.Items {
		add(v.Labels)
	}
	return found, nil
}

// remove removes what the filters find: containers first, for they hold the rest.
// It goes on after an error, so that one stubborn thing does not keep the others.
func (e *engine) remove(ctx context.Context, filters client.Filters) (Removed, error) {
	var done Removed
	var errs []error
	note := func(to *[]string, kind, name string, err error) {
		switch {
		case err == nil || errdefs.IsNotFound(err): // somebody else removed it
			*to = append(*to, name)
		default:
			errs = append(errs, fmt.Errorf("%s %s: %w", kind, name, err))
		}
	}
	containers, err := e.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	errs = append(errs, err)
	for _, c := range containers.Items {
		_, err := e.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		name := c.ID[:12]
		if len(c.Names) > 0 {
			name = c.Names[0]
		}
		note(&done.Containers, "container", name, err)
	}
	networks, err := e.NetworkList(ctx, client.NetworkListOptions{Filters: filters})
	errs = append(errs, err)
	for _, n := range networks.Items {
		_, err := e.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
		note(&done.Networks, "network", n.Name, err)
	}
	volumes, err := e.VolumeList(ctx, client.VolumeListOptions{Filters: filters})
	errs = append(errs, err)
	for _, v := range volumes.Items {
		_, err := e.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{Force: true})
		note(&done.Volumes, "volume", v.Name, err)
	}
	return done, errors.Join(errs...)
}
