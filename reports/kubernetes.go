package reports

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/template"

	"github.com/oauthbench/oauthbench/bench/sizing/stored"
	"github.com/oauthbench/oauthbench/internal/plaintext"
)

// kubernetes is what is pasted: resources of a Deployment, its update strategy, and an
// autoscaler. Names are for the reader to put in.
var kubernetes = template.Must(template.New("").Parse(`# {{.Headline}}
# Requests are what one instance spends at the peak; limits are the machine that was planned with.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: oauth-server
spec:
  replicas: {{.Instances}}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: {{.Surge}}
      maxUnavailable: {{.Unavailable}}
  selector: {matchLabels: {app: oauth-server}}
  template:
    metadata: {labels: {app: oauth-server}}
    spec:
      containers:
        - name: oauth-server
          image: {{.Image}}
          resources:
            requests: {cpu: {{.CPURequest}}{{with .MemoryRequest}}, memory: {{.}}{{end}}}
            limits: {cpu: {{.CPULimit}}{{with .MemoryLimit}}, memory: {{.}}{{end}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: oauth-server
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: oauth-server}
  minReplicas: {{.Instances}}
  maxReplicas: {{.Most}}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: {{.Target}}}}
`))

// Memory beside what was measured: an instance that is asked for less than it had is
// evicted, one that may have no more is killed.
const (
	memoryRequest = 1.25
	memoryLimit   = 1.5
)

// WriteKubernetes writes the size as objects to paste. It fails when no number of instances
// is enough.
func (s Size) WriteKubernetes(w io.Writer) error {
	if s.Need.Impossible != "" {
		return fmt.Errorf("there is nothing to deploy: %s", s.Need.Impossible)
	}
	n := s.Need.Decides.Instances
	costs, _ := s.Evidence.Cost(stored.ServerCPU)
	cores, err := costs.Cores(s.Demand.Peak)
	if err != nil {
		return err
	}
	each := costs.Idle + (cores-costs.Idle)/float64(n)
	unavailable := 0
	if s.Demand.Surge == 0 {
		unavailable = 1
	}
	image := s.Evidence.Deployment.Image
	if image == "" {
		image = "oauth-server:" + s.Evidence.Deployment.Version
	}
	mebibytes := func(factor float64) string {
		if s.Evidence.Memory == 0 {
			return ""
		}
		return fmt.Sprintf("%.0fMi", math.Ceil(factor*float64(s.Evidence.Memory)/(1<<20)))
	}
	var b strings.Builder
	err = kubernetes.Execute(&b, map[string]any{
		"Headline": s.headline(), "Instances": n, "Surge": max(s.Demand.Surge, 0), "Unavailable": unavailable,
		"Image": plaintext.Line(image), "CPURequest": millicores(each),
		"CPULimit":      millicores(s.Machines.ServerCores),
		"MemoryRequest": mebibytes(memoryRequest), "MemoryLimit": mebibytes(memoryLimit), "Most": s.mostInstances(),
		// Above its request an instance spends more than its share of the peak.
		"Target": int(math.Round(100 * min(1, s.Machines.MostBusy*s.Machines.ServerCores/each))),
	})
	if err != nil {
		return err
	}
	return concealed(w, func(w io.Writer) error {
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// mostInstances is up to how many the autoscaler may go: twice those that the peak needs, as far as the
// database has connections for them and the scalability law says that more of them carry more.
func (s Size) mostInstances() int {
	n := s.Need.Decides.Instances
	most := 2 * n
	if pool := s.Evidence.Pool; pool > 0 && s.Machines.Connections > 0 {
		most = min(most, (s.Machines.Connections-s.Machines.ReservedOfThem)/pool)
	}
	if law := s.Evidence.Planned(); law != nil {
		most = min(most, law.Most)
		if law.Peak > 0 {
			most = min(most, law.Peak)
		}
	}
	return max(most, n)
}

func millicores(cores float64) string { return fmt.Sprintf("%.0fm", math.Ceil(1000*cores)) }
