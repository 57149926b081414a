// Command gateway is the S3 server of the local cloud: versitygw on a folder.
// It is a process of its own because versitygw makes the folder that it serves
// the working directory of its whole process, and because linking it into
// every test binary would cost each of them seconds. The module's tool list
// names it, so the go command builds it once and keeps it.
//
//	gateway -addr 127.0.0.1:7070 -region us-east-1 -objects DIR -versions DIR
//
// The environment's AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are the only
// identity that it accepts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:7070", "loopback address to listen on")
	region := flag.String("region", "us-east-1", "region that requests are signed for")
	objects := flag.String("objects", "", "absolute `folder` of the buckets")
	versions := flag.String("versions", "", "absolute `folder` of older versions, outside the buckets' folder")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *addr, *region, *objects, *versions); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, addr, region, objects, versions string) error {
	if ap, err := net.ResolveTCPAddr("tcp", addr); err != nil || !ap.IP.IsLoopback() {
		return fmt.Errorf("%s is not a loopback address", addr)
	}
	be, err := posix.New(objects, meta.XattrMeta{}, posix.PosixOpts{
		VersioningDir:       versions,
		CopyObjectThreshold: 5 << 30, // S3's own; 0 would refuse every copy
		DataIntegrityEtag:   true,    // no MD5, as S3 has none of what is encrypted with a KMS key
	})
	if err != nil {
		return fmt.Errorf("folder %s: %w", objects, err)
	}
	err = embedgw.RunVersityGW(ctx, be, &embedgw.Config{
		RootUserAccess:    os.Getenv("AWS_ACCESS_KEY_ID"),
		RootUserSecret:    os.Getenv("AWS_SECRET_ACCESS_KEY"),
		Region:            region,
		Ports:             []string{addr},
		MaxConnections:    1 << 14,
		MaxRequests:       1 << 12,
		MultipartMaxParts: 10_000,
		KeepAlive:         true,
		Quiet:             true,
		HealthPath:        "/health",
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
