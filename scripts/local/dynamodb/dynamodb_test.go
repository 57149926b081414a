package dynamodb_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"coffer/scripts/local/dynamodb"
)

func start(t *testing.T, dir string) (*dynamodb.Process, *ddb.Client) {
	t.Helper()
	return startWith(t, dir, filepath.Join(t.TempDir(), "temp"))
}

func startWith(t *testing.T, dir, temp string) (*dynamodb.Process, *ddb.Client) {
	t.Helper()
	var complaints bytes.Buffer
	p, err := dynamodb.Start(t.Context(), dynamodb.Options{Dir: dir, Temp: temp, Stderr: &complaints})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if complaints.Len() > 0 {
			t.Errorf("the server complains: %s", complaints.String())
		}
	})
	return p, ddb.New(ddb.Options{
		Region: "us-east-1", BaseEndpoint: &p.Endpoint, DisableValidateResponseChecksum: true,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func TestTransactionsAndStateSurviveKill(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "db")
	p, c := start(t, dir)
	_, err := c.CreateTable(t.Context(), &ddb.CreateTableInput{
		TableName: new("tasks"), BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: new("PK"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: new("PK"), AttributeType: types.ScalarAttributeTypeS}},
	})
	if err != nil {
		t.Fatal(err)
	}
	put := func(keys ...string) error {
		in := &ddb.TransactWriteItemsInput{}
		for _, k := range keys {
			in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{
				TableName: new("tasks"), Item: map[string]types.AttributeValue{"PK": text(k)}, ConditionExpression: new("attribute_not_exists(PK)"),
			}})
		}
		_, err := c.TransactWriteItems(t.Context(), in)
		return err
	}
	for i := range 20 {
		if err := put(fmt.Sprint("a", i), fmt.Sprint("b", i)); err != nil {
			t.Fatal(err)
		}
	}
	canceled, ok := errors.AsType[*types.TransactionCanceledException](put("c", "a0"))
	if !ok || len(canceled.CancellationReasons) != 2 || *canceled.CancellationReasons[1].Code != "ConditionalCheckFailed" {
		t.Errorf("a failed condition got %+v", canceled)
	}
	p.Kill()
	_, c = start(t, dir)
	all, err := c.Scan(t.Context(), &ddb.ScanInput{TableName: new("tasks")})
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Items) != 40 {
		t.Errorf("after kill -9 there are %d of 40 items", len(all.Items))
	}
}

func TestTemporaryFilesDoNotPileUp(t *testing.T) {
	t.Parallel()
	temp := filepath.Join(t.TempDir(), "temp")
	left := func() int {
		t.Helper()
		libraries, err := filepath.Glob(filepath.Join(temp, "sqlite-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(libraries)
	}
	var p *dynamodb.Process
	for n := range 2 {
		var c *ddb.Client
		p, c = startWith(t, "", temp)
		if _, err := c.ListTables(t.Context(), &ddb.ListTablesInput{}); err != nil {
			t.Fatal(err)
		}
		if got := left(); got != 1 {
			t.Errorf("start %d: %d libraries, want 1", n+1, got)
		}
		if n == 0 {
			p.Kill()
		}
	}
	p.Close()
	if _, err := os.Stat(temp); !os.IsNotExist(err) {
		t.Errorf("after Close: %v", err)
	}
}

func TestOtherMachinesAreCutOff(t *testing.T) {
	t.Parallel()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	p, _ := start(t, "")
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(p.Endpoint, "http://"))
	for _, a := range addresses {
		ip := a.(*net.IPNet).IP
		if ip.IsLinkLocalUnicast() { // would need its zone
			continue
		}
		res, err := http.Get("http://" + net.JoinHostPort(ip.String(), port))
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		if reached := err == nil; reached != (ip.IsLoopback() || p.Exposed) {
			t.Errorf("%s: reached %v (%v)", ip, reached, err)
		}
	}
}

func TestWhatIsMissingIsOneSentence(t *testing.T) {
	tests := map[string]struct {
		java string // what stands for java
		port bool   // taken
		want string
	}{
		"no Java":    {"", false, "DynamoDB Local needs Java 17 or newer, and no working java was found"},
		"old Java":   {"#!/bin/sh\necho 'openjdk version \"1.8.0_412\"' >&2\n", false, "DynamoDB Local needs Java 17 or newer, and "},
		"taken port": {"#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n", true, "DynamoDB Local: port "},
		"dies":       {"#!/bin/sh\necho 'openjdk version \"17.0.15\" 2025-04-15' >&2\n[ \"$1\" = -version ] || { echo 'Error: no memory' >&2; exit 1; }\n", false, "DynamoDB Local: Error: no memory"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			t.Setenv("JAVA_HOME", home)
			if test.java != "" {
				if err := os.MkdirAll(filepath.Join(home, "bin"), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(home, "bin", "java"), []byte(test.java), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			o := dynamodb.Options{Temp: filepath.Join(t.TempDir(), "temp")}
			if test.port {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				o.Port = l.Addr().(*net.TCPAddr).Port
			}
			p, err := dynamodb.Start(t.Context(), o)
			if err == nil {
				p.Close()
				t.Fatal("it started")
			}
			if got := err.Error(); !strings.HasPrefix(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("got %q, want %q…", got, test.want)
			}
		})
	}
	t.Run("no jar", func(t *testing.T) {
		t.Chdir(t.TempDir())
		if _, err := dynamodb.Start(t.Context(), dynamodb.Options{}); err == nil || err.Error() != "DynamoDB Local is not installed: run `make deps`" {
			t.Errorf("got %v", err)
		}
	})
}
