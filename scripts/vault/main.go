// Command vault lists, verifies and extracts a backup without the service: from
// the bucket, or a copy of it in a folder, and a recovery file.
//
//	vault export FILE                          write the recovery file
//	vault users                                list the Box users
//	vault snapshots USER                       list a Box user's snapshots
//	vault ls USER SNAPSHOT [PATH]              list a folder
//	vault people                               list when who was in the enterprise was stored
//	vault people LIST -to FILE                 write such a list to a new file
//	vault verify                               read everything, say what is damaged
//	vault extract USER SNAPSHOT [PATH] -to DIR write files to a new folder
//
// USER is a Box user's id or e-mail address, SNAPSHOT an id or "latest", LIST a
// name that people lists or "latest" (see package people for what is in it). With
// -json the answer is JSON, one document a line.
//
// Without -recovery it reads the product's tables and KMS key with the AWS
// SDK's usual settings and with the names of the tables, which -settings gives
// as JSON: what a function's configuration has under Environment.Variables, or
// the settings.json in the state folder of `make run`. With -recovery it needs
// the objects alone: -bucket names a folder or, with s3://, a bucket.
//
// It only reads, but for the files that export and extract write. It exits
// with 2 where something stored is missing or damaged, and with 1 where it could
// not do all for another reason: a permission, a disk or a network, say.
//
// # The recovery file
//
// What of a task is not in the bucket, as JSON, one document a line (see
// record.go): a vault, its Box users each followed by their snapshots, the
// contents in the order of SHA-1 and size, and an end that has the number of
// lines before it and the SHA-256 of all their bytes. The vault has the vault
// key in one of three ways:
//
//	plain       the key itself: whoever has the file and the bucket can read all
//	passphrase  sealed with AES-256-GCM (a nonce of 12 bytes first) and the key
//	            that Argon2id derives from the passphrase, with the time, memory
//	            in KiB, lanes and salt that are beside it, for the associated
//	            data "coffer recovery ACCOUNT TASK"
//	kms         as the product keeps it: the KMS key that it names opens it, with
//	            the encryption context of package vault
//
// The contents have their keys wrapped, as in package vault. A recovery file
// shows how things are when it is written: it knows nothing of later snapshots,
// and contents that expire after it can still be named but not read. Keep a
// new one after each backup that matters, apart from the bucket.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"coffer/shared/vault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		if ctx.Err() != nil { // Ctrl-C in the middle of something
			err = errors.New("stopped")
		}
		fmt.Fprintln(os.Stderr, "vault:", err)
		os.Exit(exitCode(err))
	}
}

// damagedError says that something stored is missing or damaged.
type damagedError string

func (e damagedError) Error() string { return string(e) }

// exitCode is what the program ends with after an error.
func exitCode(err error) int {
	if _, damaged := errors.AsType[damagedError](err); damaged || errors.Is(err, vault.ErrDamaged) {
		return 2
	}
	return 1
}

// options are what a person may choose.
type options struct {
	account, task    string
	settings         string // a file
	recovery, bucket string
	passphrase       string // a file
	plain, kms       bool
	to               string
	windows, json    bool
}

var errUsage = errors.New("say users, snapshots USER, ls USER SNAPSHOT [PATH], people [LIST -to FILE], verify, extract USER SNAPSHOT [PATH] -to DIR, or export FILE")

// command runs one command and prints to out. Options may stand anywhere.
func command(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("vault", flag.ContinueOnError)
	flags.StringVar(&o.account, "account", "", "the account, where the tables hold several")
	flags.StringVar(&o.task, "task", "", "the backup task, where the account has several")
	flags.StringVar(&o.settings, "settings", "", "a `file` with the settings of a function, as JSON")
	flags.StringVar(&o.recovery, "recovery", "", "a recovery `file`, to read without tables")
	flags.StringVar(&o.bucket, "bucket", "", "a `folder` with the bucket's objects, or s3://NAME")
	flags.StringVar(&o.passphrase, "passphrase", "", "a `file` with the passphrase of the recovery file")
	flags.BoolVar(&o.plain, "plain", false, "export the vault key as it is: the file must be kept like a key")
	flags.BoolVar(&o.kms, "kms", false, "export the vault key sealed by KMS, which is needed to read then")
	flags.StringVar(&o.to, "to", "", "the `folder` to extract to, new or empty, or the file of a list of people")
	flags.BoolVar(&o.windows, "windows", runtime.GOOS == "windows", "extract to names that Windows takes")
	flags.BoolVar(&o.json, "json", false, "answer in JSON, one document a line")
	var words []string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return err
		}
		if args = flags.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	if len(words) == 0 {
		return errUsage
	}
	s, err := open(ctx, o)
	if err != nil {
		return err
	}
	defer s.close()
	return run(ctx, s, o, words[0], words[1:], &printer{out: out, json: o.json})
}

func run(ctx context.Context, s *source, o options, verb string, words []string, p *printer) error {
	path := "/"
	if n := len(words); n == 3 {
		path = words[2]
	}
	switch n := len(words); {
	case verb == "users" && n == 0:
		return s.listUsers(ctx, p)
	case verb == "snapshots" && n == 1:
		return s.listSnapshots(ctx, p, words[0])
	case verb == "ls" && (n == 2 || n == 3):
		return s.list(ctx, p, words[0], words[1], path)
	case verb == "people" && n == 0:
		return s.listPeople(ctx, p)
	case verb == "people" && n == 1 && o.to != "":
		return s.extractPeople(ctx, p, words[0], o.to)
	case verb == "verify" && n == 0:
		return s.verify(ctx, p)
	case verb == "extract" && (n == 2 || n == 3) && o.to != "":
		return s.extract(ctx, p, extraction{user: words[0], snapshot: words[1], path: path, to: o.to, windows: o.windows})
	case verb == "export" && n == 1:
		return s.export(ctx, p, words[0], o)
	}
	return errUsage
}
