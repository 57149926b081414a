// Package metric has CloudWatch count things that functions log: it makes a
// metric of every line in its embedded metric format, without a call.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
package metric

import (
	"log/slog"
	"time"
)

// Namespace is that of all of Coffer's metrics.
const Namespace = "Coffer"

// Count returns the attributes that make a log line count n for the metric of
// that name at that time.
func Count(at time.Time, name string, n int) slog.Attr {
	return slog.Group("", // whose attributes are the line's own
		slog.Int(name, n),
		slog.Any("_aws", document{Timestamp: at.UnixMilli(), Metrics: []directive{{
			Namespace: Namespace, Dimensions: [][]string{{}}, Metrics: []definition{{Name: name, Unit: "Count"}},
		}}}),
	)
}

type document struct {
	Timestamp int64       // milliseconds since 1970
	Metrics   []directive `json:"CloudWatchMetrics"`
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct{ Name, Unit string }
