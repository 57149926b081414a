// Package retry says how often and how soon DynamoDB is asked again.
package retry

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	// attempts outlast a hundred transactions at once on one row.
	attempts = 12
	// firstWait and maxWait bound the random wait before another attempt.
	firstWait = 20 * time.Millisecond
	maxWait   = time.Second
)

// Conflicts has transactions that met another one on the same row tried again,
// after a short random wait that grows. The SDK by itself gives up at once.
func Conflicts(o *dynamodb.Options) {
	patient := retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts = attempts
		s.RateLimiter = ratelimit.None
		s.Retryables = append(s.Retryables, retry.IsErrorRetryableFunc(conflict))
		s.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return time.Duration(rand.Float64() * float64(min(firstWait<<min(attempt, 10), maxWait))), nil // #nosec G404 -- jitter
		})
	})
	o.Retryer = patient
}

// conflict reports whether a transaction was cancelled for no other reason than
// that its rows were busy.
func conflict(err error) aws.Ternary {
	cancelled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		return aws.UnknownTernary
	}
	busy := aws.FalseTernary
	for _, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "ConditionalCheckFailed", "ValidationError", "ItemCollectionSizeLimitExceeded":
			return aws.FalseTernary
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			busy = aws.TrueTernary
		}
	}
	return busy
}
