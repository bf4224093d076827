package runs_test

import (
	"compress/gzip"
	"fmt"
	"os"

	"github.com/oauthbench/oauthbench/bench"
	"github.com/oauthbench/oauthbench/bench/verdict/runs"
)

// A stored run is judged again with public packages alone.
func ExampleJudge() {
	f, err := os.Open("testdata/schema1/quick.jsonl.gz")
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
	fmt.Println(v.Decision, v.Units, v.Unit)
	// Output: pass 6 pair
}
