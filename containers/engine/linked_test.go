package engine

import (
	"context"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// A program that is linked dynamically starts in its image, with nothing else in it.
func TestDynamicProgramStarts(t *testing.T) {
	e := ourEngine(t)
	name := "test-" + Random(4)
	image, err := e.ProgramImage(t.Context(), name, "program", "/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	made, err := e.Client.ContainerCreate(t.Context(),
		client.ContainerCreateOptions{Config: &container.Config{Image: image}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background() // what the test made goes, whatever became of it
		_, _ = e.Client.ContainerRemove(ctx, made.ID, client.ContainerRemoveOptions{Force: true})
		_, _ = e.Client.ImageRemove(ctx, image, client.ImageRemoveOptions{})
	})
	ended := e.Client.ContainerWait(t.Context(), made.ID,
		client.ContainerWaitOptions{Condition: container.WaitConditionNextExit})
	if _, err := e.Client.ContainerStart(t.Context(), made.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended.Error:
		t.Fatal(err)
	case answer := <-ended.Result:
		if answer.StatusCode != 0 {
			t.Errorf("ended with %d; want 0", answer.StatusCode)
		}
	}
}
