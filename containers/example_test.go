package containers_test

import (
	"context"
	"fmt"
	"log"

	"github.com/oauthbench/oauthbench/containers"
)

// A target is read without asking the engine.
func ExampleParseSpec() {
	spec, err := containers.ParseSpec("hydra:v2.3.0?access_token=jwt&env.SECRETS_COOKIE=hidden")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spec)
	fmt.Println(spec.Notes[0])
	_, err = containers.ParseSpec("hydra:latest")
	fmt.Println(err)
	// Output:
	// hydra:v2.3.0?tokens=jwt&env.SECRETS_COOKIE=***
	// the setting access_token of hydra is called tokens now
	// target "hydra:latest": "latest" says nothing about what was measured: name a version, as in hydra:v2.3.0
}

// A stack is a server with its database; Close removes all of it.
func ExampleStart() {
	spec, err := containers.ParseSpec("keycloak:26.7.3?access_ttl=5m")
	if err != nil {
		log.Fatal(err)
	}
	s, err := containers.Start(context.Background(), spec, containers.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	fmt.Println(s.Endpoints().Token, s.Deployment().Settings)
	for _, c := range s.Causes() {
		fmt.Println(c)
	}
}
