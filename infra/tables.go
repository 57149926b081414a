package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"coffer/shared/env"
)

// table is a DynamoDB table and the setting that names it. Every table has the
// string keys PK and SK.
type table struct {
	awsdynamodb.ITableV2
	setting env.Setting
	index   string // its only secondary index, if it has one
}

// tables are a region's tables.
type tables struct {
	accounts, tasks, snapshots, jobs, audit, contents table
}

const (
	recoveryDays = 35.0
	// contentsRecoveryDays is short because a content is erased by deleting its
	// row, which holds the only copy of its key: seven days later nothing can
	// bring it back.
	contentsRecoveryDays = 7.0
)

func newTables(stack awscdk.Stack, key awskms.IKey) tables {
	due := func() *[]*awsdynamodb.GlobalSecondaryIndexPropsV2 {
		return &[]*awsdynamodb.GlobalSecondaryIndexPropsV2{{
			IndexName:      new("Due"), // what is due and what a crash left behind, told apart by their shards
			PartitionKey:   text("DueShard"),
			SortKey:        text("DueAt"),
			ProjectionType: awsdynamodb.ProjectionType_ALL,
		}}
	}
	expires := new("Expires")
	return tables{
		accounts:  newTable(stack, key, "Accounts", env.AccountsTable, &awsdynamodb.TablePropsV2{TimeToLiveAttribute: expires}),
		tasks:     newTable(stack, key, "Tasks", env.TasksTable, &awsdynamodb.TablePropsV2{GlobalSecondaryIndexes: due()}),
		snapshots: newTable(stack, key, "Snapshots", env.SnapshotsTable, &awsdynamodb.TablePropsV2{}),
		jobs:      newTable(stack, key, "Jobs", env.JobsTable, &awsdynamodb.TablePropsV2{TimeToLiveAttribute: expires, GlobalSecondaryIndexes: due()}),
		audit:     newTable(stack, key, "Audit", env.AuditTable, &awsdynamodb.TablePropsV2{}),
		contents: newTable(stack, key, "Contents", env.ContentsTable, &awsdynamodb.TablePropsV2{
			PointInTimeRecoverySpecification: recovery(contentsRecoveryDays),
		}),
	}
}

// newTable completes props with what is the same for every table.
func newTable(stack awscdk.Stack, key awskms.IKey, id string, setting env.Setting, props *awsdynamodb.TablePropsV2) table {
	props.PartitionKey, props.SortKey = text("PK"), text("SK")
	props.Billing = awsdynamodb.Billing_OnDemand(nil)
	props.DeletionProtection = new(true)
	props.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
	if props.Encryption == nil {
		props.Encryption = awsdynamodb.TableEncryptionV2_CustomerManagedKey(key, nil)
	}
	if props.PointInTimeRecoverySpecification == nil {
		props.PointInTimeRecoverySpecification = recovery(recoveryDays)
	}
	t := table{ITableV2: awsdynamodb.NewTableV2(stack, &id, props), setting: setting}
	if props.GlobalSecondaryIndexes != nil {
		t.index = *(*props.GlobalSecondaryIndexes)[0].IndexName
	}
	pin(t, id+"Table")
	return t
}

func text(name string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: &name, Type: awsdynamodb.AttributeType_STRING}
}

func recovery(days float64) *awsdynamodb.PointInTimeRecoverySpecification {
	return &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: new(true), RecoveryPeriodInDays: &days}
}
