package sqs

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// move is a task that sends the messages of a dead-letter queue back to where
// they failed, or elsewhere. Its fields are as ListMessageMoveTasks shows them.
type move struct {
	TaskHandle                        string `json:",omitempty"` // only while it runs
	Status                            string // RUNNING, COMPLETED, CANCELLED or FAILED
	SourceArn                         string
	DestinationArn                    string `json:",omitempty"`
	MaxNumberOfMessagesPerSecond      int    `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int64  // Unix milliseconds
}

const running = "RUNNING"

type moveInput struct {
	SourceArn, DestinationArn    string
	MaxNumberOfMessagesPerSecond int
	TaskHandle                   string
	MaxResults                   int
}

type moveOutput struct{ TaskHandle string }

func (s *Server) startMessageMoveTask(_ context.Context, in moveInput) (moveOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	source, err := s.deadLetters(in.SourceArn)
	if err != nil {
		return moveOutput{}, err
	}
	if _, ok := s.byARN(in.DestinationArn); in.DestinationArn != "" && !ok {
		return moveOutput{}, notFound("destination")
	}
	if in.MaxNumberOfMessagesPerSecond < 0 || in.MaxNumberOfMessagesPerSecond > 500 {
		return moveOutput{}, invalid("MaxNumberOfMessagesPerSecond must be from 1 to 500.")
	}
	for _, m := range s.moves {
		if m.SourceArn == in.SourceArn && m.Status == running {
			return moveOutput{}, fail("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", "There is already a task running for this source queue.")
		}
	}
	task := &move{
		TaskHandle: uuid.NewString(), Status: running, SourceArn: in.SourceArn, DestinationArn: in.DestinationArn,
		MaxNumberOfMessagesPerSecond:      in.MaxNumberOfMessagesPerSecond,
		ApproximateNumberOfMessagesToMove: len(source.messages), StartedTimestamp: time.Now().UnixMilli(),
	}
	s.moves = append([]*move{task}, s.moves...)
	go s.run(task)
	return moveOutput{task.TaskHandle}, nil
}

// run moves message after message, at the task's pace, until it is done, is
// cancelled or the server closes.
func (s *Server) run(task *move) {
	for s.step(task) {
		if task.MaxNumberOfMessagesPerSecond == 0 {
			continue
		}
		select {
		case <-s.closed:
			return
		case <-time.After(time.Second / time.Duration(task.MaxNumberOfMessagesPerSecond)):
		}
	}
}

// step moves one message and reports whether the task goes on.
func (s *Server) step(task *move) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if task.Status != running {
		return false
	}
	status, reason := "COMPLETED", ""
	source, ok := s.byARN(task.SourceArn)
	if !ok {
		status, reason = "FAILED", "AWS.SimpleQueueService.NonExistentQueue"
	} else if m, ok := source.next(); ok {
		to := task.DestinationArn
		if to == "" {
			to = m.Source
		}
		if target, ok := s.byARN(to); ok {
			now := time.Now().UTC()
			moved := &message{ID: uuid.NewString(), Body: m.Body, Attributes: m.Attributes, Group: m.Group, Trace: m.Trace, Sent: now}
			if err := s.transfer(source, m, target, moved); err == nil {
				task.ApproximateNumberOfMessagesMoved++
				return true
			}
			status, reason = "FAILED", "InternalError"
		} else {
			status, reason = "FAILED", "CouldNotDetermineMessageSource"
		}
	}
	task.Status, task.FailureReason, task.TaskHandle = status, reason, ""
	return false
}

type movesOutput struct{ Results []move }

func (s *Server) listMessageMoveTasks(_ context.Context, in moveInput) (movesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.deadLetters(in.SourceArn); err != nil {
		return movesOutput{}, err
	}
	out := movesOutput{Results: []move{}}
	for _, m := range s.moves {
		if m.SourceArn == in.SourceArn && len(out.Results) < max(1, in.MaxResults) {
			out.Results = append(out.Results, *m)
		}
	}
	return out, nil
}

type cancelOutput struct{ ApproximateNumberOfMessagesMoved int }

func (s *Server) cancelMessageMoveTask(_ context.Context, in moveInput) (cancelOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.moves {
		if m.TaskHandle == in.TaskHandle && m.Status == running {
			m.Status, m.TaskHandle = "CANCELLED", ""
			return cancelOutput{m.ApproximateNumberOfMessagesMoved}, nil
		}
	}
	return cancelOutput{}, notFound("task")
}

// deadLetters returns the queue of an ARN if it is some queue's dead-letter
// queue. The caller holds the lock.
func (s *Server) deadLetters(arn string) (*queue, error) {
	target, ok := s.byARN(arn)
	if !ok {
		return nil, notFound("source")
	}
	for _, q := range s.queues {
		if s.feeds(q, target) {
			return target, s.tidy(target, time.Now())
		}
	}
	return nil, invalid("Source queue must be configured as a Dead Letter Queue.")
}

func notFound(what string) error {
	return fail("ResourceNotFoundException", "", "The resource that you specified for the "+what+" parameter doesn't exist.")
}
