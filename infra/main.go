// Package main describes Coffer's infrastructure with the AWS CDK: a Region
// stack for each region that accounts can live in, which holds everything those
// accounts need, and one Directory stack with the only table that crosses
// regions. README.md in this folder says what to do when an alarm rings.
//
// Run alone, or by the cdk command, the program writes CloudFormation templates
// to CDK_OUTDIR. It needs no network and no AWS account: functions are prebuilt
// (make functions), and nothing is looked up.
//
// Rights are written by hand, action by action, because the CDK's grants give
// more than is needed: they let a writer delete, and a reader of an encrypted
// table decrypt anything under its key. Every function's rights are in
// functions.go, and the setting that names a resource goes with the right to
// use it, so a function knows of nothing that it may not touch.
package main

import (
	"fmt"
	"os"

	"github.com/aws/jsii-runtime-go"
)

func main() {
	s, err := readSettings("cdk.json", os.Getenv("CDK_CONTEXT_JSON"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "infra:", err)
		os.Exit(1)
	}
	defer jsii.Close()
	newApp(s, nil).Synth(nil)
}
