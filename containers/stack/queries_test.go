package stack

import "github.com/moby/moby/client"

var serverVersion = client.ServerVersionOptions{}

func runFilter(run string) client.Filters {
	return make(client.Filters).Add("label", labelRun+"="+run)
}

func containersWith(f client.Filters) client.ContainerListOptions {
	return client.ContainerListOptions{All: true, Filters: f}
}

func networksWith(f client.Filters) client.NetworkListOptions {
	return client.NetworkListOptions{Filters: f}
}

func volumesWith(f client.Filters) client.VolumeListOptions {
	return client.VolumeListOptions{Filters: f}
}
