package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"time"

	"coffer/scripts/demo"
	"coffer/scripts/local/cloud"
	"coffer/scripts/local/statefile"
)

// The demo enterprise.
const (
	demoUsers = 12
	demoFiles = 50 // about, of each user
)

func newPerson(company string) demo.Person {
	return demo.Person{Email: "admin@northwind.example", Password: rand.Text(), Name: "Demo Administrator", Company: company}
}

// run starts Coffer, makes a first backup if there is none, and stays up until
// it is interrupted.
func run(ctx context.Context, s settings) error {
	begin := time.Now()
	m, err := start(ctx, options{settings: s, users: demoUsers, files: demoFiles, log: os.Stdout})
	if err != nil {
		return err
	}
	defer m.close()
	path := m.state.Path(demo.VisitorFile)
	var v demo.Visitor
	if err := statefile.Load(path, &v); err != nil {
		return err
	}
	if v.Email == "" {
		v.Person = newPerson("Northwind Optics")
		if err := statefile.Save(path, v); err != nil {
			return err
		}
	}
	for _, w := range m.cloud.Warnings {
		fmt.Println("Note:", w)
	}
	fmt.Printf("Coffer is ready after %.1f s.\n\n", time.Since(begin).Seconds())
	if !v.Done {
		if err := firstBackup(ctx, m, &v, path); err != nil {
			return err
		}
	}
	fmt.Printf(`
  Portal and API   %s
  Mailbox          %s%s
  Simulated Box    %s
  State            %s

  Sign in as       %s
  with password    %s

Ctrl-C stops Coffer; the next start goes on from here.
`, m.portal, m.portal, cloud.MailPath, m.box, m.state.Dir, v.Email, v.Password)
	select {
	case <-ctx.Done():
		fmt.Println("\nStopping.")
		return nil
	case err := <-m.cloud.Broken():
		return err
	}
}

// firstBackup does what a new customer does, and goes on where an earlier start
// was interrupted.
func firstBackup(ctx context.Context, m *machine, v *demo.Visitor, path string) error {
	p := demo.NewPortal(m.portal)
	if p.SignIn(ctx, v.Person) != nil { // not signed up yet
		fmt.Println("Signing up and following the link in the activation mail.")
		if err := p.SignUp(ctx, v.Person, cloud.MailPath); err != nil {
			return err
		}
	}
	if v.Task == "" {
		fmt.Println("Connecting the demo enterprise.")
		t, err := p.Connect(ctx, "Northwind Optics", m.administrator(), len(m.people))
		if err != nil {
			return err
		}
		v.Task = t.ID
		if err := statefile.Save(path, v); err != nil {
			return err
		}
	}
	if err := p.Activate(ctx, v.Task); err != nil {
		return err
	}
	fmt.Println("Backing up for the first time.")
	rows, err := p.BackUp(ctx, v.Task, nil)
	if err != nil {
		return err
	}
	fmt.Println()
	if err := demo.Print(os.Stdout, rows); err != nil {
		return err
	}
	v.Done = true
	return statefile.Save(path, v)
}
