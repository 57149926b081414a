package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Receiver returns a Lambda handler for a queue of messages of type M. It calls
// handle for each message and reports to SQS those that failed, so that one
// bad message never fails its neighbours. A message that cannot be decoded
// fails like any other and ends in the dead-letter queue. Errors are logged
// here, once.
func Receiver[M any](handle func(context.Context, M) error) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		var response events.SQSEventResponse
		for _, record := range event.Records {
			if err := receive(ctx, record, handle); err != nil {
				slog.ErrorContext(ctx, "message", "id", record.MessageId, "receives", record.Attributes["ApproximateReceiveCount"], "err", err)
				response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			}
		}
		return response, nil
	}
}

func receive[M any](ctx context.Context, record events.SQSMessage, handle func(context.Context, M) error) error {
	var message M
	decoder := json.NewDecoder(strings.NewReader(record.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&message); err != nil {
		return fmt.Errorf("decode message: %w", err)
	}
	return handle(ctx, message)
}
