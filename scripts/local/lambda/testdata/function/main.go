// Command function is a Lambda function that does what its event says.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do    string
	Text  string
	Bytes int
}

type answer struct {
	Text, Request, Trace, Memory, Setting, Inherited, Temp string
	Pid, Files                                             int
	Left                                                   time.Duration
}

func main() {
	if os.Getenv("FAIL_INIT") != "" {
		panic("no settings")
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, in event) (any, error) {
	fmt.Println("doing", in.Do)
	switch in.Do {
	case "fail":
		return nil, errors.New("it went wrong")
	case "panic":
		panic("at the disco")
	case "exit":
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	case "grow":
		kept := make([]byte, in.Bytes)
		for i := range kept {
			kept[i] = byte(i)
		}
		time.Sleep(time.Hour)
		return len(kept), nil
	case "large":
		return strings.Repeat("x", in.Bytes), nil
	case "file":
		if err := os.WriteFile(filepath.Join(os.TempDir(), in.Text), nil, 0o600); err != nil {
			return nil, err
		}
	}
	deadline, _ := ctx.Deadline()
	lc, _ := lambdacontext.FromContext(ctx)
	files, err := os.ReadDir(os.TempDir())
	return answer{
		Text: in.Text, Request: lc.AwsRequestID, Trace: os.Getenv("_X_AMZN_TRACE_ID"),
		Memory: os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), Setting: os.Getenv("SETTING"), Inherited: os.Getenv("HOME"),
		Temp: os.TempDir(), Pid: os.Getpid(), Files: len(files), Left: time.Until(deadline),
	}, err
}
