package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"coffer/shared/env"
)

// queue is a queue with its dead-letter queue, and the setting that names it.
type queue struct {
	awssqs.Queue
	dead    awssqs.Queue
	name    string
	setting env.Setting
	timeout float64 // seconds that the function behind it may take
}

// queues are a region's queues.
type queues struct{ scan, backup, recover, prune, mail, report, count, act queue }

func (q queues) all() []queue {
	return []queue{q.scan, q.backup, q.recover, q.prune, q.mail, q.report, q.count, q.act}
}

const (
	// receives is how often a message is tried before it is put aside.
	receives = 5.0
	// visibility is how many times a function's timeout a received message
	// stays hidden. AWS advises six: fewer bring a slow message to a second
	// worker. What a crash leaves behind does not wait that long, because the
	// schedule function sends stale runs and jobs again.
	visibility = 6.0
)

func newQueues(stack awscdk.Stack, key awskms.IKey) queues {
	return queues{
		scan:    newQueue(stack, key, "scan", env.ScanQueue, longest),
		backup:  newQueue(stack, key, "backup", env.BackupQueue, longest),
		recover: newQueue(stack, key, "recover", env.RecoverQueue, longest),
		prune:   newQueue(stack, key, "prune", env.PruneQueue, longest),
		mail:    newQueue(stack, key, "mail", env.MailQueue, 60),
		report:  newQueue(stack, key, "report", env.ReportQueue, longest),
		count:   newQueue(stack, key, "count", env.CountQueue, 120),
		act:     newQueue(stack, key, "act", env.ActQueue, 120),
	}
}

func newQueue(stack awscdk.Stack, key awskms.IKey, name string, setting env.Setting, timeout float64) queue {
	props := func() *awssqs.QueueProps {
		return &awssqs.QueueProps{
			Encryption:          awssqs.QueueEncryption_KMS,
			EncryptionMasterKey: key,
			DataKeyReuse:        awscdk.Duration_Hours(new(1.0)),
			EnforceSSL:          new(true),
			RetentionPeriod:     awscdk.Duration_Days(new(14.0)), // counted from the first sending, also for dead letters
		}
	}
	q := queue{name: name, setting: setting, timeout: timeout}
	q.dead = awssqs.NewQueue(stack, new(name+"-dead"), props())
	accept(q.dead, "This is a dead-letter queue itself.", "Serverless-SQSRedrivePolicy")
	live := props()
	live.VisibilityTimeout = awscdk.Duration_Seconds(new(timeout * visibility))
	live.DeadLetterQueue = &awssqs.DeadLetterQueue{Queue: q.dead, MaxReceiveCount: new(receives)}
	q.Queue = awssqs.NewQueue(stack, new(name+"-queue"), live)
	pin(q.Queue, name+"Queue")
	pin(q.dead, name+"DeadLetters")
	return q
}
