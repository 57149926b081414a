// Package bucket keeps a vault's objects in an S3 bucket. Objects are written
// once: a second, different write under a key is refused by S3 itself, and an
// equal one counts as done, so that a write may be repeated after a lost
// answer.
//
// Every write carries a SHA-256 that S3 checks and keeps. Objects under packs/
// go to Glacier Instant Retrieval, all others to Standard.
package bucket

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"coffer/shared/backup"
)

// Bucket is an S3 bucket of vaults.
type Bucket struct {
	client *s3.Client
	name   string
}

// New returns the bucket of that name.
func New(cfg aws.Config, name string) *Bucket {
	return &Bucket{name: name, client: s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.DisableLogOutputChecksumValidationSkipped = true // ranges never have one; the vault authenticates all it reads
	})}
}

// Put stores size bytes of body, whose SHA-256 is sum, under a new key. An
// equal object that is there already is success, a different one a Conflict.
func (b *Bucket) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, sum [sha256.Size]byte) error {
	class := types.StorageClassStandard
	if strings.HasPrefix(key, "packs/") {
		class = types.StorageClassGlacierIr
	}
	want := base64.StdEncoding.EncodeToString(sum[:])
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, Body: body, ContentLength: &size,
		ChecksumSHA256: &want, IfNoneMatch: aws.String("*"), StorageClass: class,
	}, s3.WithAPIOptions(v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)) // what is signed has the checksum
	if status(err) != http.StatusPreconditionFailed {
		return wrap(err, "store object %s", key)
	}
	head, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return fmt.Errorf("compare object %s: %w", key, err)
	}
	if aws.ToString(head.ChecksumSHA256) != want || aws.ToInt64(head.ContentLength) != size {
		return backup.Errorf(backup.Conflict, "A different object is stored under this name already.")
	}
	return nil
}

// Get streams length bytes of an object from offset on, or all the rest where
// length is negative. The error matches fs.ErrNotExist where there is no such
// object.
func (b *Bucket) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &b.name, Key: &key}
	switch {
	case length == 0:
		return io.NopCloser(strings.NewReader("")), nil
	case length > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	out, err := b.client.GetObject(ctx, in)
	switch status(err) {
	case http.StatusNotFound:
		return nil, fmt.Errorf("object %s: %w", key, fs.ErrNotExist)
	case http.StatusRequestedRangeNotSatisfiable:
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", key, err)
	}
	return out.Body, nil
}

// Delete removes an object; one that is not there is no error.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key})
	return wrap(err, "delete object %s", key)
}

// List calls visit for every object whose key begins with prefix, in the order
// of the keys.
func (b *Bucket) List(ctx context.Context, prefix string, visit func(key string, size int64, modified time.Time) error) error {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list objects %s: %w", prefix, err)
		}
		for _, o := range page.Contents {
			if err := visit(aws.ToString(o.Key), aws.ToInt64(o.Size), aws.ToTime(o.LastModified)); err != nil {
				return err
			}
		}
	}
	return nil
}

// status is the HTTP status that S3 answered an error with, or 0.
func status(err error) int {
	if e, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return e.HTTPStatusCode()
	}
	return 0
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
