package s3_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"coffer/scripts/local/s3"
)

func start(t *testing.T, dir string) (*s3.Process, *awss3.Client) {
	t.Helper()
	p, err := s3.Start(t.Context(), s3.Options{Dir: dir, Region: "eu-central-1", AccessKey: "local", SecretKey: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, client(p, "secret")
}

func client(p *s3.Process, secret string) *awss3.Client {
	return awss3.New(awss3.Options{
		Region: "eu-central-1", BaseEndpoint: &p.Endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("local", secret, ""),
	})
}

func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

func TestObjectsSurviveRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, c := start(t, dir)
	if _, err := c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: new("vault")}); err != nil {
		t.Fatal(err)
	}
	_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: new("vault"), Key: new("packs/a/t/1"), Body: strings.NewReader("0123456789"), IfNoneMatch: new("*"),
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, StorageClass: types.StorageClassGlacierIr,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	_, c = start(t, dir)
	out, err := c.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: new("vault"), Key: new("packs/a/t/1"), Range: new("bytes=2-5")})
	if err != nil {
		t.Fatal(err)
	}
	defer out.Body.Close()
	if b, err := io.ReadAll(out.Body); err != nil || string(b) != "2345" {
		t.Errorf("got %q, %v", b, err)
	}
}

func TestOneOfManyWritersWins(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	if _, err := c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: new("vault")}); err != nil {
		t.Fatal(err)
	}
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{
				Bucket: new("vault"), Key: new("x"), Body: strings.NewReader(fmt.Sprint(i)), IfNoneMatch: new("*"),
			})
			if err == nil {
				won.Add(1)
			} else if code(err) != "PreconditionFailed" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d writers won", won.Load())
	}
}

func TestWrongChecksumOrSecretIsRefused(t *testing.T) {
	t.Parallel()
	p, c := start(t, t.TempDir())
	if _, err := c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: new("vault")}); err != nil {
		t.Fatal(err)
	}
	_, err := c.PutObject(t.Context(), &awss3.PutObjectInput{
		Bucket: new("vault"), Key: new("x"), Body: strings.NewReader("x"), ChecksumSHA256: new("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
	})
	if err == nil {
		t.Error("an object with a wrong checksum was stored")
	}
	_, err = client(p, "wrong").PutObject(t.Context(), &awss3.PutObjectInput{Bucket: new("vault"), Key: new("x"), Body: strings.NewReader("x")})
	if code(err) != "SignatureDoesNotMatch" {
		t.Errorf("a wrong secret got %v", err)
	}
}

func TestLargeObjectIsCopiedAndDeleted(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	if _, err := c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: new("vault")}); err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("x"), 9<<20)
	if _, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: new("vault"), Key: new("x"), Body: bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CopyObject(t.Context(), &awss3.CopyObjectInput{Bucket: new("vault"), Key: new("y"), CopySource: new("vault/x")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteObject(t.Context(), &awss3.DeleteObjectInput{Bucket: new("vault"), Key: new("x")}); err != nil {
		t.Fatal(err)
	}
	list, err := c.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: new("vault")})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Contents) != 1 || *list.Contents[0].Key != "y" || *list.Contents[0].Size != int64(len(body)) {
		t.Errorf("the bucket holds %+v", list.Contents)
	}
}

func TestVersionsAreKept(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	if _, err := c.CreateBucket(t.Context(), &awss3.CreateBucketInput{Bucket: new("vault")}); err != nil {
		t.Fatal(err)
	}
	_, err := c.PutBucketVersioning(t.Context(), &awss3.PutBucketVersioningInput{
		Bucket: new("vault"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"1", "2"} {
		if _, err := c.PutObject(t.Context(), &awss3.PutObjectInput{Bucket: new("vault"), Key: new("x"), Body: strings.NewReader(body)}); err != nil {
			t.Fatal(err)
		}
	}
	versions, err := c.ListObjectVersions(t.Context(), &awss3.ListObjectVersionsInput{Bucket: new("vault"), MaxKeys: aws.Int32(10)})
	if err != nil {
		t.Fatal(err)
	}
	if len(versions.Versions) != 2 {
		t.Errorf("the bucket holds %d versions", len(versions.Versions))
	}
}

func TestTakenPortIsOneSentence(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = s3.Start(t.Context(), s3.Options{Dir: t.TempDir(), Port: port, AccessKey: "a", SecretKey: "b"})
	if want := fmt.Sprintf("S3: port %d is taken by another program", port); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
