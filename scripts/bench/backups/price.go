package backups

import (
	"fmt"
	"io"
)

// Prices of AWS in us-east-1 on demand, in US dollars, as AWS's price list gave
// them from May to August 2026. No free tier is taken off.
const (
	lambdaGBSecond = 0.0000133334 // arm64
	lambdaRequest  = 0.20 / 1e6
	sqsRequest     = 0.50 / 1e6 // a standard queue, with the surcharge of fair queues
	schedule       = 1.00 / 1e6 // invocation by EventBridge Scheduler
	dynamoWrite    = 0.625 / 1e6
	dynamoRead     = 0.125 / 1e6
	dynamoGBMonth  = 0.25 + 0.20    // storage and point-in-time recovery
	packPut        = 0.02 / 1e3     // Glacier Instant Retrieval
	packGBMonth    = 0.004          // likewise
	s3Put          = 0.005 / 1e3    // Standard, where catalogs are
	s3Get          = 0.0004 / 1e3   // likewise
	s3GBMonth      = 0.023          // likewise
	kmsRequest     = 0.03 / 10_000  // each
	minutes        = 60 * 24 * 30.0 // of a month, each a tick of the schedule
	days           = 30.0           // of a month, each a backup
	rowBytes       = 420            // of a content's row, with DynamoDB's overhead
	gigabyte       = 1 << 30
)

// Cost is what AWS asks for, in dollars.
type Cost struct {
	What   string             `json:"what"`
	Total  float64            `json:"total"`
	Shares map[string]float64 `json:"shares"`
}

func (c *Cost) add(what string, dollars float64) {
	if c.Shares == nil {
		c.Shares = map[string]float64{}
	}
	c.Shares[what] += dollars
	c.Total += dollars
}

// work prices what one backup did, n times.
func (c *Cost) work(r Result, n float64) {
	if r.AWS == nil {
		return
	}
	packs := float64(r.Stored) / (32 << 20) // their share of the PUTs is the dearer one
	c.add("Lambda", n*(r.GBSeconds*lambdaGBSecond+float64(r.Invocations)*lambdaRequest))
	c.add("S3 requests", n*(packs*packPut+max(0, float64(r.AWS.Puts)-packs)*s3Put+float64(r.AWS.Gets)*s3Get))
	c.add("DynamoDB requests", n*(r.AWS.Writes*dynamoWrite+r.AWS.Reads*dynamoRead))
	// Each message is sent, received and deleted; the functions send.
	c.add("SQS", n*3*float64(r.AWS.Calls["SQS"])*sqsRequest)
	c.add("KMS", n*float64(r.AWS.Calls["KMS"])*kmsRequest)
}

// costs prices a Box user as the contest's, of whom every file hundredth
// changes each day, by the size of the tenant: the schedule's ticks are shared
// by all users of a region, the scan by those of a task.
func costs(results []Result) []Cost {
	var first, none, some *Result
	for i, r := range results {
		if r.Who != "Coffer" || !r.Limits {
			continue
		}
		switch {
		case first == nil:
			first = &results[i]
		case none == nil:
			none = &results[i]
		case some == nil:
			some = &results[i]
		}
	}
	if some == nil {
		return nil
	}
	begin := Cost{What: "first backup, once"}
	begin.work(*first, 1)
	all := []Cost{begin}
	for _, users := range []float64{1, 100, 10_000} {
		month := Cost{What: "a month, of as many Box users in the region: " + thousands(int(users))}
		month.work(*some, days)
		month.add("ticks", minutes*(schedule+lambdaRequest+tickGBSeconds*lambdaGBSecond+tickReads*dynamoRead)/users)
		kept := float64(first.Stored) + days/2*float64(some.Stored) // half of the month's changes, on average
		month.add("S3 storage", kept/gigabyte*packGBMonth+float64(some.Catalog)/gigabyte*s3GBMonth)
		month.add("DynamoDB storage", float64(first.Files)*rowBytes/gigabyte*dynamoGBMonth)
		all = append(all, month)
	}
	idle := Cost{What: "a month without any change, 10,000 users"}
	idle.work(*none, days)
	return append(all, idle)
}

// A tick of the schedule looks at 8 shards of due tasks, runs and jobs each,
// in about a fifth of a second of 256 MB.
const (
	tickGBSeconds = 0.2 * 256 / 1024
	tickReads     = 3 * 8 * 0.5
)

func printCosts(w io.Writer, all []Cost) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-50s %12s\n", "AWS for a Box user, in US dollars", "")
	for _, c := range all {
		fmt.Fprintf(w, "%-50s %12.6f", c.What, c.Total)
		for _, name := range []string{"Lambda", "S3 storage", "S3 requests", "DynamoDB storage", "DynamoDB requests", "SQS", "KMS", "ticks"} {
			if v, ok := c.Shares[name]; ok {
				fmt.Fprintf(w, "  %s %.6f", name, v)
			}
		}
		fmt.Fprintln(w)
	}
}
