package metric_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"coffer/shared/metric"
)

func TestLineIsInTheEmbeddedMetricFormat(t *testing.T) {
	t.Parallel()
	var line bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&line, nil))
	log.Error("two are damaged", "task", "files", metric.Count(time.UnixMilli(1795395600001), "Damaged", 2))
	_, got, _ := strings.Cut(line.String(), `"msg":`)
	want := `"two are damaged","task":"files","Damaged":2,"_aws":{"Timestamp":1795395600001,"CloudWatchMetrics":[` +
		`{"Namespace":"Coffer","Dimensions":[[]],"Metrics":[{"Name":"Damaged","Unit":"Count"}]}]}}` + "\n"
	if got != want {
		t.Errorf("the line ends\n%swant\n%s", got, want)
	}
}
