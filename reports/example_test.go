package reports_test

import (
	"compress/gzip"
	"fmt"
	"os"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
	"github.com/oauthbench/oauthbench/reports"
)

// A stored run is judged by the rule that it carries, and said in any of the formats.
func ExampleOfRun() {
	f, err := os.Open("../bench/verdict/runs/testdata/schema1/quick.jsonl.gz")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	run, err := bench.ReadRun(unzipped)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := runs.Judge(run)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := reports.OfRun(reports.Report{Run: run, Verdict: v})
	fmt.Println(d.Headline)
	fmt.Println(d.Decision, len(d.Values()) > 0)
	// Output:
	// PASS: embedded:v2 against embedded:v1
	// pass true
}
