package child

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Answers waits until an HTTP server that the child runs answers at url,
// whatever it answers. It returns an error as soon as the child has ended.
func (p *Process) Answers(ctx context.Context, url string) error {
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			return res.Body.Close()
		}
		select {
		case <-p.done:
			if last := p.Last(); last != "" {
				return errors.New(last)
			}
			return fmt.Errorf("it ended at once (%w)", p.err)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer (%w)", ctx.Err())
		case <-poll.C:
		}
	}
}
