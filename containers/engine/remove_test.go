package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/oauthbench/oauthbench/internal/owner"
)

// ourEngine is the engine, for tests that need one. They are skipped unless asked for.
func ourEngine(t *testing.T) *Engine {
	t.Helper()
	if os.Getenv("OAUTHBENCH_REQUIRE_DOCKER") != "1" {
		t.Skip("OAUTHBENCH_REQUIRE_DOCKER=1 runs what needs an engine")
	}
	e, err := Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Client.Close() })
	return e
}

// helperVariable makes the test binary make things for a run, and then wait or end.
const helperVariable = "OAUTHBENCH_TEST_MAKE"

// TestMakeThings is the helper process of the others: it makes a network and a volume,
// says so, and lives until its input ends.
func TestMakeThings(t *testing.T) {
	run := os.Getenv(helperVariable)
	if run == "" {
		t.Skip("only as a helper process")
	}
	e, err := Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	makeThings(t, e, Mark{Run: run, Stack: Random(6)})
	fmt.Println("made")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func makeThings(t *testing.T, e *Engine, m Mark) {
	t.Helper()
	if _, err := e.Client.NetworkCreate(t.Context(), m.Name("network"),
		client.NetworkCreateOptions{Driver: "bridge", Labels: m.Labels("network")}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Client.VolumeCreate(t.Context(),
		client.VolumeCreateOptions{Name: m.Name("server"), Labels: m.Labels("server")}); err != nil {
		t.Fatal(err)
	}
}

// helper starts the helper process by a command before it, and returns when it has made
// its things; end ends it.
func helper(t *testing.T, run string, before ...string) (end func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(slices.Clone(before), self, "-test.run=^TestMakeThings$")
	c := exec.Command(args[0], args[1:]...)
	c.Env = append(os.Environ(), helperVariable+"="+run)
	input, err1 := c.StdinPipe()
	output, err2 := c.StdoutPipe()
	var said bytes.Buffer
	c.Stderr = &said
	if err := errors.Join(err1, err2, c.Start()); err != nil {
		t.Fatal(err)
	}
	end = func() {
		input.Close()
		_ = c.Wait() // how it ends is not what is tested
	}
	t.Cleanup(end)
	begun := make([]byte, 4)
	if _, err := io.ReadFull(output, begun); err != nil || string(begun) != "made" {
		rest, _ := io.ReadAll(output)
		t.Fatalf("helper %v: %q %s %s", args, begun, rest, said.String())
	}
	go io.Copy(io.Discard, output)
	return end
}

// left tells whether anything of the run is there.
func left(t *testing.T, e *Engine, run string) bool {
	t.Helper()
	things, err := e.things(context.Background(), make(client.Filters).Add("label", LabelRun+"="+run))
	if err != nil {
		t.Fatal(err)
	}
	return len(things) > 0
}

// clean removes what ended processes left. Never what runs: tests of other packages do.
func clean(t *testing.T, e *Engine) Removed {
	t.Helper()
	removed, err := e.RemoveLeft(context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	return removed
}

// kept finds what was said of a run that was kept.
func kept(r Removed, run string) string {
	i := slices.IndexFunc(r.Kept, func(k string) bool { return strings.Contains(k, run) })
	if i < 0 {
		return ""
	}
	return r.Kept[i]
}

// removeRun removes what a test has left of a run.
func removeRun(t *testing.T, e *Engine, run string) {
	t.Cleanup(func() {
		if _, err := e.Remove(context.Background(), make(client.Filters).Add("label", LabelRun+"="+run)); err != nil {
			t.Error(err)
		}
	})
}

// What a live process made stays, whoever it is and wherever it counts its processes, and
// is named with the reason. What an ended one made goes.
func TestCleanKeepsWhatMayBeAlive(t *testing.T) {
	e := ourEngine(t)
	for _, c := range []struct {
		name   string
		before []string // of the helper's command
		says   string   // while it lives
		goes   bool     // when it has ended
	}{
		{"the same user", nil, "still runs", true},
		{"another user", asNobody(t), "of user", true},
		{"another PID namespace", []string{"unshare", "--pid", "--fork", "--mount-proc"}, "PID namespace", false},
		{"another PID namespace and the outer /proc", []string{"unshare", "--pid", "--fork"}, "PID namespace", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if len(c.before) > 0 && os.Getuid() != 0 {
				t.Skip("only root may make another user or a namespace")
			}
			run := "test-" + Random(6)
			removeRun(t, e, run)
			end := helper(t, run, c.before...)
			removed := clean(t, e)
			if !left(t, e, run) || !strings.Contains(kept(removed, run), c.says) {
				t.Fatalf("clean kept %q; want what a live process made, and why: %q", removed.Kept, c.says)
			}
			end()
			removed = clean(t, e)
			if left(t, e, run) == c.goes {
				t.Errorf("after its end clean removed %+v and kept %q; want it gone: %v", removed, kept(removed, run),
					c.goes)
			}
		})
	}
}

// What another process goes on with is not left over, though whoever made it is gone.
func TestCleanKeepsWhatIsClaimed(t *testing.T) {
	e := ourEngine(t)
	mark := Mark{Run: "test-" + Random(6), Stack: Random(6)}
	removeRun(t, e, mark.Run)
	labels := mark.Labels("server")
	labels[LabelOwner] = goneOwner(t)
	made, claim := mark.Name("server"), make(client.Filters).Add("label", LabelRun+"="+mark.Run,
		LabelRole+"="+roleClaim)
	_, err := e.Client.VolumeCreate(t.Context(), client.VolumeCreateOptions{Name: made, Labels: labels})
	if err = errors.Join(err, e.Claim(t.Context(), mark)); err != nil {
		t.Fatal(err)
	}
	removed := clean(t, e)
	if slices.Contains(removed.Volumes, made) || !strings.Contains(kept(removed, mark.Run), "still runs") {
		t.Fatalf("clean removed %v and kept %q; want all of a run that goes on, named", removed.Volumes, removed.Kept)
	}
	if _, err := e.Remove(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	if removed := clean(t, e); !slices.Contains(removed.Volumes, made) {
		t.Errorf("without a claim clean removed %v; want %s too", removed.Volumes, made)
	}
}

// asNobody runs a command as another user who may use the engine.
func asNobody(t *testing.T) []string {
	t.Helper()
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip(err)
	}
	group, err := exec.Command("stat", "--format=%g", "/var/run/docker.sock").Output()
	if err != nil {
		t.Skip(err)
	}
	return []string{"setpriv", "--reuid", nobody.Uid, "--regid", nobody.Gid, "--groups",
		strings.TrimSpace(string(group))}
}

// From within another namespace a live process of this one is not held to be gone,
// though its number means nothing there.
func TestCleanInAnotherNamespace(t *testing.T) {
	e := ourEngine(t)
	if os.Getuid() != 0 {
		t.Skip("only root may make a namespace")
	}
	run := "test-" + Random(6)
	removeRun(t, e, run)
	makeThings(t, e, Mark{Run: run, Stack: Random(6)})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range [][]string{{"--mount-proc"}, {}} {
		c := exec.Command("unshare", append(append([]string{"--pid", "--fork"}, how...), self,
			"-test.run=^TestCleanHere$", "-test.v")...)
		c.Env = append(os.Environ(), cleanVariable+"=1")
		out, err := c.CombinedOutput()
		if err != nil || !left(t, e, run) || !strings.Contains(string(out), run) {
			t.Errorf("unshare %v: %v: %s; want run %s kept and named", how, err, out, run)
		}
	}
}

const cleanVariable = "OAUTHBENCH_TEST_CLEAN"

// TestCleanHere is the helper process that cleans in another namespace.
func TestCleanHere(t *testing.T) {
	if os.Getenv(cleanVariable) == "" {
		t.Skip("only as a helper process")
	}
	t.Log(clean(t, ourEngine(t)).Kept)
}

// Labels are inherited: a container made of an image of ours has them, and is not ours.
func TestCleanLeavesWhatInheritedLabels(t *testing.T) {
	e := ourEngine(t)
	gone := Mark{Run: "test-" + Random(6), Stack: Random(6)}
	labels := gone.Labels("server")
	labels[LabelOwner] = goneOwner(t)
	image := importImage(t, e, "localhost/somebody/else:"+Random(4), "LABEL a=b")
	create := func(name string) string {
		made, err := e.Client.ContainerCreate(t.Context(), client.ContainerCreateOptions{
			Name: name, Config: &container.Config{Image: image, Cmd: []string{"x"}, Labels: labels},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			// ours is gone
			_, _ = e.Client.ContainerRemove(context.Background(), made.ID, client.ContainerRemoveOptions{Force: true})
		})
		return made.ID
	}
	theirs, ours := create("somebody-"+Random(4)), create(gone.Name("server"))
	removed := clean(t, e)
	if _, err := e.Client.ContainerInspect(t.Context(), theirs, client.ContainerInspectOptions{}); err != nil {
		t.Errorf("clean removed %v, a container that only inherited our labels: %v", removed.Containers, err)
	}
	if _, err := e.Client.ContainerInspect(t.Context(), ours, client.ContainerInspectOptions{}); err == nil {
		t.Error("clean left a container with our labels and name")
	}
}

// goneOwner is a process that has ended, as a label.
func goneOwner(t *testing.T) string {
	t.Helper()
	c := exec.Command("true")
	if err := c.Run(); err != nil {
		t.Skip(err)
	}
	self := owner.Self().String()
	return strings.TrimSuffix(self, fmt.Sprint(os.Getpid())) + fmt.Sprint(c.Process.Pid)
}

// importImage makes an image of nothing, with a name.
func importImage(t *testing.T, e *Engine, name string, changes ...string) string {
	t.Helper()
	layer, err := rootFileSystem([]file{{"x", []byte(Random(8))}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := e.Client.ImageImport(t.Context(), client.ImageImportSource{Source: layer, SourceName: "-"}, name,
		client.ImageImportOptions{Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(streamError(answer), answer.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = e.Client.ImageRemove(context.Background(), name, client.ImageRemoveOptions{}) // it may be gone
	})
	return name
}

// Of images of a program only names of ours are taken away: not an image that somebody
// built from one, which has its labels, and not one that a container uses.
func TestOldPrograms(t *testing.T) {
	e := ourEngine(t)
	name := "test-" + Random(4)
	label := "LABEL " + labelProgram + "=0"
	first := importImage(t, e, OwnImages+name+":1", label)
	theirs := importImage(t, e, "localhost/somebody/"+name+":1", label)
	used := importImage(t, e, OwnImages+name+":2", label)
	made, err := e.Client.ContainerCreate(t.Context(),
		client.ContainerCreateOptions{Config: &container.Config{Image: used, Cmd: []string{"x"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := e.Client.ContainerRemove(context.Background(), made.ID,
			client.ContainerRemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	})
	found, err := e.Client.ImageInspect(t.Context(), used)
	if err != nil {
		t.Fatal(err)
	}
	waitForNextSecond(t, found.Created) // the engine counts in seconds
	newest := importImage(t, e, OwnImages+name+":3", label)
	removed, err := e.RemoveOldPrograms(t.Context(), name)
	if err != nil || !slices.Equal(removed, []string{first}) {
		t.Errorf("removed %v, %v; want %s alone", removed, err, first)
	}
	for _, image := range []string{theirs, used, newest} {
		if _, err := e.Client.ImageInspect(t.Context(), image); err != nil {
			t.Errorf("%s is gone: %v", image, err)
		}
	}
}

// What bears the name of a program's image and is not of the program is refused.
func TestProgramImageIsChecked(t *testing.T) {
	e := ourEngine(t)
	file := staticProgram(t)
	name := "test-" + Random(4)
	reference, err := e.ProgramImage(t.Context(), name, "program", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = e.Client.ImageRemove(context.Background(), reference, client.ImageRemoveOptions{}) // it may be gone
	})
	if again, err := e.ProgramImage(t.Context(), name, "program", file); err != nil || again != reference {
		t.Errorf("a second time %s, %v; want %s", again, err, reference)
	}
	digest := strings.TrimPrefix(reference, OwnImages+name+":")
	for what, changes := range map[string][]string{
		"no label":                  {`ENTRYPOINT ["/program"]`},
		"a label that begins alike": {`ENTRYPOINT ["/program"]`, "LABEL " + labelProgram + "=" + digest},
		"another command, and no program": {`ENTRYPOINT ["/other"]`,
			"LABEL " + labelProgram + "=" + strings.Repeat("0", 64)},
	} {
		importImage(t, e, reference, changes...)
		if got, err := e.ProgramImage(t.Context(), name, "program", file); err == nil ||
			!strings.Contains(err.Error(), "docker rmi") {
			t.Errorf("%s: %s, %v; want a refusal with its cure", what, got, err)
		}
	}
	if _, err := e.Client.ImageRemove(t.Context(), reference, client.ImageRemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.ProgramImage(t.Context(), name, "program", file); err != nil {
		t.Errorf("after the cure: %v", err)
	}
}
