// Command web is the Lambda function that serves the portal, which Vite builds
// from the folder client into the folder static.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"coffer/shared/api/gateway"
)

func main() {
	site, err := newSite()
	if err != nil {
		slog.Error("start", "err", err)
		os.Exit(1)
	}
	lambda.Start(gateway.Serve(site))
}
