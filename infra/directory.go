package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"coffer/shared/env"
)

// directoryName is fixed, unlike every other name, since no stack can refer to
// a resource of another region.
const directoryName = "coffer-directory"

// newDirectory returns the stack of the directory: which account, in which
// region, an e-mail address belongs to. It is a global table with a replica in
// every region, each encrypted with that region's own key; so a region is
// deployed before it is listed here, and the Directory stack after it.
func newDirectory(app awscdk.App, s *settings) {
	stack := newStack(app, "Directory", s.Home, "Coffer: e-mail address to account and region")
	var replicas []*awsdynamodb.ReplicaTableProps
	keys := map[string]*string{}
	for _, region := range s.Regions {
		if region != s.Home {
			replicas = append(replicas, &awsdynamodb.ReplicaTableProps{Region: &region})
			keys[region] = stack.FormatArn(&awscdk.ArnComponents{Service: new("kms"), Region: &region, Resource: new(keyAlias)})
		}
	}
	props := &awsdynamodb.TablePropsV2{
		TableName:  new(directoryName),
		Encryption: awsdynamodb.TableEncryptionV2_CustomerManagedKey(awskms.Alias_FromAliasName(stack, new("Key"), new(keyAlias)), &keys),
	}
	if len(replicas) > 0 {
		props.Replicas = &replicas
	}
	newTable(stack, nil, "Directory", env.DirectoryTable, props)
}

// directoryIn returns the directory as a Region stack sees it: the replica of
// its region.
func directoryIn(stack awscdk.Stack) table {
	t := awsdynamodb.TableV2_FromTableName(stack, new("Directory"), new(directoryName))
	return table{ITableV2: t, setting: env.DirectoryTable}
}
