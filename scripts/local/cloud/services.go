package cloud

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/sync/errgroup"

	"coffer/scripts/local/dynamodb"
	"coffer/scripts/local/fault"
	"coffer/scripts/local/kms"
	"coffer/scripts/local/loopback"
	"coffer/scripts/local/rights"
	"coffer/scripts/local/s3"
	"coffer/scripts/local/secrets"
	"coffer/scripts/local/ses"
	"coffer/scripts/local/sqs"
)

// services are AWS's services as far as the product needs them.
type services struct {
	AWS aws.Config // finds them

	endpoints endpoints
	between   endpoints // addresses that lead the functions through what stands between
	access    string
	secret    string
	database  *dynamodb.Process
	objects   *s3.Process
	sqs       *sqs.Server
	kms       *kms.Server
	mailbox   http.Handler
	guard     *rights.Guard
	closers   []func()
}

// endpoints are the services' addresses by their SDK ids. They are a source of
// the SDK's configuration, as environment variables would be.
type endpoints map[string]string

// GetServiceBaseEndpoint implements the SDK's lookup. A service that is not
// here is never looked for elsewhere.
func (e endpoints) GetServiceBaseEndpoint(_ context.Context, id string) (string, bool, error) {
	url, ok := e[id]
	if !ok {
		return "", false, fmt.Errorf("the local cloud has no %s", id)
	}
	return url, true, nil
}

// startServices starts the services on their part of the state.
func startServices(ctx context.Context, opt Options) (_ *services, err error) {
	s := &services{
		endpoints: endpoints{}, access: "local", secret: rand.Text(),
		guard: &rights.Guard{Place: rights.Place{Region: opt.Region, Account: account}},
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := s.startSmall(opt); err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx) // the two processes take seconds to start
	group.Go(func() (err error) {
		dir := opt.State.Path("dynamodb")
		if opt.Volatile {
			dir = ""
		}
		s.database, err = dynamodb.Start(ctx, dynamodb.Options{Dir: dir, Temp: opt.State.Path("dynamodb.tmp")})
		return err
	})
	group.Go(func() (err error) {
		s.objects, err = s3.Start(ctx, s3.Options{
			Dir: opt.State.Path("s3"), Region: opt.Region, AccessKey: s.access, SecretKey: s.secret,
			Command: []string{filepath.Join(opt.Build, "s3")},
		})
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	s.endpoints["DynamoDB"], s.endpoints["S3"] = s.database.Endpoint, s.objects.Endpoint
	if err := s.interpose(opt); err != nil {
		return nil, err
	}
	s.AWS = aws.Config{
		Region:        opt.Region,
		Credentials:   credentials.NewStaticCredentialsProvider(s.access, s.secret, ""),
		ConfigSources: []any{s.endpoints},
		ServiceOptions: []func(string, any){func(_ string, o any) {
			if o, ok := o.(*ddb.Options); ok {
				o.DisableValidateResponseChecksum = true // DynamoDB Local's is wrong on every error, and the SDK logs that
			}
		}},
	}
	return s, nil
}

// startSmall starts the services that run in this process.
func (s *services) startSmall(opt Options) error {
	var err error
	if s.sqs, err = sqs.New(sqs.Options{Dir: opt.State.Path("sqs"), Region: opt.Region}); err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = s.sqs.Close() })
	if s.kms, err = kms.New(kms.Options{Dir: opt.State.Path("kms"), Region: opt.Region}); err != nil {
		return err
	}
	vault, err := secrets.New(secrets.Options{Dir: opt.State.Path("secrets"), Region: opt.Region})
	if err != nil {
		return err
	}
	mail, err := ses.New(ses.Options{Dir: opt.State.Path("mail")})
	if err != nil {
		return err
	}
	s.mailbox = mail.Mailbox()
	for id, handler := range map[string]http.Handler{"SQS": s.sqs, "KMS": s.kms, "Secrets Manager": vault, "SESv2": mail} {
		server, err := loopback.Serve("127.0.0.1:0", handler)
		if err != nil {
			return err
		}
		s.endpoints[id] = server.URL
		s.closers = append([]func(){func() { _ = server.Close() }}, s.closers...) // before what it serves
	}
	return nil
}

// interpose lets the functions reach the services through what refuses them what
// they may not do, and whatever else the options put between. Measurements do
// without the former, which would count as the functions' own work.
func (s *services) interpose(opt Options) error {
	through := opt.Through
	switch {
	case opt.Tally != nil:
		through = func(id, address string) (http.Handler, error) { return opt.Tally.Through(id, address), nil }
	case through == nil:
		direct := &fault.Transport{
			Base:   &http.Transport{MaxIdleConnsPerHost: 100, DisableCompression: true},
			Choose: func(*http.Request) fault.Fate { return fault.Pass },
		}
		through = func(_, address string) (http.Handler, error) { return direct.Proxy(address) }
	}
	s.between = endpoints{}
	for id, address := range s.endpoints {
		handler, err := through(id, address)
		if err != nil {
			return err
		}
		if opt.Tally == nil {
			handler = s.guard.Before(id, handler)
		}
		server, err := loopback.Serve("127.0.0.1:0", handler)
		if err != nil {
			return err
		}
		s.between[id] = server.URL
		s.closers = append([]func(){func() { _ = server.Close() }}, s.closers...)
	}
	return nil
}

func (s *services) close() {
	for _, f := range s.closers {
		f()
	}
	if s.objects != nil {
		s.objects.Close()
	}
	if s.database != nil {
		s.database.Close()
	}
}

// environment is what every function gets besides the template's settings: on
// AWS, Lambda gives region and credentials.
func (s *services) environment(region string) map[string]string {
	out := map[string]string{
		"AWS_REGION": region, "AWS_DEFAULT_REGION": region,
		"AWS_ACCESS_KEY_ID": s.access, "AWS_SECRET_ACCESS_KEY": s.secret,
	}
	for id, url := range s.endpoints {
		if through, ok := s.between[id]; ok {
			url = through
		}
		out["AWS_ENDPOINT_URL_"+strings.ToUpper(strings.ReplaceAll(id, " ", "_"))] = url
	}
	return out
}

func (s *services) queueURL(name string) string {
	return s.endpoints["SQS"] + "/" + account + "/" + name
}

func (s *services) sqsClient() *awssqs.Client { return awssqs.NewFromConfig(s.AWS) }
