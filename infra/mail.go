package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"coffer/shared/env"
)

// sendsMail gives the right to send e-mail from the domain of the sender's
// address, which the operator has verified with SES in this region, and from
// that address alone.
func (f *function) sendsMail(how ...string) {
	from := f.region.settings.Mail
	_, domain, _ := strings.Cut(from, "@")
	f.allowIf(map[string]any{"StringEquals": map[string]any{"ses:FromAddress": from}}, actions("ses", how...),
		f.region.stack.FormatArn(&awscdk.ArnComponents{Service: new("ses"), Resource: new("identity"), ResourceName: &domain}))
	f.set(env.MailFrom, &from)
}
