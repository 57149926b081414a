package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// verify reads everything and prints what is damaged. It is an error where
// anything is, and another one where something could not be read.
func (s *source) verify(ctx context.Context, p *printer) error {
	report, unread := s.Whole(ctx)
	if unread != nil && len(report.Damaged) == 0 {
		return unread
	}
	var text strings.Builder
	for _, d := range report.Damaged {
		fmt.Fprintf(&text, "Damaged: %s %s: %s\n", d.Kind, d.Name, d.Reason)
		for _, t := range d.Touched {
			fmt.Fprintf(&text, "  Box user %s (%s), snapshots", t.BoxUser, shown(t.Login))
			for _, shot := range t.Snapshots {
				fmt.Fprintf(&text, " %s", shot)
			}
			text.WriteString("\n")
			for _, file := range t.Files {
				fmt.Fprintf(&text, "    %s\n", shown(file))
			}
		}
	}
	if unread == nil {
		fmt.Fprintf(&text, "%d contents of %d bytes in %d packs of %d bytes were decrypted and compared with their SHA-1; %d snapshots of %d Box users were compared with them; %d lists of people were read.\n",
			report.Contents, report.Bytes, report.Packs, report.Stored, report.Snapshots, report.Users, report.Lists)
	}
	if err := p.print(report, "%s", text.String()); err != nil {
		return err
	}
	if n := len(report.Damaged); n > 0 {
		damaged := damagedError(fmt.Sprintf("%d stored objects, contents or snapshots are damaged", n))
		if unread != nil {
			return errors.Join(damaged, fmt.Errorf("not all could be read: %w", unread))
		}
		return damaged
	}
	return nil
}
